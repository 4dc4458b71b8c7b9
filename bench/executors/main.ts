/**
 * What more executor threads bring: `node --conditions=source bench/executors/main.ts`. The counter of many workers, over
 * HTTP and in batches, whose calls are mostly the main and the storage thread's work, and a function that computes, which is
 * all the executors'; with the processor time of each kind of thread, which tells why it goes no further.
 */
import { family, note, progress, row, sized } from "../harness/report.ts";
import { median, medianOfRounds } from "../harness/statistics.ts";
import { threadTimes, timesSince } from "../harness/thread-times.ts";
import type { ThreadTimes } from "../harness/thread-times.ts";
import { batchLoad } from "../http/batch-load.ts";
import { load } from "../http/load.ts";
import type { LoadResult } from "../http/load.ts";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";

const threadCounts = [1, 2, 4];
const rounds = sized(4, 2);
/** Turns of a loop that takes some milliseconds. */
const turns = 4_000_000;

interface Task {
  readonly measure: string;
  readonly calls: number;
  readonly run: (url: string, component: string, calls: number) => Promise<LoadResult>;
}

function overHttp(clients: number, call: string, parameter: number): Task["run"] {
  return (url, component, calls) =>
    load({
      url,
      clients,
      callsEach: Math.ceil(calls / clients),
      path: (client) => `/v1/components/${component}/workers/${call}${client}/invoke-and-await?function=${call}`,
      body: `{"params":[${parameter}]}`,
    });
}

function inBatch(window: number): Task["run"] {
  return (url, component, calls) =>
    batchLoad({
      url,
      path: `/v1/components/${component}/invocations`,
      window,
      calls,
      line: (call) => `{"worker":"add${call % window}","function":"add","params":[1]}`,
    });
}

const tasks: readonly Task[] = [
  { measure: "counter, 32 clients", calls: sized(6000, 600), run: overHttp(32, "add", 1) },
  { measure: "counter, 128 clients", calls: sized(6000, 600), run: overHttp(128, "add", 1) },
  { measure: "counter, one batch, 128 under way", calls: sized(9000, 600), run: inBatch(128) },
  { measure: "computing, 16 clients", calls: sized(240, 32), run: overHttp(16, "spin", turns) },
];

interface Round {
  readonly result: LoadResult;
  /** Milliseconds of processor time for each call, by kind of thread. */
  readonly perCall: ThreadTimes;
}

interface Subject {
  readonly threads: number;
  readonly server: TestServer;
  readonly component: string;
  readonly found: Map<string, Round[]>;
}

async function start(threads: number, disposables: AsyncDisposableStack): Promise<Subject> {
  const server = disposables.use(await TestServer.start({ flags: ["--executors", String(threads)] }));
  const component = await new Client(() => server.url).upload("ledger", await textGuest("ledger"));
  return { threads, server, component, found: new Map() };
}

async function measure({ server, component, found }: Subject, task: Task): Promise<void> {
  const before = threadTimes(server.processId ?? 0);
  const result = await task.run(server.url, component, task.calls);
  const used = timesSince(before, threadTimes(server.processId ?? 0));
  const perCall = new Map([...used].map(([kind, ms]) => [kind, ms / task.calls]));
  found.set(task.measure, [...(found.get(task.measure) ?? []), { result, perCall }]);
}

await using disposables = new AsyncDisposableStack();
const subjects: Subject[] = [];
for (const threads of threadCounts) subjects.push(await start(threads, disposables));
for (let round = 0; round <= rounds; round += 1) {
  progress(`round ${round}`);
  for (const subject of subjects) {
    for (const task of tasks) await measure(subject, task);
    // The first warms up.
    if (round === 0) subject.found.clear();
  }
}

family(
  "executors",
  "Executor threads",
  "The same server with 1, 2 and 4 executor threads, in rounds that alternate. Calls of the counter are short; those that compute keep a thread busy for milliseconds. Processor time is that of all threads of a kind together, for each call.",
);
for (const { threads, found } of subjects) {
  const at = { axis: "executor threads", value: threads };
  for (const [name, all] of found) {
    const { callsPerSecond, medianMs, p99Ms } = medianOfRounds(all.map(({ result }) => result));
    row({ measure: name, subject: "Emet", unit: "/s", median: callsPerSecond, at });
    row({ measure: name, subject: "Emet", unit: "ms", median: medianMs, p99: p99Ms, at });
    for (const kind of all[0]?.perCall.keys() ?? []) {
      const perCall = median(all.map((round) => round.perCall.get(kind) ?? 0));
      const subject = `Emet, processor time: ${kind}`;
      row({ measure: `${name}, for each call`, subject, unit: "ms", median: perCall, at, chart: "" });
    }
  }
}
note(
  "calls/s × the sum of a call's processor times are the cores that the server had. Of two cores the clients take a part and so do others on this machine: one executor thread, the main thread and the storage have what is left already, and more threads share the same cores. Each costs something itself: its messages and commits gather fewer calls, and it compiles and collects for itself (others). What guests compute goes on to scale until the cores are used up; of a short call the main thread's part can't be divided, and bounds it on any machine.",
);
