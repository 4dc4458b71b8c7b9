/**
 * An invocation that calls another worker once, beside two plain invocations, in one run, by one client:
 * `node --conditions=source bench/rpc/main.ts`. Guests are in JavaScript on both sides; every invocation and every call
 * is on disk before it is answered. The executor threads that hold the two workers are the same or others, by chance of
 * their names; both are measured.
 */
import { Client } from "../../test/support/client.ts";
import { jsGuest } from "../../test/support/js-guest.ts";
import { TestServer } from "../../test/support/server.ts";
import { load } from "../http/load.ts";
import type { LoadResult } from "../http/load.ts";

const rounds = 5;
const callsEach = 400;

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const us = (ms: number): string => (ms * 1000).toFixed(0).padStart(8);

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
  const plain: number[] = [];
  const remote: number[] = [];
  await run("caller", "call-in-turn", ["callee", 1, 0]);
  await run("callee", "add", [1, 0]);
  for (let round = 0; round < rounds; round += 1) {
    plain.push((await run("callee", "add", [1, 0])).medianMs);
    remote.push((await run("caller", "call-in-turn", ["callee", 1, 0])).medianMs);
  }
  const two = 2 * median(plain);
  const ratio = (median(remote) / two).toFixed(2);
  console.log(`${String(executors).padEnd(10)}${us(two)} ${us(median(remote))}    ${ratio}`);
}

console.log("executors  two plain, µs  with a call, µs  ratio");
await measure(1);
await measure(2);
