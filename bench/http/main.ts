/**
 * Durable invocations over HTTP beside plain Node HTTP, in one run: `node --conditions=source bench/http/main.ts`.
 * Every invocation of the durable side is on disk before it is answered. Clients, server and disk share the machine.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { bareSync } from "../harness/machine.ts";
import { family, note, progress, row, sized } from "../harness/report.ts";
import { medianOfRounds } from "../harness/statistics.ts";
import { batchLoad } from "./batch-load.ts";
import { load } from "./load.ts";
import type { LoadResult } from "./load.ts";

const rounds = sized(5, 2);
const clientCounts = [1, 32, 128];
const callsFor = (clients: number): number => Math.ceil(sized(6000, 1500) / clients);
const body = '{"params":[1]}';

async function startPlain(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const file = fileURLToPath(new URL("plain-server.ts", import.meta.url));
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const url of createInterface(child.stdout)) return { url, stop: () => child.kill() };
  throw new Error("the plain server did not start");
}

await using server = await TestServer.start();
const client = new Client(() => server.url);
const component = await client.upload("ledger", await textGuest("ledger"));
const plain = await startPlain();
const workerPath = (index: number): string =>
  `/v1/components/${component}/workers/w${index}/invoke-and-await?function=add`;

family(
  "http",
  "Durable invocations over HTTP",
  "A counter in WebAssembly, one worker for each client, beside an HTTP server of plain Node that parses the same request, answers as much and keeps nothing: the ceiling. Each of our calls is on disk before it is answered.",
);
const floor = bareSync();
row({ measure: "write of 200 B + fdatasync", subject: "bare", unit: "ms", ...floor, chart: "" });
for (const clients of clientCounts) {
  progress(`${clients} clients`);
  const durable: LoadResult[] = [];
  const ceiling: LoadResult[] = [];
  const options = { clients, callsEach: callsFor(clients), body };
  await load({ ...options, url: server.url, path: workerPath });
  await load({ ...options, url: plain.url, path: workerPath });
  for (let round = 0; round < rounds; round += 1) {
    durable.push(await load({ ...options, url: server.url, path: workerPath }));
    ceiling.push(await load({ ...options, url: plain.url, path: workerPath }));
  }
  const at = { axis: "clients", value: clients };
  const results = { Emet: medianOfRounds(durable), "plain Node": medianOfRounds(ceiling) };
  for (const [subject, { callsPerSecond, medianMs, p99Ms }] of Object.entries(results)) {
    const goal =
      clients === 1 && subject === "Emet"
        ? { goal: { atMost: floor.median + 0.5 }, design: "durable invocation over HTTP, one client" }
        : {};
    row({ measure: "calls", subject, unit: "/s", median: callsPerSecond, at });
    row({ measure: "latency", subject, unit: "ms", median: medianMs, p99: p99Ms, at, ...goal });
  }
  const part = (100 * results.Emet.callsPerSecond) / results["plain Node"].callsPerSecond;
  const goal =
    clients === 1 ? {} : { goal: { atLeast: 60 }, design: "durable invocations over HTTP, 32 and 128 clients" };
  row({ measure: "calls/s, part of plain Node's", subject: "Emet", unit: "%", median: part, at, ...goal, chart: "" });
}
for (const window of [1, 32, 128, 1000]) {
  progress(`a batch, ${window} under way`);
  const found: LoadResult[] = [];
  const options = {
    url: server.url,
    path: `/v1/components/${component}/invocations`,
    window,
    calls: window === 1 ? callsFor(4) : 4 * callsFor(1),
    line: (call: number) => `{"worker":"w${call % window}","function":"add","params":[1]}`,
  };
  await batchLoad(options);
  for (let round = 0; round < rounds; round += 1) found.push(await batchLoad(options));
  const { callsPerSecond, medianMs, p99Ms } = medianOfRounds(found);
  const at = { axis: "under way", value: window };
  const subject = "Emet, one connection";
  row({ measure: "calls of a batch", subject, unit: "/s", median: callsPerSecond, at });
  row({ measure: "latency of a batch's calls", subject, unit: "ms", median: medianMs, p99: p99Ms, at });
}
note("A batch: one connection, a line for each call and for each answer, every one of them on disk before its answer.");
note(
  "The same: machine, clients (raw sockets, one call at a time each), requests, size of the answers. Not the same: plain Node keeps nothing, and has one thread.",
);
plain.stop();
