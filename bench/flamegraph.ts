/**
 * Where the time of an invocation goes: `node --conditions=source bench/flamegraph.ts [--clients=32] [--out=FILE]`. Starts
 * a server all of whose threads are sampled, has clients call the counter, and draws the threads' flame graphs, by default
 * to `bench/plots/flamegraph.svg`.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "../test/support/client.ts";
import { textGuest } from "../test/support/guests.ts";
import { TestServer } from "../test/support/server.ts";
import { flameGraph } from "./flame/draw.ts";
import { threadOf } from "./flame/profile.ts";
import type { CpuProfile, Thread } from "./flame/profile.ts";
import { numberOption, progress, sized, textOption } from "./harness/report.ts";
import { load } from "./http/load.ts";

const clients = numberOption("clients", 32);
const calls = sized(40_000, 5000);
const out = textOption("out") ?? fileURLToPath(new URL("plots/flamegraph.svg", import.meta.url));
const intervalUs = 400;

/** The clock that samples are timed with, which all processes share. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

const folder = mkdtempSync(join(tmpdir(), "emet-flame-"));
try {
  const threads = await sampled(folder);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, flameGraph(`A durable invocation, ${clients} clients`, threads));
  for (const { name, busyPart } of threads) progress(`${name}: busy for ${(100 * busyPart).toFixed(1)} % of the time`);
  console.log(`written: ${out}`);
} finally {
  rmSync(folder, { recursive: true });
}

async function sampled(profiles: string): Promise<readonly Thread[]> {
  const nodeFlags = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${intervalUs}`];
  await using server = await TestServer.start({ nodeFlags });
  const client = new Client(() => server.url);
  const component = await client.upload("ledger", await textGuest("ledger"));
  const run = (each: number): Promise<unknown> =>
    load({
      url: server.url,
      clients,
      callsEach: each,
      path: (index) => `/v1/components/${component}/workers/w${index}/invoke-and-await?function=add`,
      body: '{"params":[1]}',
    });
  await run(100);
  const from = nowUs();
  await run(Math.ceil(calls / clients));
  const to = nowUs();
  // Threads write their profiles when the server ends by itself.
  await server.stop();
  const order = ["main thread", "executor thread", "storage thread"];
  return readdirSync(profiles)
    .filter((name) => name.endsWith(".cpuprofile"))
    .map((name) => threadOf(JSON.parse(readFileSync(join(profiles, name), "utf8")) as CpuProfile, from, to))
    .filter(({ busyPart }) => busyPart > 0.01)
    .sort((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
}
