import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyedLock } from "./keyed-lock.ts";

describe("KeyedLock", () => {
  it("runs one after the other for a key, also after a failure, and keys side by side", async () => {
    const lock = new KeyedLock();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = lock.run("a", async () => {
      order.push("a1");
      await gate.promise;
      order.push("a1 end");
      throw new Error("failed");
    });
    const second = lock.run("a", async () => {
      await Promise.resolve();
      order.push("a2");
      return 2;
    });
    const other = lock.run("b", async () => {
      await Promise.resolve();
      order.push("b");
    });
    await other;
    gate.resolve();
    await assert.rejects(first, { message: "failed" });
    assert.equal(await second, 2);
    assert.deepEqual(order, ["a1", "b", "a1 end", "a2"]);
  });
});
