/**
 * How many workers fit into one server: `node --conditions=source bench/density/main.ts [--part=memory|sleeping]
 * [--loaded=10000] [--sleeping=100000]`
 */
import { readFileSync } from "node:fs";
import { Client } from "../../test/support/client.ts";
import { textGuest } from "../../test/support/guests.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, note, numberOption, progress, row, sized, textOption } from "../harness/report.ts";
import { load } from "../http/load.ts";

const loaded = numberOption("loaded", sized(10_000, 500));
const sleeping = numberOption("sleeping", sized(100_000, 2000));
const kept = sized(5000, 500);
const woken = sized(5000, 500);
const clients = 64;
const gigabyte = 1_000_000_000;

interface Measured {
  readonly server: TestServer;
  readonly component: string;
}

/** A server with the ledger, a component of one core module with one page of memory. */
async function measured(flags: readonly string[]): Promise<Measured> {
  const server = await TestServer.start({ flags: ["--idle-unload-ms", "3600000", ...flags] });
  const component = await new Client(() => server.url).upload("ledger", await textGuest("ledger"));
  return { server, component };
}

/** Of the process, as the kernel counts them. */
function residentBytes({ processId }: TestServer): number {
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/mu.exec(status)?.[1]) * 1024;
}

async function metric({ url }: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resident bytes when garbage has been collected: the number has stopped to fall. */
async function settledBytes(server: TestServer): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 8;) {
    await pause(1000);
    const bytes = residentBytes(server);
    unchanged = bytes < least * 0.99 ? 0 : unchanged + 1;
    least = Math.min(least, bytes);
  }
  return least;
}

/** One call of each of `count` workers; calls a second. */
async function callEach({ server, component }: Measured, count: number, call: string, body: string): Promise<number> {
  const { callsPerSecond } = await load({
    url: server.url,
    clients,
    callsEach: Math.ceil(count / clients),
    path: (client, index) => `/v1/components/${component}/workers/w${client}-${index}/${call}`,
    body,
  });
  return callsPerSecond;
}

async function idleWorkers(): Promise<void> {
  const at = await measured([]);
  await using server = at.server;
  const before = await settledBytes(server);
  progress(`loading ${loaded} workers`);
  const rate = await callEach(at, loaded, "invoke-and-await?function=add", '{"params":[1]}');
  row({ measure: "workers created by a call each, 64 clients", subject: "Emet", unit: "/s", median: rate });
  const after = await settledBytes(server);
  const inMemory = await metric(server, "emet_workers_loaded");
  row({ measure: "workers loaded", subject: "Emet", unit: "count", median: inMemory, chart: "" });
  const goal = loaded === 10_000 ? { goal: { atMost: 1.5 * gigabyte } } : {};
  row({
    measure: `process with ${loaded} loaded idle workers`,
    subject: "Emet",
    unit: "bytes",
    median: after,
    ...goal,
  });
  row({ measure: "for each loaded idle worker", subject: "Emet", unit: "bytes", median: (after - before) / inMemory });
  const again = await callEach(at, loaded, "invoke-and-await?function=add", '{"params":[1]}');
  row({ measure: "calls of all of them, 64 clients", subject: "Emet", unit: "/s", median: again });
}

/** A page of memory and one of stack. */
const touchedBytes = 8192;

async function keptSleepers(): Promise<void> {
  const at = await measured(["--suspend-after-ms", "7200000"]);
  await using server = at.server;
  const before = await settledBytes(server);
  progress(`${kept} workers fall asleep and stay in memory`);
  await callEach(at, kept, "invoke?function=sleep", '{"params":[3600000]}');
  const after = await settledBytes(server);
  const inMemory = await metric(server, "emet_workers_loaded");
  row({
    measure: "for each sleeping worker kept in memory",
    subject: "Emet",
    unit: "bytes",
    median: (after - before) / inMemory - touchedBytes,
    goal: { atMost: 20_000 },
    design: "sleeping workers kept loaded",
    note: "beyond a page of its memory and one of its stack, which it has touched",
  });
}

async function sleepers(): Promise<void> {
  const at = await measured(["--suspend-after-ms", "1000"]);
  await using server = at.server;
  progress(`${sleeping} workers fall asleep and leave memory`);
  const rate = await callEach(at, sleeping, "invoke?function=sleep", '{"params":[36000000]}');
  row({ measure: "workers created that fall asleep, 64 clients", subject: "Emet", unit: "/s", median: rate });
  const after = await settledBytes(server);
  const goal = sleeping === 100_000 ? { goal: { atMost: 2 * gigabyte } } : {};
  row({ measure: `process with ${sleeping} sleeping workers`, subject: "Emet", unit: "bytes", median: after, ...goal });
  const inMemory = await metric(server, "emet_workers_loaded");
  row({ measure: "of them in memory", subject: "Emet", unit: "count", median: inMemory, chart: "" });
}

/** Many wake at the same moment. */
async function wakes(): Promise<void> {
  const at = await measured(["--suspend-after-ms", "1000"]);
  await using server = at.server;
  const sleepMs = sized(30_000, 6000);
  const dueAt = performance.now() + sleepMs;
  progress(`${woken} workers wake at once`);
  for (let first = 0; first < woken; first += 500) {
    const left = Math.round(dueAt - performance.now());
    const names = Array.from({ length: Math.min(500, woken - first) }, (_, index) => `s${first + index}`);
    await Promise.all(
      names.map((name) =>
        fetch(`${server.url}/v1/components/${at.component}/workers/${name}/invoke?function=sleep`, {
          method: "POST",
          body: JSON.stringify({ params: [left] }),
        }),
      ),
    );
  }
  const loads = await metric(server, "emet_load_duration_seconds_count");
  while (performance.now() < dueAt) await pause(10);
  const started = performance.now();
  while ((await metric(server, "emet_load_duration_seconds_count")) < loads + woken) await pause(20);
  const perSecond = (woken / (performance.now() - started)) * 1000;
  row({
    measure: `workers woken that are due at one moment, ${woken} of them`,
    subject: "Emet",
    unit: "/s",
    median: perSecond,
  });
}

const bytesNote = "Bytes are what the kernel counts for the whole process, storage and all threads.";
const part = textOption("part");

if (part !== "sleeping") {
  family("density", "Workers in memory", `Small workers (one core module, a page of memory) at rest. ${bytesNote}`);
  await idleWorkers();
  await keptSleepers();
}
if (part !== "memory") {
  family("density-sleeping", "Workers asleep", `Small workers that sleep for long, out of memory. ${bytesNote}`);
  await sleepers();
  await wakes();
  note("What is left of a worker that sleeps for longer than `suspendAfterMs` is a row and a timer on disk.");
}
