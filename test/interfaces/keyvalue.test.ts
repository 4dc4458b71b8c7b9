/** wasi:keyvalue, as a guest uses it (spec/host-interfaces.md §20; §26 rows 1 to 4). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import { threeWays } from "../support/three-ways.ts";

const single = (times: number): readonly string[] =>
  Array.from({ length: times }, (_, time) => {
    // A key is set again every third time; every second time it is deleted.
    const found = time < 3 || (time - 3) % 2 === 1 ? "nothing" : `value ${time - 3}`;
    return [found, `value ${time}`, String(time % 2 === 0)];
  }).flat();

function checksum(pieces: number): number {
  let sum = 0;
  for (let number = 0; number < pieces; number += 1) {
    for (let index = 0; index < 65_536; index += 1) sum = (sum * 33 + ((index * 31 + number) & 0xff)) >>> 0;
  }
  return sum;
}

const sums = Array.from({ length: 30 }, (_, index) => index + 1);

threeWays("keyvalue", {
  "sets, gets and deletes": {
    call: "single",
    parameters: (worker) => [worker, 8],
    expected: single(8),
    remembered: single(8),
  },
  "writes batches as a whole, and lists keys in order": {
    call: "batch",
    parameters: (worker) => [worker, 3],
    expected: [
      "value c0,value a0,value b0,nothing",
      "a0,b0",
      "value c1,value a1,value b1,nothing",
      "a0,a1,b0,b1",
      "value c2,value a2,value b2,nothing",
      "a0,a1,a2,b0,b1,b2",
    ],
  },
  "counts each increment once": {
    call: "count",
    parameters: (worker) => [worker, sums.length],
    expected: sums,
    remembered: sums.map(String),
  },
  "swaps each number once": { call: "swap", parameters: (worker) => [worker, 20], expected: 20 },
  "streams long values, with an end": {
    call: "streamed",
    parameters: (worker) => [worker, 10],
    expected: [10 * 65_536, 10 * 65_536, checksum(10)],
  },
  caches: {
    call: "cached",
    parameters: (worker) => [worker],
    expected: (value: unknown) => {
      assert.deepEqual((value as readonly string[]).slice(0, 8), [
        "nothing",
        "false",
        "kept",
        "for an hour",
        "nothing",
        "true",
        "false",
        "nothing",
      ]);
      // A crash may take what was filled in, never what was set.
      const [vacant, again, text] = (value as readonly string[]).slice(8);
      assert.equal(vacant, "vacant");
      assert.ok(again === "vacant" || (again === "occupied" && text === "filled"));
    },
  },
  "tells what goes wrong": {
    call: "wrong",
    parameters: (worker) => [worker],
    expected: [
      "the bucket's name is longer than 4096 bytes",
      "the key is longer than 4096 bytes",
      "the key is longer than 4096 bytes",
      "there are 20000 keys: at most 10000 are taken at a time",
      "the value is not a number: it has 3 bytes instead of 8",
      "cannot add 18446744073709551615 to 1: the sum needs more than 64 bits",
      "the value is longer than 16777216 bytes",
    ],
  },
  "opens thousands of resources": { call: "many", parameters: () => [5000], expected: 10_000 },
});

describe("workers that share a bucket", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    componentId = await client.upload("keyvalue", await jsGuest("keyvalue"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("count together, each increment once, through a kill", async () => {
    const workers = Array.from({ length: 5 }, (_, index) => client.worker(componentId, `shared-${index}`));
    const each = 40;
    const invoke = async (): Promise<readonly number[]> => {
      const results = await Promise.all(workers.map((worker) => worker.invoke("count", ["shared", each], "call")));
      return (results as readonly number[][]).flat();
    };
    const cut = invoke().catch(() => undefined);
    const reader = client.worker(componentId, "reader");
    await eventually(async () => Number(await reader.invoke("counted", ["shared"])) >= 20, "some are counted");
    await server.restart();
    await cut;
    const counted = (await invoke()).toSorted((left, right) => left - right);
    assert.deepEqual(
      counted,
      Array.from({ length: workers.length * each }, (_, index) => index + 1),
    );
  });

  test("see what others wrote, but are given again what they saw", async () => {
    const [one, two] = [client.worker(componentId, "one"), client.worker(componentId, "two")];
    const first = await one.invoke("single", ["both", 1], "first");
    assert.deepEqual(await two.invoke("single", ["both", 1]), ["value 0", "value 0", "true"]);
    await two.invoke("batch", ["both", 1]);
    await server.restart();
    assert.deepEqual(await one.invoke("single", ["both", 1], "first"), first);
    assert.deepEqual(await one.invoke("observe"), first);
  });
});
