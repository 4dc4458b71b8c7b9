/** Opens the embedded storage: starts its thread and connects other threads with it. */
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Disk } from "../platform/disk.ts";
import { systemDisk } from "../platform/disk.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import { StoreError } from "../platform/store-error.ts";
import { threadEnvironment } from "../platform/threads.ts";
import { archiveDirectory } from "./archive-table.ts";
import { Archiver } from "./archiver.ts";
import { createBlobStore, listBlobDirectories, removeUnfinishedBlobs } from "./blob-store.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import { ObjectSweeper } from "./object-client.ts";
import { fileObjects } from "./object-files.ts";
import type { StorageClient } from "./storage-client.ts";
import { openCalls, openStorageClient } from "./storage-client.ts";
import type { FromStorageThread, StorageThreadData, ToStorageThread } from "./storage-thread.ts";

export interface StorageOptions {
  /** Created if it isn't there. */
  readonly dataDirectory: string;
  readonly limits?: Partial<StorageLimits>;
  readonly disk?: Disk;
  /**
   * The storage can't guarantee any more that what it acknowledges is durable: all writes fail from now on, and the
   * process should end with a non-zero code and this reason.
   */
  readonly onFatal: (error: StoreError) => void;
}

export interface Storage {
  /** A new connection; the port can be transferred to another thread, which calls `openStorageClient` with it. */
  readonly connect: () => MessagePort;
  /** The stores over a connection, in this thread. */
  readonly client: (port: MessagePort) => StorageClient;
  /** What was counted in its thread. */
  readonly metrics: () => Promise<MetricFamilies>;
  /** Moves old records into archives, as often as the caller likes (`archiver.ts`). */
  readonly archiver: Archiver;
  /** Stores what has arrived and ends the thread. Clients are disconnected. */
  readonly close: () => Promise<void>;
}

/** Run from source the thread's file is TypeScript; built, it is JavaScript beside this one. */
const threadFile = new URL(
  import.meta.url.endsWith(".ts") ? "./storage-thread.ts" : "./storage-thread.js",
  import.meta.url,
);

function startThread(data: StorageThreadData): Promise<Worker> {
  const thread = new Worker(threadFile, { workerData: data, name: "storage", env: threadEnvironment() });
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => {
      reject(new StoreError("failed", `cannot start the storage thread: ${String(error)}`, { cause: error }));
    };
    const refuseExit = (code: number): void => refuse(`it ended with code ${code}`);
    thread.once("error", refuse);
    thread.once("exit", refuseExit);
    thread.once("message", (message: FromStorageThread) => {
      thread.off("error", refuse);
      thread.off("exit", refuseExit);
      if (message.kind === "ready") resolve(thread);
      else reject(new StoreError("code" in message ? message.code : "failed", describe(message)));
    });
  });
}

function describe(message: FromStorageThread): string {
  return "message" in message ? message.message : `the storage thread is ${message.kind}`;
}

/** Tidies the files of objects up after the last run, before anyone uses them. */
async function recoverObjects(thread: Worker, dataDirectory: string): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  thread.postMessage({ kind: "connect", port: port2 } satisfies ToStorageThread, [port2]);
  const { call, close } = openCalls(port1);
  try {
    const files = fileObjects(dataDirectory);
    await files.recover((file) => call(0, "object.isUsed", file));
    await new ObjectSweeper(call, files).sweep();
  } finally {
    close();
  }
}

function openArchiver(thread: Worker, dataDirectory: string, disk: Disk): Archiver {
  const { port1, port2 } = new MessageChannel();
  thread.postMessage({ kind: "connect", port: port2 } satisfies ToStorageThread, [port2]);
  return new Archiver({
    call: openCalls(port1).call,
    blobs: createBlobStore({ disk, dataDirectory, writer: "archiver" }),
    directories: () => listBlobDirectories(disk, dataDirectory, archiveDirectory),
  });
}

/**
 * Opens the storage in a directory. Rejects with a `StoreError` if another process uses the directory, if it was written
 * by a newer server, or if it is damaged.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { dataDirectory, onFatal, disk = systemDisk } = options;
  const limits = { ...defaultStorageLimits, ...options.limits };
  await disk.makeDirectory(dataDirectory);
  const thread = await startThread({ dataDirectory, limits });
  // Only now is it certain that no other process writes blobs here.
  try {
    await removeUnfinishedBlobs(disk, dataDirectory);
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  try {
    await recoverObjects(thread, dataDirectory);
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  let closing = false;
  const metricsWaiting: ((families: MetricFamilies) => void)[] = [];
  const { promise: closed, resolve: noteClosed } = Promise.withResolvers<void>();
  let failed = false;
  // An error of the thread is followed by its exit.
  const fail = (error: StoreError): void => {
    if (!closing && !failed) onFatal(error);
    failed = true;
  };
  thread.on("message", (message: FromStorageThread) => {
    if (message.kind === "metrics") for (const resolve of metricsWaiting.splice(0)) resolve(message.families);
    if (message.kind === "fatal") fail(new StoreError(message.code, message.message));
  });
  thread.on("error", (error) => {
    fail(new StoreError("failed", `the storage thread failed: ${String(error)}`, { cause: error }));
  });
  thread.on("exit", (code) => {
    fail(new StoreError("failed", `the storage thread ended with code ${code}`));
    noteClosed();
  });
  const archiver = openArchiver(thread, dataDirectory, disk);
  const send = (message: ToStorageThread, transfer: MessagePort[] = []): void => thread.postMessage(message, transfer);
  return {
    connect: () => {
      const { port1, port2 } = new MessageChannel();
      send({ kind: "connect", port: port2 }, [port2]);
      return port1;
    },
    client: (port) => openStorageClient({ port, dataDirectory, limits, disk }),
    archiver,
    metrics: () => {
      if (closing) return Promise.resolve([]);
      const { promise, resolve } = Promise.withResolvers<MetricFamilies>();
      metricsWaiting.push(resolve);
      send({ kind: "metrics" });
      return promise;
    },
    close: async () => {
      closing = true;
      await archiver.stop();
      send({ kind: "close" });
      await closed;
    },
  };
}
