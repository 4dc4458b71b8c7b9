/**
 * Where the time of an invocation goes: `node --conditions=source bench/flamegraph.ts [--clients=32] [--out=FILE]`. Starts
 * a server all of whose threads are sampled, has clients call the counter, and draws the threads' flame graphs, by default
 * to `bench/plots/flamegraph.svg`. With `--cold=small` (`medium`, `large`) each client makes the first call of a new
 * worker instead, of a component of that size.
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
import { echoGuests } from "./golem/guests.ts";
import { numberOption, progress, sized, textOption } from "./harness/report.ts";
import { load } from "./http/load.ts";

const clients = numberOption("clients", 32);
const calls = sized(40_000, 5000);
const cold = textOption("cold");
const name = cold === undefined ? "flamegraph" : `flamegraph-cold-${cold}`;
const out = textOption("out") ?? fileURLToPath(new URL(`plots/${name}.svg`, import.meta.url));
const intervalUs = 400;

/** The clock that samples are timed with, which all processes share. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

const folder = mkdtempSync(join(tmpdir(), "emet-flame-"));
try {
  const threads = await sampled(folder);
  mkdirSync(dirname(out), { recursive: true });
  const subject = cold === undefined ? "A durable invocation" : `The first call of a worker, ${cold} component`;
  writeFileSync(out, flameGraph(`${subject}, ${clients} clients`, threads));
  for (const { name: thread, busyPart } of threads)
    progress(`${thread}: busy for ${(100 * busyPart).toFixed(1)} % of the time`);
  console.log(`written: ${out}`);
} finally {
  rmSync(folder, { recursive: true });
}

interface Called {
  readonly bytes: Uint8Array;
  readonly call: string;
  readonly parameters: readonly unknown[];
}

async function guest(): Promise<Called> {
  if (cold === undefined) return { bytes: await textGuest("ledger"), call: "add", parameters: [1] };
  const build = Object.entries(echoGuests).find(([size]) => size === cold)?.[1];
  if (build === undefined) throw new Error(`--cold is one of ${Object.keys(echoGuests).join(", ")}`);
  const { bytes, call } = await build();
  return { bytes, call: encodeURIComponent(call), parameters: ["hello"] };
}

async function sampled(profiles: string): Promise<readonly Thread[]> {
  const nodeFlags = ["--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-interval=${intervalUs}`];
  await using server = await TestServer.start({ nodeFlags });
  const client = new Client(() => server.url);
  const { bytes, call, parameters } = await guest();
  const component = await client.upload("guest", bytes);
  const run = (prefix: string, callsEach: number): Promise<unknown> =>
    load({
      url: server.url,
      clients,
      callsEach,
      path: (index) => `/v1/components/${component}/workers/${prefix}${index}/invoke-and-await?function=${call}`,
      body: JSON.stringify({ params: parameters }),
    });
  await run("warm", cold === undefined ? 100 : 1);
  const from = nowUs();
  await (cold === undefined ? run("warm", Math.ceil(calls / clients)) : run("cold", 1));
  const to = nowUs();
  // Threads write their profiles when the server ends by itself.
  await server.stop();
  const order = ["main thread", "executor thread", "storage thread"];
  return readdirSync(profiles)
    .filter((file) => file.endsWith(".cpuprofile"))
    .map((file) => threadOf(JSON.parse(readFileSync(join(profiles, file), "utf8")) as CpuProfile, from, to))
    .filter(({ busyPart }) => busyPart > 0.01)
    .sort((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
}
