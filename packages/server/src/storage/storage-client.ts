/** The stores, for one thread, over its connections to the storage threads. */
import { threadId } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { OplogStore } from "../durability/oplog-store.ts";
import type { KeyValueStore } from "../durability/key-value-store.ts";
import type { ObjectStore } from "../durability/object-store.ts";
import type { Disk } from "../platform/disk.ts";
import { systemDisk } from "../platform/disk.ts";
import type {
  BlobStore,
  ComponentStore,
  MemorySnapshotStore,
  PluginStore,
  PromiseStore,
  RouteStore,
  TimerStore,
} from "../worker/stores.ts";
import type { DeliveryStore } from "../worker/delivery-store.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";
import { ArchiveReader } from "./archiver.ts";
import { createBlobStore } from "./blob-store.ts";
import { ClientChannel } from "./client-channel.ts";
import { componentStore } from "./component-client.ts";
import { deliveryStore } from "./delivery-client.ts";
import { keyValueStore } from "./key-value-client.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import { objectStore, ObjectSweeper } from "./object-client.ts";
import { fileObjects } from "./object-files.ts";
import { oplogStore } from "./oplog-client.ts";
import { Partitions } from "./partitions.ts";
import { snapshotFiles } from "./snapshot-files.ts";
import { timerStore } from "./timer-client.ts";
import { WorkerEnds } from "./worker-ends.ts";
import { workerIndex } from "./worker-index-client.ts";

/** One for each partition, in their order. */
export type StoragePorts = readonly MessagePort[];

/** All stores of a server. */
export interface Stores {
  readonly oplogs: OplogStore;
  readonly workers: WorkerIndex;
  readonly promises: PromiseStore;
  readonly timers: TimerStore;
  readonly components: ComponentStore;
  readonly routes: RouteStore;
  readonly plugins: PluginStore;
  readonly deliveries: DeliveryStore;
  readonly blobs: BlobStore;
  readonly keyValues: KeyValueStore;
  readonly objects: ObjectStore;
  readonly memorySnapshots: MemorySnapshotStore;
}

export interface StorageClient extends Stores {
  /** Ends the connection; calls that weren't answered are rejected. */
  readonly close: () => void;
}

export interface StorageClientOptions {
  /** From `Storage.connect`; they may have been transferred to this thread. */
  readonly ports: StoragePorts;
  readonly dataDirectory: string;
  readonly limits?: StorageLimits;
  readonly disk?: Disk;
  /** A change in the key-value store set timers that are due. */
  readonly onWatched?: (dueMs: number) => void;
}

function promiseStore(partitions: Partitions, ends: WorkerEnds): PromiseStore {
  return {
    create: (id) => partitions.of(id.worker).call("promise.create", id),
    complete: (id, data) => partitions.of(id.worker).call("promise.complete", id, new Uint8Array(data)),
    get: (id) => partitions.of(id.worker).call("promise.get", id),
    of: (worker, count, before) => partitions.of(worker).call("promise.of", worker, count, before),
    delete: (id) => partitions.of(id.worker).call("promise.delete", id),
    deleteOf: (worker) => ends.removes(worker, partitions.of(worker).call("promise.deleteOf", worker)),
  };
}

function routeStore({ first }: Partitions): RouteStore {
  return {
    add: (record) => first.call("route.add", record),
    remove: (id) => first.call("route.remove", id),
    all: () => first.call("route.all"),
  };
}

function pluginStore({ first }: Partitions): PluginStore {
  return {
    add: (record) => first.call("plugin.add", record),
    remove: (name, version) => first.call("plugin.remove", name, version),
    get: (name, version) => first.call("plugin.get", name, version),
    all: () => first.call("plugin.all"),
  };
}

/** Opens the stores over connections to the storage threads, in the thread that calls it. */
export function openStorageClient(options: StorageClientOptions): StorageClient {
  const {
    ports,
    dataDirectory,
    limits = defaultStorageLimits,
    disk = systemDisk,
    onWatched = () => undefined,
  } = options;
  const partitions = new Partitions(ports.map((port) => new ClientChannel(port, limits)));
  const ends = new WorkerEnds();
  const call = partitions.first.callOf;
  const files = fileObjects(dataDirectory);
  const sweeper = new ObjectSweeper(call, files);
  const blobs = createBlobStore({ disk, dataDirectory, writer: `thread-${threadId}` });
  const keyValues = keyValueStore({ call, files, sweeper, onWatched });
  return {
    oplogs: oplogStore(partitions, new ArchiveReader(blobs), ends),
    workers: workerIndex(partitions, limits.pageCountMax),
    promises: promiseStore(partitions, ends),
    timers: timerStore(partitions, ends),
    components: componentStore(partitions),
    routes: routeStore(partitions),
    plugins: pluginStore(partitions),
    deliveries: deliveryStore(partitions),
    keyValues: { ...keyValues, forget: (worker) => ends.removes(worker, keyValues.forget(worker)) },
    objects: objectStore(call, files, sweeper),
    blobs,
    memorySnapshots: snapshotFiles(dataDirectory),
    close: () => partitions.close(),
  };
}
