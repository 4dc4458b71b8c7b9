/** A component that would hang its thread before it could be stopped. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "../../packages/server/src/platform/clock.ts";
import { WorkerError } from "../../packages/server/src/worker/worker-error.ts";
import { guestImage } from "../sim/guest-image.ts";
import { memoryExecutor } from "../support/memory-executor.ts";

/** A clock on which each look takes a while, so that no time has to pass. */
function hurriedClock(): Clock {
  let nowMs = 0;
  return { now: () => (nowMs += 100) };
}

describe("a start function without an end", () => {
  it("is stopped, and its worker fails", async () => {
    const image = await guestImage("endless-start");
    const executor = memoryExecutor(image, { clock: hurriedClock() });
    const worker = { componentId: image.componentId, workerName: "w" };
    await assert.rejects(
      executor.handle({ kind: "create", worker, latestVersion: 0, args: [], env: [] }),
      (error) => error instanceof WorkerError && /starting took longer than 5000 ms/u.test(error.message),
    );
  });
});
