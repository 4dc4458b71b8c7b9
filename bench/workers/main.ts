/**
 * Many workers in one server: `node --conditions=source bench/workers/main.ts [--workers=N] [--called=N]`. Some come into
 * being with a call each over HTTP; the others are written into the store as those were. Tells how fast that goes, what a worker
 * takes on disk, how long first pages of enumerations and first calls take over HTTP, and the memory of the server when
 * all workers are idle.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, numberOption, progress, row, sized } from "../harness/report.ts";
import { milliseconds, summary } from "../harness/statistics.ts";
import { load } from "../http/load.ts";
import { seedWorkers } from "./seed.ts";

const workers = numberOption("workers", sized(100_000, 5000));
const called = numberOption("called", sized(10_000, 1000));
const clients = 64;
const idleUnloadMs = 5000;
const pages = 40;
const subject = "Emet";

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
  while (unchanged < sized(10, 3)) {
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
    row({
      measure: `first page over HTTP, filter: ${name}`,
      subject,
      unit: "ms",
      ...summary(times),
      chart: "Over HTTP",
    });
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
  row({
    measure: "first call of a worker that is not in memory",
    subject,
    unit: "ms",
    ...summary(times),
    chart: "Over HTTP",
  });
}

function memory(measured: string, bytes: number): void {
  row({ measure: measured, subject, unit: "bytes", median: bytes, chart: "Resident memory of the server" });
}

family(
  "workers",
  `${workers.toLocaleString("en")} idle workers in one server`,
  `${called.toLocaleString("en")} come into being with a call each over HTTP, by ${clients} clients; the others are written into the store as those were. Idle workers leave memory after ${idleUnloadMs / 1000} s.`,
);
await using server = await TestServer.start({ flags: ["--idle-unload-ms", String(idleUnloadMs)] });
const client = new Client(() => server.url);
memory("without workers", await idleBytes(server));
const component = await client.upload("ledger", await textGuest("ledger"));
const nameOf = (each: number, call: number): string => `w${each}-${call}`;
progress(`${called} workers called`);
const result = await load({
  url: server.url,
  clients,
  callsEach: Math.ceil(called / clients),
  path: (each, call) => `/v1/components/${component}/workers/${nameOf(each, call)}/invoke-and-await?function=add`,
  body: '{"params":[1]}',
});
row({ measure: "workers created by a call", subject, unit: "/s", median: result.callsPerSecond, chart: "" });
row({
  measure: "call that creates",
  subject,
  unit: "ms",
  median: result.medianMs,
  p99: result.p99Ms,
  chart: "Over HTTP",
});
memory("when those are idle", await idleBytes(server));
await server.stop();
const before = diskBytes(server.dataDirectory);
const seeded = workers - called;
progress(`${seeded} workers written into the store`);
const perSecond = await seedWorkers(
  server.dataDirectory,
  { componentId: component, workerName: nameOf(0, 0) },
  { count: seeded, name: (index) => `s${String(index).padStart(8, "0")}` },
);
row({ measure: "workers written into the store", subject, unit: "/s", median: perSecond, chart: "" });
const diskEach = (diskBytes(server.dataDirectory) - before) / seeded;
row({ measure: "disk for each worker", subject, unit: "bytes", median: diskEach, chart: "" });
const startMs = await milliseconds(() => server.start());
row({ measure: "start with all of them", subject, unit: "ms", median: startMs, chart: "Over HTTP" });
memory("after a start with all of them", await idleBytes(server));
await firstPages(client, component);
memory("after the enumerations", await idleBytes(server));
await firstCalls(client, component);
