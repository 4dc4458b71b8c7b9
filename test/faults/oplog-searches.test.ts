/** Searches of oplogs that nobody waits for any more. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guestImage } from "../sim/guest-image.ts";
import { memoryExecutor } from "../support/memory-executor.ts";

describe("oplog searches", () => {
  it("end when they are given up, whether they run or wait, and make room for others", async () => {
    const image = await guestImage("ledger");
    const executor = memoryExecutor(image);
    const worker = { componentId: image.componentId, workerName: "w" };
    await executor.handle({ kind: "create", worker, latestVersion: 0, args: [], env: [] });
    const question = { from: 1, version: undefined, count: 1, query: "nothing-like-it" };
    const search = { kind: "read-oplog", worker, question } as const;
    const gone = new AbortController();
    const searches = Array.from({ length: 20 }, () => executor.handle(search, gone.signal));
    gone.abort(new Error("gone"));
    for (const given of searches) await assert.rejects(given, /gone/u);
    const text = (await executor.handle(search, new AbortController().signal)) as string;
    const page = JSON.parse(text) as unknown;
    assert.deepEqual((page as { readonly entries: unknown }).entries, []);
    await executor.handle({ kind: "stop" });
  });
});
