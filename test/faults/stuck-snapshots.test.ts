/** A worker lives although a memory snapshot of it is of no use and can't be removed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Request } from "../../packages/server/src/worker/messages.ts";
import { memorySnapshotSkipped } from "../../packages/server/src/worker/channels.ts";
import { readSnapshot, writeSnapshot } from "../../packages/server/src/worker/memory-snapshot/memory-snapshot.ts";
import type { MemorySnapshotStore } from "../../packages/server/src/worker/stores.ts";
import { guestImage } from "../sim/guest-image.ts";
import { memoryExecutor } from "../support/memory-executor.ts";

/** The same snapshot of an instance that has no memories: restoring it fails. */
function withoutMemories(bytes: Uint8Array): Uint8Array {
  const snapshot = readSnapshot(bytes);
  assert.ok(snapshot !== undefined);
  return writeSnapshot({ ...snapshot, instance: { ...snapshot.instance, memories: [] } });
}

/** Keeps the first one for good. */
function stuckSnapshots(first: PromiseWithResolvers<void>): MemorySnapshotStore {
  let kept: Uint8Array | undefined;
  return {
    put: async (_worker, snapshot) => {
      kept ??= withoutMemories(snapshot);
      first.resolve();
      return snapshot.length;
    },
    get: async () => kept,
    delete: async () => undefined,
  };
}

describe("a memory snapshot that is of no use and stays", () => {
  it("is tried once in a load, and gives way to the history", async () => {
    const image = await guestImage("ledger");
    const first = Promise.withResolvers<void>();
    const executor = memoryExecutor(image, { snapshots: stuckSnapshots(first) });
    const worker = { componentId: image.componentId, workerName: "w" };
    let tried = 0;
    memorySnapshotSkipped.subscribe(({ step }) => {
      if (step === "load") tried += 1;
      // Instead of going on for ever.
      if (tried > 10) void executor.handle({ kind: "stop" });
    });
    const call = (functionName: string, params: readonly unknown[], key: string): Request => ({
      kind: "invoke",
      worker,
      latestVersion: 0,
      functionName,
      input: JSON.stringify({ params }),
      idempotencyKey: key,
      awaitResult: true,
    });
    await executor.handle(call("add", [{ typ: { type: "U64" }, value: 5 }], "first"));
    await first.promise;
    await executor.handle(call("add", [{ typ: { type: "U64" }, value: 7 }], "second"));
    const target = { kind: "last-invocations", count: 1 } as const;
    await executor.handle({ kind: "revert", worker, target });
    const sum = await executor.handle(call("sum", [], "third"));
    assert.match(JSON.stringify(sum), /\[5\]/u);
    assert.equal(tried, 1);
    await executor.handle({ kind: "stop" });
  });
});
