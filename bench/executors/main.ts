/**
 * What more executor threads bring: `node --conditions=source bench/executors/main.ts`. The counter of many workers, whose
 * calls are mostly the main and the storage thread's work, and a function that computes, which is all the executors'.
 */
import { family, note, progress, row, sized } from "../harness/report.ts";
import { medianOfRounds } from "../harness/statistics.ts";
import { childGuest } from "../golem/guests.ts";
import { invokeAll } from "../golem/run.ts";
import type { Bench, Calls } from "../golem/run.ts";
import type { LoadResult } from "../http/load.ts";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";

const threadCounts = [1, 2, 4];
const rounds = sized(5, 2);

interface Subject {
  readonly threads: number;
  readonly bench: Bench;
  readonly found: Map<string, LoadResult[]>;
  readonly calls: readonly (Calls & { readonly measure: string })[];
}

async function start(threads: number, disposables: AsyncDisposableStack): Promise<Subject> {
  const server = disposables.use(await TestServer.start({ flags: ["--executors", String(threads)] }));
  const client = new Client(() => server.url);
  const counter = await client.upload("ledger", await textGuest("ledger"));
  const worker = await client.upload("worker", (await childGuest()).bytes);
  const counted = { component: counter, call: "add", parameters: [1] };
  const computed = { component: worker, call: "golem:it/api.{calculate}", parameters: [sized(500, 50)] };
  return {
    threads,
    bench: { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() },
    found: new Map(),
    calls: [
      { ...counted, measure: "counter, 32 clients", workers: 32, callsEach: sized(100, 20), prefix: "w" },
      { ...counted, measure: "counter, 128 clients", workers: 128, callsEach: sized(40, 10), prefix: "w" },
      { ...computed, measure: "computing, 16 clients", workers: 16, callsEach: sized(10, 5), prefix: "c" },
    ],
  };
}

await using disposables = new AsyncDisposableStack();
const subjects: Subject[] = [];
for (const threads of threadCounts) subjects.push(await start(threads, disposables));
for (let round = 0; round <= rounds; round += 1) {
  progress(`round ${round}`);
  for (const { bench, calls, found } of subjects) {
    for (const each of calls) {
      const result = await invokeAll(bench, each);
      // The first warms up.
      if (round > 0) found.set(each.measure, [...(found.get(each.measure) ?? []), result]);
    }
  }
}

family(
  "executors",
  "Executor threads",
  "The same server with 1, 2 and 4 executor threads, in rounds that alternate. Calls of the counter are short; those that compute keep a thread busy for milliseconds.",
);
for (const { threads, found } of subjects) {
  const at = { axis: "executor threads", value: threads };
  for (const [measure, results] of found) {
    const { callsPerSecond, medianMs, p99Ms } = medianOfRounds(results);
    row({ measure, subject: "Emet", unit: "/s", median: callsPerSecond, at });
    row({ measure, subject: "Emet", unit: "ms", median: medianMs, p99: p99Ms, at });
  }
}
note(
  "The main thread (HTTP), the storage thread, the executors and the clients share the cores: with as many executors as cores nothing is left to gain.",
);
