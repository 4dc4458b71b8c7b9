/**
 * Calls through the component runtime against the same calls through jco, in one run:
 * `node --conditions=source bench/component/calls.ts`
 */
import { compile, decode, hostInstances, instantiate, withoutRewriting } from "@emet/component";
import type { ExportedFunction, FuelHooks, HostFunction, Imports, Instance, Value } from "@emet/component";
import { guestBytes } from "./guest.ts";
import { transpileGuest } from "./jco-guest.ts";
import { family, note, progress, row, sized } from "../harness/report.ts";
import type { Goal } from "../harness/row.ts";
import { compare } from "./measure.ts";
import type { Work } from "./measure.ts";

const datetime = { seconds: 1_763_000_000n, nanoseconds: 5 };
const now = (): unknown => datetime;
const nowLater = (): unknown => Promise.resolve(datetime);

const bytes = await guestBytes();
const component = await compile(withoutRewriting(decode(bytes), bytes));

function imports(clock: HostFunction): Imports {
  return {
    instance: hostInstances({ "wasi:clocks/wall-clock@0.2.0": { functions: { now: clock }, resources: {} } }),
    missing: ({ name }) => ({ kind: "sync", call: () => Promise.reject(new Error(`missing ${name}`)) }),
  };
}

function exported(instance: Instance, name: string): ExportedFunction {
  const found = instance.function(undefined, name);
  if (found === undefined) throw new Error(`the guest has no export ${name}`);
  return found;
}

const plain = await instantiate(component, imports({ kind: "sync", call: now }));
const suspending = await instantiate(component, imports({ kind: "suspending", call: now }));
const later = await instantiate(component, imports({ kind: "suspending", call: nowLater }));
const jcoSync = await transpileGuest(bytes, "sync");
const jcoJspi = await transpileGuest(bytes, "jspi");
const sync = await jcoSync(now);
const jspi = await jcoJspi(now);
const jspiLater = await jcoJspi(nowLater);

const short = "hello world";
const long = "a somewhat longer text with a ☃ in it, ".repeat(25);
const item = ["a thing", 3, 1.5];

function loopSync(instance: Instance, name: string, parameter: Value): Work {
  const call = exported(instance, name);
  const parameters = [parameter];
  return (count) => {
    for (let index = 0; index < count; index++) call.callSync(parameters);
  };
}

function loop(instance: Instance, name: string, parameter: Value): Work {
  const call = exported(instance, name);
  const parameters = [parameter];
  return async (count) => {
    for (let index = 0; index < count; index++) await call.call(parameters);
  };
}

function jcoLoopSync<Parameter>(call: (parameter: Parameter) => unknown, parameter: Parameter): Work {
  return (count) => {
    for (let index = 0; index < count; index++) call(parameter);
  };
}

function jcoLoop<Parameter>(call: (parameter: Parameter) => unknown, parameter: Parameter): Work {
  return async (count) => {
    for (let index = 0; index < count; index++) await call(parameter);
  };
}

family(
  "component",
  "Calls through the component runtime",
  "The same component, the same calls and the same host functions, in one process: our runtime without durability beside the JavaScript that jco generates. Medians of 15 rounds, which alternate.",
);

interface Comparison {
  readonly what: string;
  readonly goal?: Goal;
  readonly design?: string;
  /** How many times better than jco it has to be. */
  readonly timesBetter?: number;
  readonly chart?: string;
}

async function measure(
  { what, goal, design, timesBetter, chart = "" }: Comparison,
  count: number,
  works: readonly Work[],
): Promise<void> {
  progress(what);
  const [emet = NaN, jco = NaN] = await compare(works, sized(count, Math.ceil(count / 10)));
  const designed = design === undefined ? {} : { design };
  const shared = { measure: what, unit: "ms", ...(chart !== "" && { chart }) } as const;
  row({ ...shared, subject: "Emet", median: emet, ...designed, ...(goal !== undefined && { goal }) });
  row({ ...shared, subject: "jco", median: jco });
  if (timesBetter === undefined) return;
  const ratio = { measure: `${what}: jco / Emet`, unit: "×", chart: "" } as const;
  row({ ...ratio, subject: "Emet", median: jco / emet, ...designed, goal: { atLeast: timesBetter } });
}

const calls = "Calls of exported functions";
await measure(
  {
    what: "echo, 11 characters, JSPI",
    design: "export call without durability",
    goal: { atMost: 0.001 },
    timesBetter: 5,
    chart: calls,
  },
  10_000,
  [loop(suspending, "echo", short), jcoLoop(jspi.echo, short)],
);
await measure({ what: "echo, 11 characters, sync", chart: calls }, 20_000, [
  loopSync(plain, "echo", short),
  jcoLoopSync(sync.echo, short),
]);
await measure({ what: "echo, 975 characters, JSPI", chart: calls }, 5000, [
  loop(suspending, "echo", long),
  jcoLoop(jspi.echo, long),
]);
await measure({ what: "echo, 975 characters, sync", chart: calls }, 5000, [
  loopSync(plain, "echo", long),
  jcoLoopSync(sync.echo, long),
]);
await measure({ what: "tuple of three, JSPI", chart: calls }, 5000, [
  loop(suspending, "describe", item),
  jcoLoop(jspi.describe, item),
]);
await measure({ what: "tuple of three, sync", chart: calls }, 5000, [
  loopSync(plain, "describe", item),
  jcoLoopSync(sync.describe, item),
]);

const clockReads = (instance: Instance): Work => {
  const call = exported(instance, "read-clock");
  return (count) => call.call([count]);
};
const importCalls = "Calls of imported functions";
await measure({ what: "import call, sync host function", goal: { atMost: 0.0001 }, chart: importCalls }, 50_000, [
  clockReads(plain),
  (count) => sync.readClock(count),
]);
await measure(
  { what: "import call, suspending, value at hand", goal: { atMost: 0.0004 }, timesBetter: 30, chart: importCalls },
  10_000,
  [clockReads(suspending), (count) => jspi.readClock(count)],
);
await measure({ what: "import call, suspending, promise", chart: importCalls }, 5000, [
  clockReads(later),
  (count) => jspiLater.readClock(count),
]);

const wanted = imports({ kind: "sync", call: now });
const hooks: FuelHooks = { slice: 1_000_000, tick: () => 0, wait: () => false };
await measure(
  { what: `instantiation, ${(bytes.length / 1024).toFixed(0)} KB`, goal: { atMost: 2 }, chart: "Instantiation" },
  50,
  [
    async (count) => {
      for (let index = 0; index < count; index++) await instantiate(component, wanted, { fuel: hooks });
    },
    async (count) => {
      for (let index = 0; index < count; index++) await jcoJspi(now);
    },
  ],
);
note(
  "The same: component, parameters, host function, process, core modules compiled beforehand. Not the same: at the instantiation ours sets up fuel, which jco has none of.",
);
