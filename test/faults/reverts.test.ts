/** Whoever asked for a revert is answered, whatever else is asked of the worker meanwhile. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guestImage } from "../sim/guest-image.ts";
import { memoryExecutor } from "../support/memory-executor.ts";

/** Waits for so many turns of the queue of promises. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe("reverts", () => {
  it("are done or refused wherever in its load the worker is deleted or stopped under them", async () => {
    const image = await guestImage("ledger");
    for (let turn = 0; turn < 120; turn++) {
      const executor = memoryExecutor(image);
      const worker = { componentId: image.componentId, workerName: `w${turn}` };
      const revert = { kind: "revert", worker, target: { kind: "oplog-index", index: 1 } } as const;
      const created = executor.handle({ kind: "create", worker, latestVersion: 0, args: [], env: [] });
      created.catch(() => undefined);
      await turns(turn);
      const reverted = [executor.handle(revert), executor.handle(revert)];
      const settled = Promise.allSettled([created, ...reverted]);
      await turns(turn % 12);
      await executor.handle(turn % 2 === 0 ? { kind: "stop" } : { kind: "delete", worker });
      const ends = await settled;
      assert.equal(ends.length, 3);
    }
  });
});
