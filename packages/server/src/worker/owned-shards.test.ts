import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OwnedShards } from "./owned-shards.ts";

describe("OwnedShards", () => {
  it("opens no worker of a shard that leaves or has left, and still writes for one that leaves", () => {
    const owned = new OwnedShards([1, 2], 5);
    owned.leave([1, 2]);
    assert.throws(() => owned.requireOpen(1), { name: "MovedError" });
    assert.equal(owned.epochOf(1), 5);
    owned.settle([1, 2], (shard) => shard === 1);
    assert.throws(() => owned.epochOf(1), { name: "MovedError" });
    assert.throws(() => owned.requireOpen(1), { name: "MovedError" });
    owned.requireOpen(2);
    assert.deepEqual([owned.owns(1), owned.owns(2)], [false, true]);
  });

  it("keeps the later epoch of a shard that it is given twice", () => {
    const owned = new OwnedShards([1], 5);
    owned.own([1, 3], 4);
    assert.deepEqual([owned.epochOf(1), owned.epochOf(3)], [5, 4]);
  });
});
