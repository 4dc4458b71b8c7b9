/**
 * An invocation that calls another worker once, beside two plain invocations, in one run, by one client:
 * `node --conditions=source bench/rpc/main.ts`. Guests are in JavaScript on both sides; every invocation and every call
 * is on disk before it is answered. The executor threads that hold the two workers are the same or others, by chance of
 * their names; both are measured.
 */
import { Client } from "../../test/support/client.ts";
import { jsGuest } from "../../test/support/js-guest.ts";
import { TestServer } from "../../test/support/server.ts";
import { family, row, sized } from "../harness/report.ts";
import { medianOfRounds } from "../harness/statistics.ts";
import { load } from "../http/load.ts";
import type { LoadResult } from "../http/load.ts";

const rounds = sized(5, 2);
const callsEach = sized(400, 100);

async function measure(executors: number): Promise<void> {
  await using server = await TestServer.start({ flags: ["--executors", String(executors)] });
  const client = new Client(() => server.url);
  const component = await client.upload("rpc", await jsGuest("rpc"));
  const run = (name: string, call: string, parameters: readonly unknown[]): Promise<LoadResult> =>
    load({
      url: server.url,
      clients: 1,
      callsEach,
      path: () => `/v1/components/${component}/workers/${name}/invoke-and-await?function=${call}`,
      body: JSON.stringify({ params: parameters }),
    });
  const plain: LoadResult[] = [];
  const remote: LoadResult[] = [];
  await run("caller", "call-in-turn", ["callee", 1, 0]);
  await run("callee", "add", [1, 0]);
  for (let round = 0; round < rounds; round += 1) {
    plain.push(await run("callee", "add", [1, 0]));
    remote.push(await run("caller", "call-in-turn", ["callee", 1, 0]));
  }
  const at = { axis: "executors", value: executors };
  const [one, both] = [medianOfRounds(plain), medianOfRounds(remote)];
  const shared = { subject: "Emet", at, unit: "ms", chart: "Latency at one client" } as const;
  row({ ...shared, measure: "a plain invocation", median: one.medianMs, p99: one.p99Ms });
  row({ ...shared, measure: "an invocation that calls another worker", median: both.medianMs, p99: both.p99Ms });
  row({
    measure: "the second / two of the first",
    subject: "Emet",
    unit: "×",
    median: both.medianMs / (2 * one.medianMs),
    at,
    chart: "",
  });
}

family(
  "rpc",
  "Calls between workers",
  "An invocation that calls another worker once, beside two plain invocations, by one client. Guests are in JavaScript on both sides; every invocation and every call is on disk before it is answered. With two executor threads the workers are on the same one or on two, by chance of their names.",
);
for (const executors of [1, 2]) await measure(executors);
