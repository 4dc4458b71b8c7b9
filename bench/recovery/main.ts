/**
 * How long it takes until workers are there again: `node --conditions=source bench/recovery/main.ts [--workers=10000]`.
 * Each time the server is killed by SIGKILL and started again over the same data.
 */
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, note, numberOption, progress, row, sized } from "../harness/report.ts";
import { milliseconds, summary } from "../harness/statistics.ts";
import { load } from "../http/load.ts";
import { clockReader } from "./guest.ts";

const rounds = sized(5, 2);
const clients = 64;
let others = 0;
const withoutSnapshots = ["--no-memory-snapshots"];

async function metric({ url }: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

interface Recovered {
  readonly server: TestServer;
  /** Calls the worker whose recovery is measured. */
  readonly call: () => Promise<unknown>;
  /** Calls another worker of the same component, so that it is there. */
  readonly callOther: () => Promise<unknown>;
  readonly goal: { readonly atMost: number };
}

/** What the load takes by the server's own measure, and the answer of the first call. */
async function recover(records: string, { server, call, callOther, goal }: Recovered): Promise<void> {
  // A worker that rests is saved within a second or two.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  for (const [subject, flags] of [
    ["Emet", []],
    ["Emet, without snapshots", withoutSnapshots],
  ] as const) {
    const answers: number[] = [];
    const loads: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await server.restart(flags);
      await callOther();
      const before = await metric(server, "emet_load_duration_seconds_sum");
      answers.push(await milliseconds(call));
      loads.push(((await metric(server, "emet_load_duration_seconds_sum")) - before) * 1000);
    }
    const goals = subject === "Emet";
    row({ measure: `load, ${records}`, subject, unit: "ms", ...summary(loads), ...(goals && { goal }) });
    row({
      measure: `first answer, ${records}`,
      subject,
      unit: "ms",
      ...summary(answers),
      ...(goals && { goal: { atMost: 50 } }),
    });
  }
}

async function oneInvocation(): Promise<void> {
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const component = await client.upload("clock-reader", await clockReader());
  const worker = client.worker(component, "w");
  const reads = sized(1_000_000, 50_000);
  progress(`recording ${reads} clock reads`);
  await worker.invoke("read", [reads]);
  await worker.invoke("read", [1]);
  await recover(`1 invocation of ${reads.toLocaleString("en")} records`, {
    server,
    call: () => worker.invoke("read", [1]),
    callOther: () => client.worker(component, `other-${(others += 1)}`).invoke("read", [1]),
    goal: { atMost: 20 },
  });
}

/** Many invocations over one connection. */
async function invokeOften(server: TestServer, component: string, count: number): Promise<void> {
  const size = 10_000;
  for (let from = 0; from < count; from += size) {
    const lines = Array.from(
      { length: Math.min(size, count - from) },
      (_, index) => `${JSON.stringify({ id: from + index, worker: "w", function: "add", params: [1] })}\n`,
    );
    const response = await fetch(`${server.url}/v1/components/${component}/invocations`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines.join(""),
    });
    const answers = (await response.text()).trim().split("\n");
    if (answers.length !== lines.length) throw new Error(`${answers.length} answers: ${answers.at(-1)}`);
  }
}

async function manyInvocations(): Promise<void> {
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const component = await client.upload("ledger", await textGuest("ledger"));
  const worker = client.worker(component, "w");
  const invocations = sized(500_000, 20_000);
  progress(`${invocations} invocations`);
  await invokeOften(server, component, invocations);
  await recover(`${invocations.toLocaleString("en")} invocations of 2 records`, {
    server,
    call: () => worker.invoke("sum"),
    callOther: () => client.worker(component, `other-${(others += 1)}`).invoke("sum"),
    goal: { atMost: 20 },
  });
}

async function manyWorkers(): Promise<void> {
  const count = numberOption("workers", sized(10_000, 500));
  await using server = await TestServer.start({ flags: ["--loaded-workers-max", "12000"] });
  const client = new Client(() => server.url);
  const component = await client.upload("ledger", await textGuest("ledger"));
  const callAll = (callsEach: number): Promise<unknown> =>
    load({
      url: server.url,
      clients,
      callsEach: Math.ceil(count / clients) * callsEach,
      path: (of, call) =>
        `/v1/components/${component}/workers/w${of}-${call % Math.ceil(count / clients)}/invoke-and-await?function=add`,
      body: '{"params":[1]}',
    });
  progress(`${count} workers`);
  await callAll(3);
  const taken: number[] = [];
  for (let round = 0; round < sized(3, 1); round += 1) {
    await server.kill();
    const startAndCall = async (): Promise<void> => {
      await server.start();
      await callAll(1);
    };
    taken.push(await milliseconds(startAndCall));
  }
  row({
    measure: `all of ${count.toLocaleString("en")} workers have answered, from the start of the process`,
    subject: "Emet",
    unit: "ms",
    ...summary(taken),
    goal: { atMost: 5000 },
    chart: "",
  });
}

family(
  "recovery",
  "Recovery",
  "A worker that had rested for three seconds after its server was killed and started again, in a process in which another worker of the component was called before. " +
    "The load is measured by the server: from the read of the oplog to the end of the replay. The answer is that of the first call over HTTP, which is on disk.",
);
await oneInvocation();
await manyInvocations();
await manyWorkers();
note("Without memory snapshots everything is replayed; what is on disk is the same in both cases.");
