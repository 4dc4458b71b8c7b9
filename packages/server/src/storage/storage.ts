/** Opens the embedded storage: starts its threads and connects other threads with them. */
import type { Disk } from "../platform/disk.ts";
import { systemDisk } from "../platform/disk.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import { StoreError } from "../platform/store-error.ts";
import { archiveDirectory } from "./archive-table.ts";
import { Archiver } from "./archiver.ts";
import { createBlobStore, listBlobDirectories, removeUnfinishedBlobs } from "./blob-store.ts";
import type { CallStorage } from "./calls.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import { ObjectSweeper } from "./object-client.ts";
import { fileObjects } from "./object-files.ts";
import { PartitionThread } from "./partition-thread.ts";
import { removeUnfinishedSnapshots } from "./snapshot-files.ts";
import type { StorageClient, StoragePorts } from "./storage-client.ts";
import { openStorageClient } from "./storage-client.ts";

export interface StorageOptions {
  /** Created if it isn't there. */
  readonly dataDirectory: string;
  /** How many partitions the directory must have; undefined: those that it has. */
  readonly partitions?: number | undefined;
  /** How many a new directory gets otherwise; one by default. */
  readonly newPartitions?: number;
  readonly limits?: Partial<StorageLimits>;
  readonly disk?: Disk;
  /**
   * The storage can't guarantee any more that what it acknowledges is durable: writes fail from now on, and the process
   * should end with a non-zero code and this reason.
   */
  readonly onFatal: (error: StoreError) => void;
}

export interface Storage {
  /** New connections; the ports can be transferred to another thread, which calls `openStorageClient` with them. */
  readonly connect: () => StoragePorts;
  /** The stores over connections, in this thread. */
  readonly client: (ports: StoragePorts) => StorageClient;
  /** What was counted in its threads. */
  readonly metrics: () => Promise<readonly MetricFamilies[]>;
  /** Moves old records into archives, as often as the caller likes (`archiver.ts`). */
  readonly archiver: Pick<Archiver, "run" | "stop">;
  readonly partitions: number;
  /** Stores what has arrived and ends the threads. Clients are disconnected. */
  readonly close: () => Promise<void>;
}

interface Opening extends Required<Pick<StorageOptions, "dataDirectory" | "disk" | "newPartitions">> {
  readonly partitions: number | undefined;
  readonly limits: StorageLimits;
  readonly onFailed: (error: StoreError) => void;
}

/**
 * The first partition locks the directory and knows of how many it is the first. One that is new learns it when all others
 * are there (`partition-identity.ts`).
 */
async function startThreads(options: Opening): Promise<readonly PartitionThread[]> {
  const { dataDirectory, limits, partitions, newPartitions, onFailed } = options;
  const first = await PartitionThread.start({ dataDirectory, limits, partition: { number: 0 } }, onFailed);
  const threads = [first];
  try {
    const known = first.identity?.count;
    const count = known ?? partitions ?? newPartitions;
    if (partitions !== undefined && partitions !== count) {
      const wanted = `cannot open the storage in "${dataDirectory}" with ${partitions} partitions`;
      throw new StoreError("failed", `${wanted}: it was made with ${count}, which can't be changed`);
    }
    const isNew = known === undefined;
    const others = await Promise.allSettled(
      Array.from({ length: count - 1 }, (_, index) => {
        const partition = { number: index + 1, count, isNew };
        return PartitionThread.start({ dataDirectory, limits, partition }, onFailed);
      }),
    );
    for (const other of others) if (other.status === "fulfilled") threads.push(other.value);
    const refused = others.find((other) => other.status === "rejected");
    if (refused !== undefined) throw refused.reason;
    await withCalls(first, async (call) => {
      if (isNew) await call(0, "partition.complete", { number: 0, count });
      const ended = await call(0, "component.ended");
      for (const other of threads.slice(1)) await withCalls(other, (tell) => tell(0, "component.barAll", ended));
    });
    return threads;
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.terminate()));
    throw error;
  }
}

async function withCalls<T>(thread: PartitionThread, work: (call: CallStorage) => Promise<T>): Promise<T> {
  const { call, close } = thread.openCalls();
  try {
    return await work(call);
  } finally {
    close();
  }
}

/** Tidies the files of objects up after the last run, before anyone uses them. */
async function recoverObjects(call: CallStorage, dataDirectory: string): Promise<void> {
  const files = fileObjects(dataDirectory);
  await files.recover((file) => call(0, "object.isUsed", file));
  await new ObjectSweeper(call, files).sweep();
}

/** Those of all partitions as one: they take turns, since each of them computes. */
function openArchiver(
  threads: readonly PartitionThread[],
  dataDirectory: string,
  disk: Disk,
): Pick<Archiver, "run" | "stop"> {
  const archivers = threads.map(
    (thread, partition) =>
      new Archiver({
        partition,
        call: thread.openCalls().call,
        blobs: createBlobStore({ disk, dataDirectory, writer: `archiver-${partition}` }),
        directories: () => listBlobDirectories(disk, dataDirectory, archiveDirectory),
      }),
  );
  return {
    run: async () => {
      let moved = 0;
      for (const archiver of archivers) moved += await archiver.run();
      return moved;
    },
    stop: async () => {
      await Promise.all(archivers.map((archiver) => archiver.stop()));
    },
  };
}

/**
 * Opens the storage in a directory. Rejects with a `StoreError` if another process uses the directory, if it was written
 * by a newer server, if it has other partitions, or if it is damaged.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { dataDirectory, onFatal, partitions, newPartitions = 1, disk = systemDisk } = options;
  const limits = { ...defaultStorageLimits, ...options.limits };
  await disk.makeDirectory(dataDirectory);
  let closing = false;
  let failed = false;
  const onFailed = (error: StoreError): void => {
    if (!closing && !failed) onFatal(error);
    failed = true;
  };
  let opened = false;
  const threads = await startThreads({
    dataDirectory,
    disk,
    limits,
    partitions,
    newPartitions,
    // Whoever opens it is told by the rejection.
    onFailed: (error) => {
      if (opened) onFailed(error);
    },
  });
  try {
    // Only now is it certain that no other process writes blobs here.
    await removeUnfinishedBlobs(disk, dataDirectory);
    await removeUnfinishedSnapshots(dataDirectory);
    const [first] = threads;
    if (first !== undefined) await withCalls(first, (call) => recoverObjects(call, dataDirectory));
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.terminate()));
    throw error;
  }
  opened = true;
  const archiver = openArchiver(threads, dataDirectory, disk);
  return {
    connect: () => threads.map((thread) => thread.connect()),
    client: (ports) => openStorageClient({ ports, dataDirectory, limits, disk }),
    archiver,
    partitions: threads.length,
    metrics: () => (closing ? Promise.resolve([]) : Promise.all(threads.map((thread) => thread.metrics()))),
    close: async () => {
      closing = true;
      await archiver.stop();
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
