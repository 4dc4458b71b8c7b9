import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ShardCosts } from "./shard-costs.ts";

describe("ShardCosts", () => {
  it("divides what the thread did besides running guests among the calls", () => {
    const costs = new ShardCosts();
    for (let call = 0; call < 3; call += 1) costs.called(7);
    costs.called(9);
    costs.ran(9, 60);
    assert.deepEqual(costs.take(100), [
      { shard: 7, ms: 30 },
      { shard: 9, ms: 70 },
    ]);
    assert.deepEqual(costs.take(100), []);
  });

  it("never takes away from what guests ran", () => {
    const costs = new ShardCosts();
    costs.ran(1, 60);
    costs.called(2);
    assert.deepEqual(costs.take(50), [
      { shard: 1, ms: 60 },
      { shard: 2, ms: 0 },
    ]);
  });
});
