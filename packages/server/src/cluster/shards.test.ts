import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shardCount, shardOf } from "../platform/worker-shards.ts";
import { allShards, executorOf } from "./shards.ts";

const componentId = "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69";

describe("shardOf()", () => {
  it("gives the shards that stored oplogs have", () => {
    const shards = ["worker-1", "worker-2", "", "ü"].map((workerName) => shardOf({ componentId, workerName }));
    assert.deepEqual(shards, [441, 256, 801, 231]);
  });

  it("spreads workers evenly", () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 20_000; index += 1) {
      const executor = executorOf(shardOf({ componentId, workerName: `w${index}` }), 4);
      counts.set(executor, (counts.get(executor) ?? 0) + 1);
    }
    for (const count of counts.values()) assert.ok(count > 4000 && count < 6000, String(count));
    assert.equal(allShards.length, shardCount);
  });
});
