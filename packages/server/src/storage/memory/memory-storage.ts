/**
 * All stores in memory, for tests and simulations. What is durable and when is under the test's control: writes can be
 * made to wait, be committed one by one, and be lost in a crash between any two of them.
 */
import type { EffectOrigin } from "../../durability/effect.ts";
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { ComponentRecord, PluginRecord, PromiseState, RouteRecord, Timer } from "../../worker/stores.ts";
import type { Stores } from "../storage-client.ts";
import type { OplogData } from "./memory-oplogs.ts";
import { memoryDeliveryStore } from "./memory-deliveries.ts";
import { checkEpoch, lastIndexOf, memoryOplogStore, memoryWorkerIndex } from "./memory-oplogs.ts";
import {
  memoryBlobStore,
  memoryComponentStore,
  memoryPluginStore,
  memoryPromiseStore,
  memoryRouteStore,
  memoryTimerStore,
  timerKey,
} from "./memory-stores.ts";
import type { KeyValueData, WatcherData } from "./memory-key-values.ts";
import { memoryKeyValueStore } from "./memory-key-values.ts";
import type { OperationData } from "./memory-operations.ts";
import type { SnapshotData } from "./memory-snapshots.ts";
import { memorySnapshotStore } from "./memory-snapshots.ts";
import type { ObjectData } from "./memory-objects.ts";
import { memoryObjectStore } from "./memory-objects.ts";
import type { CommitMode } from "./write-queue.ts";
import { WriteQueue } from "./write-queue.ts";

interface DurableData {
  readonly oplogs: OplogData;
  readonly promises: Map<string, PromiseState>;
  readonly timers: Map<string, Timer>;
  readonly components: ComponentRecord[];
  readonly routes: Map<string, RouteRecord>;
  readonly plugins: Map<string, PluginRecord>;
  readonly blobs: Map<string, Uint8Array>;
  readonly keyValues: KeyValueData;
  readonly watching: WatcherData;
  readonly objects: ObjectData;
  readonly operations: OperationData;
  readonly snapshots: SnapshotData;
}

export interface MemoryStorage {
  /** The stores since the last crash. */
  readonly stores: () => Stores;
  /** How many writes wait. */
  readonly waiting: () => number;
  /** Makes the oldest waiting writes durable and answers them; all, if no count is given. */
  readonly commit: (count?: number) => void;
  /** Loses what waits, unanswered. Stores given out before stay silent: only `stores()` from now on sees the data. */
  readonly crash: () => void;
}

function storesOver(data: DurableData, queue: WriteQueue): Stores {
  const { operations } = data;
  const checkOrigin = ({ shard, epoch }: EffectOrigin): void => checkEpoch(data.oplogs, shard, epoch);
  return {
    oplogs: memoryOplogStore(data.oplogs, queue),
    workers: memoryWorkerIndex(data.oplogs, queue),
    promises: memoryPromiseStore(data.promises, queue),
    timers: memoryTimerStore(data.timers, queue),
    components: memoryComponentStore(data.components, data.oplogs, queue),
    routes: memoryRouteStore(data.routes, queue),
    plugins: memoryPluginStore(data.plugins, queue),
    deliveries: memoryDeliveryStore(
      data.oplogs.deliveries,
      (worker) => lastIndexOf(data.oplogs.workers.get(formatWorkerId(worker))),
      queue,
    ),
    blobs: memoryBlobStore(data.blobs, queue),
    keyValues: memoryKeyValueStore({
      values: data.keyValues,
      watching: data.watching,
      setTimer: (timer) => void data.timers.set(timerKey(timer), timer),
      operations,
      queue,
      checkEpoch: checkOrigin,
    }),
    objects: memoryObjectStore({ data: data.objects, operations, queue, checkEpoch: checkOrigin }),
    memorySnapshots: memorySnapshotStore(data.snapshots),
  };
}

export function createMemoryStorage(mode: CommitMode = "automatic"): MemoryStorage {
  const data: DurableData = {
    oplogs: {
      positions: [],
      workers: new Map(),
      epochs: new Map(),
      ended: new Map(),
      removedVersions: new Map(),
      deliveries: new Map(),
    },
    promises: new Map(),
    timers: new Map(),
    components: [],
    routes: new Map(),
    plugins: new Map(),
    blobs: new Map(),
    keyValues: new Map(),
    watching: { watchers: new Map(), events: 0 },
    objects: { containers: new Map(), files: new Map() },
    operations: new Map(),
    snapshots: new Map(),
  };
  let queue = new WriteQueue(mode);
  let stores = storesOver(data, queue);
  return {
    stores: () => stores,
    waiting: () => queue.size,
    commit: (count = queue.size) => queue.commit(count),
    crash: () => {
      queue.close();
      queue = new WriteQueue(mode);
      stores = storesOver(data, queue);
    },
  };
}
