/** Whoever asked for a revert is answered, whatever else is asked of the worker meanwhile. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../packages/server/src/platform/clock.ts";
import { systemEntropy } from "../../packages/server/src/platform/entropy.ts";
import { systemDatabases } from "../../packages/server/src/platform/databases/system-databases.ts";
import { systemHttpClient } from "../../packages/server/src/platform/http/system-http-client.ts";
import { openNetwork } from "../../packages/server/src/platform/network/network-for-tests.ts";
import { createMemoryStorage } from "../../packages/server/src/storage/memory/memory-storage.ts";
import { Executor } from "../../packages/server/src/worker/executor.ts";
import type { ComponentImage } from "../../packages/server/src/component/component-image.ts";
import { guestImage } from "../sim/guest-image.ts";

function executorOf(image: ComponentImage): Executor {
  return new Executor({
    services: {
      ...createMemoryStorage().stores(),
      clock: systemClock(),
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
    limits: { loadedWorkersMax: 10, linearMemoryBytesMax: 10_000_000 },
    emit: () => undefined,
    emitHttp: () => undefined,
  });
}

/** Waits for so many turns of the queue of promises. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe("reverts", () => {
  it("are done or refused wherever in its load the worker is deleted or stopped under them", async () => {
    const image = await guestImage("ledger");
    for (let turn = 0; turn < 120; turn++) {
      const executor = executorOf(image);
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
