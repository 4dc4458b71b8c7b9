import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Waiters } from "./waiters.ts";

describe("Waiters", () => {
  it("answers all who wait for a key, once", async () => {
    const waiters = new Waiters<string>();
    const waiting = [waiters.wait("a"), waiters.wait("a")];
    const other = waiters.wait("b");
    assert.equal(waiters.size, 2);
    waiters.resolve("a", "done");
    waiters.resolve("a", "again");
    assert.deepEqual(await Promise.all(waiting), ["done", "done"]);
    assert.deepEqual([waiters.has("a"), waiters.has("b")], [false, true]);
    waiters.reject("b", new Error("no"));
    await assert.rejects(other, { message: "no" });
    assert.equal(waiters.size, 0);
  });

  it("rejects everybody", async () => {
    const waiters = new Waiters<string>();
    const waiting = ["a", "b", "b"].map((key) => waiters.wait(key));
    waiters.rejectAll(new Error("end"));
    const settled = await Promise.allSettled(waiting);
    assert.ok(settled.every((item) => item.status === "rejected"));
    assert.equal(waiters.size, 0);
  });
});
