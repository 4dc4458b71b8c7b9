import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WorkerEnds } from "./worker-ends.ts";

const worker = { componentId: "c", workerName: "w" };

describe("WorkerEnds", () => {
  it("lets the end wait for removals that were begun, of this worker only", async () => {
    const ends = new WorkerEnds();
    const told: string[] = [];
    const [removal, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const removed = ends.removes(worker, removal.promise).then(() => told.push("removed"));
    void ends.removes({ ...worker, workerName: "x" }, other.promise);
    const ended = ends.last(worker, async () => void told.push("ended"));
    await Promise.resolve();
    assert.equal(told.length, 0);
    removal.resolve();
    await Promise.all([removed, ended]);
    assert.deepEqual(told.toSorted(), ["ended", "removed"]);
    await ends.last(worker, async () => void told.push("again"));
    assert.equal(told.at(-1), "again");
  });

  it("doesn't end what couldn't be removed", async () => {
    const ends = new WorkerEnds();
    const removal = Promise.withResolvers<void>();
    const removed = ends.removes(worker, removal.promise);
    const ended = ends.last(worker, () => assert.fail("it ended"));
    removal.reject(new Error("full"));
    await assert.rejects(removed, /full/u);
    await assert.rejects(ended, /full/u);
  });
});
