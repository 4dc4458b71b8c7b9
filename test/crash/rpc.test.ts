/**
 * Workers that call each other while the server is killed again and again: no call is lost, none runs twice, whether
 * the caller waits in memory or out of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { SeededRandom, seedOfRun } from "../support/seeded-random.ts";
import { TestServer } from "../support/server.ts";

const callers = 12;
const callees = 4;
const rounds = 4;
const callsInTurn = 5;
const callsAtOnce = 3;
const kills = Number(process.env["EMET_CRASH_KILLS"] ?? 6);

/** With one partition a caller's records and what is called go to disk together, with more one after the other. */
for (const partitions of [1, 3]) testCalls(partitions);

function testCalls(partitions: number): void {
  test(`calls between workers run once over ${kills} kills, with storage partitions: ${partitions}`, async (context) => {
    const seed = seedOfRun();
    context.diagnostic(`seed ${seed} (EMET_SEED)`);
    const random = new SeededRandom(seed);
    await using server = await TestServer.start({
      flags: ["--suspend-after-ms", "150", "--executors", "2", "--storage-partitions", String(partitions)],
    });
    const client = new Client(() => server.url);
    const id = await client.upload("rpc", await jsGuest("rpc"));

    /** Asks until it is answered. */
    const insist = async (name: string, call: string, params: readonly unknown[], key: string): Promise<void> => {
      for (;;) {
        const reply = await client
          .worker(id, name)
          .invokeRaw(call, params, key)
          .catch(() => undefined);
        if (reply?.status === 200) return;
        if (reply !== undefined) assert.match(JSON.stringify(reply.body), /stopping|executor thread ended/u);
        await delay(20);
      }
    };
    const calls = Array.from({ length: callers }, async (_, index) => {
      for (let round = 0; round < rounds; round += 1) {
        const callee = `callee-${(index + round) % callees}`;
        const sleepMs = (index % 4) * 80;
        const key = `${index}-${round}`;
        if (round % 2 === 0) await insist(`caller-${index}`, "call-in-turn", [callee, callsInTurn, sleepMs], key);
        else await insist(`caller-${index}`, "call-at-once", [callee, callsAtOnce, sleepMs], key);
      }
    });
    const all = Promise.all(calls);
    for (let kill = 0; kill < kills; kill += 1) {
      await delay(random.integer(300, 1500));
      await server.restart();
    }
    await all;
    const total = async (name: string): Promise<number> => Number(await client.worker(id, name).invoke("total"));
    let [inTurn, atOnce] = [0, 0];
    for (let callee = 0; callee < callees; callee += 1) {
      inTurn += await total(`callee-${callee}`);
      for (let call = 0; call < callsAtOnce; call += 1) atOnce += await total(`callee-${callee}-${call}`);
    }
    assert.equal(inTurn, (callers * callsInTurn * rounds) / 2);
    assert.equal(atOnce, (callers * callsAtOnce * rounds) / 2);
  });
}
