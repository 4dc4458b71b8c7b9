/** What must hold of the stores when everything has come to rest. */
import assert from "node:assert/strict";
import { foldOplog } from "../../packages/server/src/durability/fold.ts";
import { decodeEntry, framesOf } from "../../packages/server/src/durability/oplog/decode-entry.ts";
import { workerRow } from "../../packages/server/src/durability/row.ts";
import { isDeleted } from "../../packages/server/src/durability/deleted-regions.ts";
import type { WorkerId } from "../../packages/server/src/platform/worker-id.ts";
import type { World } from "./world.ts";

/** The row in the index is the fold over the oplog, and every invocation began once and was completed once. */
export async function checkStores(world: World, worker: WorkerId, keys: readonly string[]): Promise<void> {
  const { oplogs, workers, blobs } = world.stores;
  const { chunks, nextIndex } = await oplogs.read(worker, 1, Number.MAX_SAFE_INTEGER);
  assert.equal(nextIndex, undefined);
  const state = foldOplog(worker, chunks, blobs.getSync);
  assert.deepEqual(await workers.get(worker), workerRow(state));
  assert.equal(state.status, "Idle");
  const begun = new Map<string, number>();
  let completed = 0;
  for (const record of chunks.flatMap((chunk) => [...framesOf(chunk)])) {
    if (isDeleted(state.deletedRegions, record.index)) continue;
    if (record.kind === "exported-function-completed") completed += 1;
    if (record.kind !== "exported-function-invoked") continue;
    const entry = decodeEntry(record, blobs.getSync);
    assert.ok(entry.kind === "exported-function-invoked");
    const { idempotencyKey } = entry.fields;
    begun.set(idempotencyKey, (begun.get(idempotencyKey) ?? 0) + 1);
  }
  assert.deepEqual(
    [...begun].filter(([, times]) => times !== 1),
    [],
  );
  assert.deepEqual([...begun.keys()].sort(), [...keys].sort());
  assert.equal(completed, begun.size);
}
