/** golem:rpc: calls between workers, whichever side is lost when. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import { threeWays } from "../support/three-ways.ts";
import type { Way } from "../support/three-ways.ts";

const total = async (worker: string): Promise<unknown> =>
  await suite.client.worker(suite.componentId, worker).invoke("total");
const calleeOf = (worker: string): string => `${worker}-callee`;

/** However often it was asked for, the callee has run each call once. */
const ranOnce =
  (times: number) =>
  async (_way: Way, worker: string): Promise<void> => {
    await eventually(async () => (await total(calleeOf(worker))) === times, `${times} calls have run`);
  };

function waitsFor(answer: unknown): void {
  assert.match(String(answer), /^denied: worker [\w-]+ waits for this call to end/u);
}

const suite = threeWays(
  "rpc",
  {
    "invoke-and-await runs each call once": {
      call: "call-in-turn",
      parameters: (worker) => [calleeOf(worker), 5, 20],
      expected: [1, 2, 3, 4, 5],
      remembered: ["1,2,3,4,5"],
      verify: ranOnce(5),
    },
    "a caller that waits for long leaves memory": {
      call: "call-in-turn",
      parameters: (worker) => [calleeOf(worker), 2, 600],
      expected: [1, 2],
      remembered: ["1,2"],
      verify: ranOnce(2),
      killWhen: async (worker) => {
        const { status } = await suite.client.worker(suite.componentId, worker).metadata();
        return status === "Suspended";
      },
    },
    "async-invoke-and-await calls several workers at once": {
      call: "call-at-once",
      parameters: (worker) => [worker, 4, 50],
      expected: 4,
      remembered: ["4"],
      verify: async (_way, worker) => {
        for (const index of [0, 1, 2, 3]) assert.equal(await total(`${worker}-${index}`), 1);
      },
    },
    "futures that take long are waited for outside of memory": {
      call: "call-at-once",
      parameters: (worker) => [worker, 3, 700],
      expected: 3,
      remembered: ["3"],
      verify: async (_way, worker) => {
        for (const index of [0, 1, 2]) assert.equal(await total(`${worker}-${index}`), 1);
      },
    },
    "invoke enqueues each call once": {
      call: "send",
      parameters: (worker) => [calleeOf(worker), 5],
      expected: undefined,
      remembered: ["sent"],
      verify: ranOnce(5),
    },
    "schedule-invocation runs once, at its time, unless it is cancelled": {
      call: "schedule",
      parameters: (worker) => [calleeOf(worker), 400],
      expected: undefined,
      remembered: ["scheduled object"],
      verify: ranOnce(2),
    },
    "errors tell what is wrong": {
      call: "errors",
      parameters: (worker) => [calleeOf(worker)],
      expected: [
        "not-found",
        "protocol-error",
        "protocol-error",
        "protocol-error",
        "remote-internal-error",
        "denied",
        "protocol-error",
        "protocol-error",
      ],
      verify: ranOnce(0),
    },
    "a call that would wait for itself through others is denied, and the others go on": {
      call: "relay",
      parameters: (worker) => [[`${worker}-b`, worker]],
      expected: waitsFor,
      remembered: ([answer]: readonly string[]) => waitsFor(answer),
    },
    "the same through more of them": {
      call: "relay",
      parameters: (worker) => [[`${worker}-b`, `${worker}-c`, `${worker}-d`, `${worker}-b`]],
      expected: waitsFor,
    },
    "a way that meets nobody twice arrives": {
      call: "relay",
      parameters: (worker) => [[`${worker}-b`, `${worker}-c`, `${worker}-d`]],
      expected: "arrived",
    },
    "a future gives its result once, and none after that": {
      call: "consume",
      parameters: (worker) => [calleeOf(worker)],
      expected: ["1", "none"],
      verify: ranOnce(1),
    },
    "uuids and values are taken apart, and workers without a name are new": {
      call: "ids",
      expected: [
        "9c19b15a-c83d-46f7-9bc3-ead7923733f4",
        'Error: Invalid UUID: "no uuid"',
        "prim-u8",
        "prim-u8-type",
        "1",
      ],
    },
  },
  { flags: ["--suspend-after-ms", "250", "--executors", "2"] },
);

describe("golem:rpc", () => {
  test("a worker that has gone on meanwhile can be called back", async () => {
    await using server = await TestServer.start({ flags: ["--executors", "2"] });
    const client = new Client(() => server.url);
    const caller = client.worker(await client.upload("rpc", await jsGuest("rpc")), "caller");
    await caller.invoke("relay-beside", [["other", "caller"]]);
    await eventually(async () => {
      const remembered = (await caller.invoke("observe")) as readonly string[];
      return remembered.includes("arrived");
    }, "it was called back");
    assert.equal(await caller.invoke("relayed"), "arrived");
  });
});
