/**
 * Durable invocations over HTTP beside plain Node HTTP, in one run: `node --conditions=source bench/http/main.ts`.
 * Every invocation of the durable side is on disk before it is answered. Clients, server and disk share the machine.
 */
import { spawn } from "node:child_process";
import { fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { load } from "./load.ts";
import type { LoadResult } from "./load.ts";

const rounds = 3;
const clientCounts = [1, 32, 128];
const callsFor = (clients: number): number => Math.ceil(6000 / clients);
const body = '{"params":[1]}';

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function medianOf(results: readonly LoadResult[]): LoadResult {
  return {
    callsPerSecond: median(results.map((result) => result.callsPerSecond)),
    medianMs: median(results.map((result) => result.medianMs)),
    p99Ms: median(results.map((result) => result.p99Ms)),
  };
}

/** A write of 200 bytes and fdatasync, one at a time: the floor of a durable answer. */
function bareSyncMs(): number {
  const directory = mkdtempSync(join(tmpdir(), "emet-bench-"));
  const file = openSync(join(directory, "file"), "w");
  const block = Buffer.alloc(200);
  const times = Array.from({ length: 500 }, () => {
    const started = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  rmSync(directory, { recursive: true });
  return median(times);
}

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

console.log(`bare write + fdatasync, median: ${bareSyncMs().toFixed(3)} ms\n`);
console.log("clients  server        calls/s   median ms   p99 ms   of plain");
for (const clients of clientCounts) {
  const durable: LoadResult[] = [];
  const ceiling: LoadResult[] = [];
  const options = { clients, callsEach: callsFor(clients), body };
  await load({ ...options, url: server.url, path: workerPath });
  await load({ ...options, url: plain.url, path: workerPath });
  for (let round = 0; round < rounds; round += 1) {
    durable.push(await load({ ...options, url: server.url, path: workerPath }));
    ceiling.push(await load({ ...options, url: plain.url, path: workerPath }));
  }
  const [ours, theirs] = [medianOf(durable), medianOf(ceiling)];
  const row = (name: string, result: LoadResult, part: string): void =>
    console.log(
      `${String(clients).padEnd(9)}${name.padEnd(12)}${Math.round(result.callsPerSecond).toString().padStart(9)}` +
        `${result.medianMs.toFixed(2).padStart(12)}${result.p99Ms.toFixed(2).padStart(9)}${part.padStart(11)}`,
    );
  row("emet", ours, `${((100 * ours.callsPerSecond) / theirs.callsPerSecond).toFixed(0)} %`);
  row("plain Node", theirs, "");
}
plain.stop();
