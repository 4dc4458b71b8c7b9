/** An executor of one component over storage in memory, in the test's own thread. */
import type { ComponentImage } from "../../packages/server/src/component/component-image.ts";
import type { Clock } from "../../packages/server/src/platform/clock.ts";
import { systemClock } from "../../packages/server/src/platform/clock.ts";
import { systemDatabases } from "../../packages/server/src/platform/databases/system-databases.ts";
import { systemEntropy } from "../../packages/server/src/platform/entropy.ts";
import { systemHttpClient } from "../../packages/server/src/platform/http/system-http-client.ts";
import { openNetwork } from "../../packages/server/src/platform/network/network-for-tests.ts";
import { createMemoryStorage } from "../../packages/server/src/storage/memory/memory-storage.ts";
import type { SnapshotLimits } from "../../packages/server/src/worker/memory-snapshot/snapshot-policy.ts";
import { noSnapshots } from "../../packages/server/src/worker/memory-snapshot/snapshot-policy.ts";
import { OwnedShards } from "../../packages/server/src/worker/owned-shards.ts";
import { Executor } from "../../packages/server/src/worker/executor.ts";
import type { MemorySnapshotStore } from "../../packages/server/src/worker/stores.ts";

export interface MemoryExecutorOptions {
  readonly clock?: Clock;
  /** Where memory snapshots are kept, one after every invocation; undefined: none are taken. */
  readonly snapshots?: MemorySnapshotStore;
}

const eager: SnapshotLimits = { enabled: true, entries: 1, bytes: 1, replayMs: 1, memoryBytesMax: 10_000_000 };

export function memoryExecutor(
  image: ComponentImage,
  { clock = systemClock(), snapshots }: MemoryExecutorOptions = {},
): Executor {
  return new Executor({
    services: {
      ...createMemoryStorage().stores(),
      ...(snapshots === undefined ? {} : { memorySnapshots: snapshots }),
      clock,
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
      shards: new OwnedShards([0], 1),
      limits: {
        suspendAfterMs: 10_000,
        sliceMs: 5,
        invocationFuelMax: 0,
        queuedInvocationsMax: 10,
        fileBytesMax: 1000,
        keyValueBytesMax: 1024 * 1024,
        objectBytesMax: 1024 * 1024,
        stderrBytesMax: 1000,
        memorySnapshots: snapshots === undefined ? noSnapshots : eager,
      },
    },
    limits: {
      loadedWorkersMax: 10,
      componentWorkersMax: 10,
      bytesMax: 10_000_000,
      mappingsMax: 1000,
      memoriesMax: 1000,
      idleMs: 60_000,
    },
    share: 1,
    activity: () => ({ active: 0, idle: 0 }),
    emit: () => undefined,
    emitHttp: () => undefined,
    metrics: () => Promise.resolve([]),
  });
}
