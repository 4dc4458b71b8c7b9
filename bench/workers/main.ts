/**
 * Many workers in one server: `node --conditions=source bench/workers/main.ts [workers] [called]`. Some come into being with
 * a call each over HTTP; the others are written into the store as those were. Prints how fast that goes, what a worker
 * takes on disk, how long first pages of enumerations and first calls take over HTTP, and the memory of the server when
 * all workers are idle.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { load } from "../http/load.ts";
import { seedWorkers } from "./seed.ts";

const [workers = 100_000, called = 10_000] = process.argv.slice(2).map(Number);
const clients = 64;
const idleUnloadMs = 5000;
const pages = 40;
const MB = 1_000_000;

const filters: readonly (readonly [name: string, filter: unknown])[] = [
  ["none", undefined],
  ["name =", { type: "Name", comparator: "Equal", value: "s00000007" }],
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

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(0)} MB`;
}

function diskBytes(directory: string): number {
  return Number(execFileSync("du", ["-sb", directory], { encoding: "utf8" }).split("\t")[0]);
}

/** Of the process, as the kernel counts them. */
function residentBytes({ processId }: TestServer): number {
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/mu.exec(status)?.[1]) * 1024;
}

/** Resident bytes when workers have left memory and the number has stopped to fall. */
async function idleBytes(server: TestServer): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let unchanged = 0;
  while (unchanged < 20) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const bytes = residentBytes(server);
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

/** Of workers that are not in memory, one after the other. */
async function firstCalls(client: Client, component: string): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < pages; index += 1) {
    const worker = client.worker(component, `s${String(index * 131).padStart(8, "0")}`);
    const started = performance.now();
    await worker.invoke("add", [1]);
    times.push(performance.now() - started);
  }
  times.sort((left, right) => left - right);
  print("first call of a worker that is not in memory", `${(times[pages >> 1] ?? Number.NaN).toFixed(2)} ms`);
}

await using server = await TestServer.start({ flags: ["--idle-unload-ms", String(idleUnloadMs)] });
const client = new Client(() => server.url);
print("idle memory without workers", megabytes(await idleBytes(server)));
const component = await client.upload("ledger", await textGuest("ledger"));
const nameOf = (each: number, call: number): string => `w${each}-${call}`;
const result = await load({
  url: server.url,
  clients,
  callsEach: Math.ceil(called / clients),
  path: (each, call) => `/v1/components/${component}/workers/${nameOf(each, call)}/invoke-and-await?function=add`,
  body: '{"params":[1]}',
});
print(`${called} workers created by a call each, 64 clients`, `${result.callsPerSecond.toFixed(0)}/s`);
print("  latency", `${result.medianMs.toFixed(1)} ms, p99 ${result.p99Ms.toFixed(1)} ms`);
print("idle memory", megabytes(await idleBytes(server)));
await server.stop();
const before = diskBytes(server.dataDirectory);
const seeded = workers - called;
const perSecond = await seedWorkers(
  server.dataDirectory,
  { componentId: component, workerName: nameOf(0, 0) },
  { count: seeded, name: (index) => `s${String(index).padStart(8, "0")}` },
);
print(`${seeded} more written like them into the store`, `${perSecond.toFixed(0)}/s`);
print("bytes on disk for each worker", ((diskBytes(server.dataDirectory) - before) / seeded).toFixed(0));
const started = performance.now();
await server.start();
print("start with all of them", `${(performance.now() - started).toFixed(0)} ms`);
print("idle memory", megabytes(await idleBytes(server)));
await firstPages(client, component);
print("idle memory after the enumerations", megabytes(await idleBytes(server)));
await firstCalls(client, component);
