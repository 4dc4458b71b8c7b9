/** One worker with a long history. */
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, note, progress, row, sized } from "../harness/report.ts";
import { milliseconds, summary } from "../harness/statistics.ts";
import { clockReader } from "./guest.ts";
import { metric } from "./metric.ts";

const recordedMost = sized(1_000_000, 50_000);
let others = 0;

const variants = [
  { subject: "Emet", flags: [], isGoal: true, rounds: sized(5, 2) },
  { subject: "Emet, without snapshots", flags: ["--no-memory-snapshots"], isGoal: false, rounds: 1 },
] as const;

interface Recovered {
  readonly server: TestServer;
  /** Calls the worker whose recovery is measured. */
  readonly call: () => Promise<unknown>;
  /** Calls another worker of the same component, so that it is there. */
  readonly callOther: () => Promise<unknown>;
}

/** What the load takes by the server's own measure, and the answer of the first call. */
async function recover(records: string, { server, call, callOther }: Recovered): Promise<void> {
  // A worker that rests is saved within a second or two.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  for (const { subject, flags, isGoal, rounds } of variants) {
    const [answers, loads, firstAnswers]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round += 1) {
      await server.restart(flags);
      await callOther();
      const before = await metric(server, "emet_load_duration_seconds_sum");
      answers.push(await milliseconds(call));
      loads.push(((await metric(server, "emet_load_duration_seconds_sum")) - before) * 1000);
      if (!isGoal) continue;
      await server.restart(flags);
      firstAnswers.push(await milliseconds(call));
    }
    const recovery = { goal: { atMost: 20 }, design: "recovery of a worker with 1,000,000 records and a snapshot" };
    row({ measure: `load, ${records}`, subject, unit: "ms", ...summary(loads), ...(isGoal && recovery) });
    const answered = isGoal && { goal: { atMost: 50 } };
    row({ measure: `its first answer, ${records}`, subject, unit: "ms", ...summary(answers), ...answered });
    if (!isGoal) continue;
    const measure = `the first answer of the process, ${records}`;
    row({ measure, subject, unit: "ms", ...summary(firstAnswers), ...answered });
  }
}

function begin(id: string, title: string): void {
  family(
    id,
    title,
    "A worker that had rested for three seconds after its server was killed and started again. The load is measured by " +
      "the server, from the read of the oplog to the end of the replay, and like the worker's first answer in a process " +
      "in which another worker of the component was called before; the first answer of the process is that of a call " +
      "that nothing came before, so that all code is cold. Answers are of calls over HTTP, which are on disk then.",
  );
  note("Without memory snapshots everything is replayed; what is on disk is the same in both cases.");
}

export async function oneInvocation(): Promise<void> {
  begin("recovery", "Recovery of a worker with many records");
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const component = await client.upload("clock-reader", await clockReader());
  const worker = client.worker(component, "w");
  progress(`recording ${recordedMost} clock reads`);
  await worker.invoke("read", [recordedMost]);
  await worker.invoke("read", [1]);
  await recover(`1 invocation of ${recordedMost.toLocaleString("en")} records`, {
    server,
    call: () => worker.invoke("read", [1]),
    callOther: () => client.worker(component, `other-${(others += 1)}`).invoke("read", [1]),
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

export async function manyInvocations(): Promise<void> {
  begin("recovery-invocations", "Recovery of a worker with many invocations");
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const component = await client.upload("ledger", await textGuest("ledger"));
  const worker = client.worker(component, "w");
  const invocations = recordedMost / 2;
  progress(`${invocations} invocations`);
  const fillMs = await milliseconds(() => invokeOften(server, component, invocations));
  progress(`made in ${Math.round(fillMs / 1000)} s`);
  await recover(`${invocations.toLocaleString("en")} invocations of 2 records`, {
    server,
    call: () => worker.invoke("sum"),
    callOther: () => client.worker(component, `other-${(others += 1)}`).invoke("sum"),
  });
}
