/**
 * Many workers in one server: `node --conditions=source bench/workers/main.ts [workers]`. Each comes into being with a
 * call of its own over HTTP. Prints how fast that goes, what a worker takes on disk, how long first pages of
 * enumerations take over HTTP, and the memory of the server when all of them are idle, also after a restart.
 */
import { execFileSync } from "node:child_process";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { load } from "../http/load.ts";

const workers = Number(process.argv[2] ?? "100000");
const clients = 64;
const idleUnloadMs = 5000;
const pages = 40;
const MB = 1_000_000;

const filters: readonly (readonly [name: string, filter: unknown])[] = [
  ["none", undefined],
  ["name =", { type: "Name", comparator: "Equal", value: "w7-1" }],
  ["status =", { type: "Status", comparator: "Equal", value: "Idle" }],
  ["status = (no match)", { type: "Status", comparator: "Equal", value: "Failed" }],
  ["version =", { type: "Version", comparator: "Equal", value: 0 }],
  ["version > (no match)", { type: "Version", comparator: "Greater", value: 0 }],
  ["created >", { type: "CreatedAt", comparator: "Greater", value: "2020-01-01T00:00:00Z" }],
  ["created > (no match)", { type: "CreatedAt", comparator: "Greater", value: "2100-01-01T00:00:00Z" }],
];

function print(name: string, value: string): void {
  console.log(`${name.padEnd(52)}${value}`);
}

function diskBytes(directory: string): number {
  return Number(execFileSync("du", ["-sb", directory], { encoding: "utf8" }).split("\t")[0]);
}

function metric(text: string, name: string): number {
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "mu").exec(text)?.[1]);
}

/** Resident bytes when no worker is in memory any more and the number has stopped to fall. */
async function idleBytes(server: TestServer): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let unchanged = 0;
  while (unchanged < 10) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const text = await (await fetch(`${server.url}/metrics`)).text();
    if (metric(text, "emet_workers_loaded") > 0) continue;
    const bytes = metric(text, "process_resident_memory_bytes");
    unchanged = bytes < least * 0.99 ? 0 : unchanged + 1;
    least = Math.min(least, bytes);
  }
  return least;
}

async function firstPages(client: Client, component: string): Promise<void> {
  for (const [name, filter] of filters) {
    const times: number[] = [];
    for (let page = 0; page < pages; page += 1) {
      const started = performance.now();
      await client.ok("POST", `/v1/components/${component}/workers/find`, { filter, count: 50 });
      times.push(performance.now() - started);
    }
    times.sort((left, right) => left - right);
    const [median = Number.NaN, most = Number.NaN] = [times[pages >> 1], times.at(-1)];
    print(`first page over HTTP, filter: ${name}`, `${median.toFixed(2)} ms, at most ${most.toFixed(2)} ms`);
  }
}

await using server = await TestServer.start({ flags: ["--idle-unload-ms", String(idleUnloadMs)] });
const client = new Client(() => server.url);
print("idle memory without workers", `${((await idleBytes(server)) / MB).toFixed(0)} MB`);
const before = diskBytes(server.dataDirectory);
const component = await client.upload("ledger", await textGuest("ledger"));
const callsEach = Math.ceil(workers / clients);
const path = (each: number, call: number): string =>
  `/v1/components/${component}/workers/w${each}-${call}/invoke-and-await?function=add`;
const result = await load({ url: server.url, clients, callsEach, path, body: '{"params":[1]}' });
print("workers", String(callsEach * clients));
print("created by a call each, with 64 clients", `${result.callsPerSecond.toFixed(0)}/s`);
print("  latency", `${result.medianMs.toFixed(1)} ms, p99 ${result.p99Ms.toFixed(1)} ms`);
await firstPages(client, component);
print("idle memory", `${((await idleBytes(server)) / MB).toFixed(0)} MB`);
print("bytes on disk for each worker", ((diskBytes(server.dataDirectory) - before) / (callsEach * clients)).toFixed(0));
const started = performance.now();
await server.restart();
print("restart after kill -9", `${(performance.now() - started).toFixed(0)} ms`);
print("idle memory after it", `${((await idleBytes(server)) / MB).toFixed(0)} MB`);
await firstPages(client, component);
