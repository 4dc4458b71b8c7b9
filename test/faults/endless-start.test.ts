/** A component that would hang its thread before it could be stopped. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Clock } from "../../packages/server/src/platform/clock.ts";
import { systemEntropy } from "../../packages/server/src/platform/entropy.ts";
import { systemDatabases } from "../../packages/server/src/platform/databases/system-databases.ts";
import { systemHttpClient } from "../../packages/server/src/platform/http/system-http-client.ts";
import { openNetwork } from "../../packages/server/src/platform/network/network-for-tests.ts";
import { createMemoryStorage } from "../../packages/server/src/storage/memory/memory-storage.ts";
import { Executor } from "../../packages/server/src/worker/executor.ts";
import { WorkerError } from "../../packages/server/src/worker/worker-error.ts";
import { guestImage } from "../sim/guest-image.ts";

/** A clock on which each look takes a while, so that no time has to pass. */
function hurriedClock(): Clock {
  let nowMs = 0;
  return { now: () => (nowMs += 100) };
}

describe("a start function without an end", () => {
  it("is stopped, and its worker fails", async () => {
    const image = await guestImage("endless-start");
    const executor = new Executor({
      services: {
        ...createMemoryStorage().stores(),
        clock: hurriedClock(),
        sleep: () => Promise.resolve(),
        entropy: systemEntropy(),
        http: systemHttpClient(),
        databases: systemDatabases(),
        network: openNetwork(),
        yieldTurn: () => Promise.resolve(),
        image: () => Promise.resolve(image),
        timerSet: () => undefined,
        exportSpan: undefined,
        ask: () => Promise.reject(new Error("there is no main thread")),
        shardOf: () => 0,
        epoch: 1,
        limits: {
          suspendAfterMs: 10_000,
          sliceMs: 5,
          queuedInvocationsMax: 10,
          fileBytesMax: 1000,
          keyValueBytesMax: 1024 * 1024,
          objectBytesMax: 1024 * 1024,
          stderrBytesMax: 1000,
        },
      },
      limits: { loadedWorkersMax: 10, linearMemoryBytesMax: 1_000_000 },
      emit: () => undefined,
      emitHttp: () => undefined,
    });
    const worker = { componentId: image.componentId, workerName: "w" };
    await assert.rejects(
      executor.handle({ kind: "create", worker, latestVersion: 0, args: [], env: [] }),
      (error) => error instanceof WorkerError && /starting took longer than 5000 ms/u.test(error.message),
    );
  });
});
