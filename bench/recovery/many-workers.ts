/** Very many workers after a restart: those that rest, and those that were in the midst of something. */
import { readdirSync, readFileSync } from "node:fs";
import { compile, instantiate, prepareComponent } from "../../packages/component/src/index.ts";
import type { CoreExports } from "../../packages/component/src/canonical/webassembly.ts";
import { WebAssembly } from "../../packages/component/src/canonical/webassembly.ts";
import type { Imports } from "../../packages/component/src/index.ts";
import { collectByShare, collectGarbage } from "../../packages/server/src/platform/garbage.ts";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, note, numberOption, progress, row, sized } from "../harness/report.ts";
import { median, milliseconds, summary } from "../harness/statistics.ts";
import { load } from "../http/load.ts";

const clients = 64;
const each = Math.ceil(numberOption("workers", sized(10_000, 500)) / clients);
const count = each * clients;
const interrupted = Math.ceil(sized(2000, 100) / clients);
const rounds = sized(3, 1);

interface Server {
  readonly server: TestServer;
  readonly component: string;
}

interface Calls {
  /** What names of workers begin with. */
  readonly prefix: string;
  readonly workersEach: number;
  readonly callsEach?: number;
  readonly call: string;
  readonly body: string;
}

function callAll({ server, component }: Server, calls: Calls): ReturnType<typeof load> {
  const { prefix, workersEach, callsEach = 1, call, body } = calls;
  return load({
    url: server.url,
    clients,
    callsEach: workersEach * callsEach,
    path: (of, number) => `/v1/components/${component}/workers/${prefix}${of}-${number % workersEach}/${call}`,
    body,
  });
}

const add = { call: "invoke-and-await?function=add", body: '{"params":[1]}' };

/** What the threads of the process have run, in milliseconds, by their names. */
function threadTimes({ processId }: TestServer): ReadonlyMap<string, number> {
  const folder = `/proc/${processId}/task`;
  const times = new Map<string, number>();
  for (const thread of readdirSync(folder)) {
    const stat = readFileSync(`${folder}/${thread}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    times.set(name, (times.get(name) ?? 0) + ticks * 10);
  }
  return times;
}

/** The first call of each of the workers after a restart. */
async function callAfterRestart(measured: Server): Promise<void> {
  const [starts, answers, all]: [number[], number[], number[]] = [[], [], []];
  const used: ReadonlyMap<string, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await measured.server.kill();
    const start = await milliseconds(() => measured.server.start());
    const before = threadTimes(measured.server);
    const answer = await milliseconds(() => callAll(measured, { prefix: "w", workersEach: each, ...add }));
    starts.push(start);
    answers.push(answer);
    all.push(start + answer);
    const after = threadTimes(measured.server);
    used.push(new Map([...after].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)])));
  }
  const common = { subject: "Emet", unit: "ms" } as const;
  const many = count.toLocaleString("en");
  const goal = { atMost: 5000 };
  row({ ...common, measure: `${many} workers have answered, from the start of the process`, ...summary(all), goal });
  row({ ...common, measure: "of it until the server listens", ...summary(starts) });
  row({ ...common, measure: `of it ${many} calls`, ...summary(answers) });
  const perWorker = { ...common, chart: "threads" } as const;
  const threads = { "executor-0": "the executor", storage: "the storage thread", "node-MainThread": "the main thread" };
  for (const [name, who] of Object.entries(threads)) {
    const times = used.map((one) => (one.get(name) ?? 0) / count);
    row({ ...perWorker, measure: `processor time for each worker: ${who}`, median: median(times) });
  }
  const engine = used.map((one) => (one.get("node-V8Worker") ?? one.get("V8Worker") ?? 0) / count);
  row({ ...perWorker, measure: "processor time for each worker: the engine's own threads", median: median(engine) });
}

const nothing = (): number => 0;

/** What a core module imports: memories and the like of those before it, and functions that do nothing. */
function importsFrom(exports: CoreExports): { readonly [module: string]: CoreExports } {
  const named = new Proxy({}, { get: (_, name) => exports[String(name)] ?? nothing });
  return new Proxy({}, { get: () => named });
}

const refusing: Imports = { instance: () => undefined, missing: () => ({ kind: "sync", call: nothing }) };

/** What remains when everything but the engine's and the runtime's part is taken away. */
async function floor(): Promise<void> {
  const component = await compile(prepareComponent(await textGuest("ledger")));
  collectByShare();
  // Half of the memories that there is room for, those of the round before among them.
  const instances = Math.min(count, 4000);
  const [bare, runtime]: [number[], number[]] = [[], []];
  const inLoop = async (make: () => unknown): Promise<number> => {
    collectGarbage();
    const made: unknown[] = [];
    const makeAll = async (): Promise<void> => {
      for (let one = 0; one < instances; one += 1) made.push(await make());
    };
    return (await milliseconds(makeAll)) / instances;
  };
  const instantiateModules = (): readonly CoreExports[] => {
    const made: CoreExports[] = [];
    for (const { module } of component.modules) {
      made.push(new WebAssembly.Instance(module, importsFrom(made.at(-1) ?? {})).exports);
    }
    return made;
  };
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await inLoop(instantiateModules));
    runtime.push(await inLoop(() => instantiate(component, refusing)));
  }
  const perWorker = { subject: "Emet", unit: "ms", chart: "threads" } as const;
  row({ ...perWorker, measure: "the floor: core instances alone, in a loop", ...summary(bare) });
  row({ ...perWorker, measure: "the component runtime alone, in a loop", ...summary(runtime) });
}

/** Calls of workers that rest, while those that were in the midst of something are recovered. */
async function callWhileOthersRecover(measured: Server): Promise<void> {
  const [medians, worst]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const prefix = `sleeper${round}-`;
    await callAll(measured, {
      prefix,
      workersEach: interrupted,
      call: "invoke?function=sleep",
      body: '{"params":[60000]}',
    });
    await measured.server.restart();
    const { medianMs, p99Ms } = await callAll(measured, { prefix: "w", workersEach: 5, ...add });
    medians.push(medianMs);
    worst.push(p99Ms);
  }
  row({
    measure: `a call while ${(interrupted * clients).toLocaleString("en")} interrupted workers are recovered`,
    subject: "Emet",
    unit: "ms",
    median: median(medians),
    p99: median(worst),
    chart: "calls",
  });
}

export async function manyWorkers(): Promise<void> {
  family(
    "recovery-many",
    "Recovery of many workers",
    `${count.toLocaleString("en")} workers of a small component, each with three invocations. The server is killed and ` +
      `started again, and ${clients} clients call each of them once. Workers that were in the midst of something go on ` +
      "by themselves, the hottest first; those that rest come when they are called.",
  );
  await using server = await TestServer.start({ flags: ["--loaded-workers-max", "12000"] });
  const component = await new Client(() => server.url).upload("ledger", await textGuest("ledger"));
  const measured = { server, component };
  progress(`${count} workers`);
  await callAll(measured, { prefix: "w", workersEach: each, callsEach: 3, ...add });
  await callAfterRestart(measured);
  await floor();
  await callWhileOthersRecover(measured);
  note("The clients take their part of the same processors.");
}
