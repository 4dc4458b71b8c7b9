import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shardCount, shardOf } from "../platform/worker-shards.ts";
import { allShards, Placement } from "./shards.ts";

const componentId = "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69";

describe("shardOf()", () => {
  it("gives the shards that stored oplogs have", () => {
    const shards = ["worker-1", "worker-2", "", "ü"].map((workerName) => shardOf({ componentId, workerName }));
    assert.deepEqual(shards, [441, 256, 801, 231]);
  });

  it("spreads workers evenly", () => {
    const placement = new Placement(4);
    const counts = new Map<number | undefined, number>();
    for (let index = 0; index < 20_000; index += 1) {
      const executor = placement.ownerOf(shardOf({ componentId, workerName: `w${index}` }));
      counts.set(executor, (counts.get(executor) ?? 0) + 1);
    }
    for (const count of counts.values()) assert.ok(count > 4000 && count < 6000, String(count));
    assert.equal(allShards.length, shardCount);
  });
});

describe("Placement", () => {
  it("begins with about as many shards for each executor", () => {
    for (const executors of [1, 2, 3, 7]) {
      const placement = new Placement(executors);
      const counts = Array.from({ length: executors }, (_, executor) => placement.shardsOf(executor).length);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, String(counts));
    }
  });

  it("gives shards to others, one owner at a time", () => {
    const placement = new Placement(2);
    placement.give([1, 3], undefined);
    assert.equal(placement.ownerOf(1), undefined);
    placement.give([1, 3], 0);
    assert.equal(placement.shardsOf(0).length, shardCount / 2 + 2);
    assert.equal(placement.shardsOf(1).length, shardCount / 2 - 2);
  });
});
