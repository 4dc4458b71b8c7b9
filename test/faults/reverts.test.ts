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

describe("reverts", () => {
  it("are done or refused when the worker is interrupted or deleted under them", async () => {
    const image = await guestImage("ledger");
    for (const other of ["interrupt", "delete", "stop"] as const) {
      const executor = executorOf(image);
      const worker = { componentId: image.componentId, workerName: other };
      const revert = { kind: "revert", worker, target: { kind: "oplog-index", index: 1 } } as const;
      await executor.handle({ kind: "create", worker, latestVersion: 0, args: [], env: [] });
      const reverted = [executor.handle(revert), executor.handle(revert)];
      const asked =
        other === "stop"
          ? executor.handle({ kind: "stop" })
          : executor.handle({ kind: other, worker, recoverImmediately: false });
      const ends = await Promise.allSettled([...reverted, asked]);
      assert.equal(ends[2]?.status, "fulfilled", other);
      if (other === "interrupt")
        assert.deepEqual(
          ends.map((end) => end.status),
          ["fulfilled", "fulfilled", "fulfilled"],
        );
    }
  });
});
