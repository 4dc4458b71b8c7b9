/**
 * The stores, for one thread. Calls of one turn go to the storage thread as one message; appends are copied into the
 * message at once, so that callers may reuse their buffers.
 */
import { threadId } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { OplogAppend, OplogStore } from "../durability/oplog-store.ts";
import type { KeyValueStore } from "../durability/key-value-store.ts";
import type { ObjectStore } from "../durability/object-store.ts";
import type { WorkerRow } from "../durability/worker-row.ts";
import type { Disk } from "../platform/disk.ts";
import { systemDisk } from "../platform/disk.ts";
import { StoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
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
import { createBlobStore } from "./blob-store.ts";
import type { AppendBatch, Call, CallName, Calls, StorageMessage } from "./calls.ts";
import { ArchiveReader } from "./archiver.ts";
import { readChunks, selectChunks } from "./chunk-list.ts";
import { entryBytesMax, writeEntry } from "./journal-format.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import type { CallStorage } from "./object-client.ts";
import { keyValueStore } from "./key-value-client.ts";
import { objectStore, ObjectSweeper } from "./object-client.ts";
import { fileObjects } from "./object-files.ts";
import { snapshotFiles } from "./snapshot-files.ts";
import { encodeEnvironment, unpackRow } from "./worker-rows.ts";

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
  /** From `Storage.connect`; it may have been transferred to this thread. */
  readonly port: MessagePort;
  readonly dataDirectory: string;
  readonly limits?: StorageLimits;
  readonly disk?: Disk;
  /** A change in the key-value store set timers that are due. */
  readonly onWatched?: (dueMs: number) => void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: StoreError) => void;
  readonly bytes: number;
}

/** Bytes of a message in which nothing but a call or its answer is. */
const callBytesEstimate = 256;
const firstBufferBytes = 4096;
/** Worker ids are at most this long: their length takes two bytes in entries. */
const idBytesMax = 65_535;

function checkId(id: WorkerId): void {
  const { componentId, workerName } = id;
  const fits = (componentId.length + workerName.length + 1) * 3 <= idBytesMax;
  if (fits && !componentId.includes("/") && componentId.isWellFormed() && workerName.isWellFormed()) return;
  throw new StoreError("failed", `cannot store worker "${formatWorkerId(id)}": its id is malformed or too long`);
}

/** Gathers calls into messages and matches answers with calls. */
class Channel {
  readonly #port: MessagePort;
  readonly #limits: StorageLimits;
  readonly #waiting = new Map<number, Waiting>();
  readonly #environments = new WeakMap<WorkerRow["env"], Uint8Array>();
  #nextNumber = 1;
  #queuedBytes = 0;
  #items: (Call | AppendBatch)[] = [];
  #buffer: Buffer<ArrayBuffer> = Buffer.alloc(0);
  #bufferEnd = 0;
  #bufferCount = 0;
  #bufferBytes = firstBufferBytes;
  #flushing = false;
  #closed = false;

  constructor(port: MessagePort, limits: StorageLimits) {
    this.#port = port;
    this.#limits = limits;
    port.on("message", (message: StorageMessage) => this.#answer(message));
    port.on("close", () => this.close());
  }

  append(append: OplogAppend): Promise<void> {
    let environment: Uint8Array;
    let bytes: number;
    try {
      checkId(append.worker);
      environment = this.#environment(append.row.env);
      bytes = entryBytesMax(append, environment.length);
      if (bytes > this.#limits.appendBytesMax) {
        throw new StoreError("failed", `cannot append ${bytes} bytes at once: at most ${this.#limits.appendBytesMax}`);
      }
      this.#checkQueue();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#reserve(bytes);
    this.#bufferEnd = writeEntry(this.#buffer, this.#bufferEnd, append, environment);
    this.#bufferCount += 1;
    this.#await({ resolve, reject, bytes });
    return promise;
  }

  call<Name extends CallName>(name: Name, ...parameters: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    return this.callOf(callBytesEstimate, name, ...parameters);
  }

  /** A call whose parameters have about so many bytes. */
  callOf<Name extends CallName>(
    bytes: number,
    name: Name,
    ...parameters: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<Calls[Name]>>();
    try {
      this.#checkQueue();
    } catch (error) {
      reject(error);
      return promise;
    }
    this.#endBatch();
    this.#items.push({ number: this.#nextNumber, name, parameters });
    this.#await({ resolve, reject, bytes });
    return promise;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
    const error = new StoreError("failed", "cannot use the storage: the connection has ended");
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #checkQueue(): void {
    if (this.#closed) throw new StoreError("failed", "cannot use the storage: the connection has ended");
    if (this.#queuedBytes < this.#limits.clientQueueBytesMax) return;
    throw new StoreError("failed", `cannot use the storage: ${this.#queuedBytes} bytes are waiting to be stored`);
  }

  #await(waiting: Waiting): void {
    this.#waiting.set(this.#nextNumber++, waiting);
    this.#queuedBytes += waiting.bytes;
    if (this.#flushing) return;
    this.#flushing = true;
    // Runs when all microtasks of this turn are done: calls of workers that were resumed together go together.
    process.nextTick(() => this.#flush());
  }

  /** Rows of one worker share their environment, so it is encoded once. */
  #environment(env: WorkerRow["env"]): Uint8Array {
    const known = this.#environments.get(env);
    if (known !== undefined) return known;
    const encoded = Buffer.from(encodeEnvironment(env));
    this.#environments.set(env, encoded);
    return encoded;
  }

  #reserve(bytes: number): void {
    const needed = this.#bufferEnd + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2, this.#bufferBytes));
    this.#buffer.copy(grown, 0, 0, this.#bufferEnd);
    this.#buffer = grown;
  }

  #endBatch(): void {
    if (this.#bufferCount === 0) return;
    const firstNumber = this.#nextNumber - this.#bufferCount;
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#bufferEnd);
    this.#items.push({ firstNumber, count: this.#bufferCount, bytes });
    // The next message is probably about as long as this one.
    this.#bufferBytes = Math.max(firstBufferBytes, this.#bufferEnd);
    this.#buffer = Buffer.alloc(0);
    this.#bufferEnd = 0;
    this.#bufferCount = 0;
  }

  #flush(): void {
    this.#flushing = false;
    this.#endBatch();
    const items = this.#items;
    this.#items = [];
    const transfer: ArrayBuffer[] = [];
    for (const item of items) if ("bytes" in item) transfer.push(item.bytes.buffer);
    this.#port.postMessage(items, transfer);
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(number);
    this.#queuedBytes -= waiting.bytes;
    return waiting;
  }

  #answer({ failures, ranges, results }: StorageMessage): void {
    for (const { number, code, message } of failures) this.#take(number)?.reject(new StoreError(code, message));
    for (const [first, end] of ranges) {
      for (let number = first; number < end; number += 1) this.#take(number)?.resolve(undefined as never);
    }
    for (const [number, value] of results) this.#take(number)?.resolve(value as never);
  }
}

/** Tries again when an archive is gone: its worker is, or another one has its name by now. */
async function readOplog(
  channel: Channel,
  archives: ArchiveReader,
  { worker, fromIndex, bytesMax }: { readonly worker: WorkerId; readonly fromIndex: number; readonly bytesMax: number },
): ReturnType<OplogStore["read"]> {
  let missing: number | undefined;
  for (;;) {
    const page = await channel.call("oplog.read", formatWorkerId(worker), fromIndex, bytesMax);
    if (page.kind === "page") {
      const list = Buffer.from(page.chunks.buffer, page.chunks.byteOffset, page.chunks.length);
      return { chunks: readChunks(list, page.firstIndex), nextIndex: page.nextIndex };
    }
    const { run, lastIndex } = page;
    const list = await archives.read(run);
    if (list !== undefined) {
      const range = selectChunks(list, { start: 0, firstIndex: run.firstIndex }, fromIndex, bytesMax);
      const chunks = readChunks(list.subarray(range.start, range.end), range.firstIndex);
      return { chunks, nextIndex: range.nextIndex <= lastIndex ? range.nextIndex : undefined };
    }
    if (missing === run.key) {
      throw new StoreError("failed", `cannot read the oplog of ${formatWorkerId(worker)}: an archive is missing`);
    }
    missing = run.key;
  }
}

function oplogStore(channel: Channel, archives: ArchiveReader): OplogStore {
  return {
    append: (append) => channel.append(append),
    read: (worker, fromIndex, bytesMax) => readOplog(channel, archives, { worker, fromIndex, bytesMax }),
    lastIndex: (worker) => channel.call("oplog.lastIndex", formatWorkerId(worker)),
    delete: (worker, shard, epoch) => channel.call("oplog.delete", formatWorkerId(worker), shard, epoch),
    acquireEpoch: (shards) => channel.call("oplog.acquireEpoch", shards),
  };
}

function workerIndex(channel: Channel): WorkerIndex {
  return {
    get: async (worker) => {
      const row = await channel.call("worker.get", formatWorkerId(worker));
      return row === undefined ? undefined : unpackRow(row);
    },
    list: async (query) => {
      const { rows, nextName, nextPosition } = await channel.call("worker.list", query);
      const { componentId } = query;
      const workers = rows.map((row) => ({ id: { componentId, workerName: row.name }, row: unpackRow(row) }));
      return { workers, nextName, nextPosition };
    },
    nameAt: (componentId, position) => channel.call("worker.nameAt", componentId, position),
    needingRecovery: async (after, count) => {
      const workers = await channel.call("worker.needingRecovery", after, count);
      return workers.map(({ id, row }) => ({ id, row: unpackRow(row) }));
    },
  };
}

function promiseStore(channel: Channel): PromiseStore {
  return {
    create: (id) => channel.call("promise.create", id),
    complete: (id, data) => channel.call("promise.complete", id, new Uint8Array(data)),
    get: (id) => channel.call("promise.get", id),
    of: (worker, count, before) => channel.call("promise.of", worker, count, before),
    delete: (id) => channel.call("promise.delete", id),
    deleteOf: (worker) => channel.call("promise.deleteOf", worker),
  };
}

function timerStore(channel: Channel): TimerStore {
  return {
    set: (timer) => channel.call("timer.set", timer),
    remove: (timer) => channel.call("timer.remove", timer),
    get: (worker, name) => channel.call("timer.get", worker, name),
    of: (worker, count, after) => channel.call("timer.of", worker, count, after),
    removeOf: (worker) => channel.call("timer.removeOf", worker),
    trigger: (name, dueMs) => channel.call("timer.trigger", name, dueMs),
    due: (untilMs, count) => channel.call("timer.due", untilMs, count),
    next: (afterMs) => channel.call("timer.next", afterMs),
  };
}

function componentStore(channel: Channel): ComponentStore {
  return {
    create: (record) => channel.call("component.insert", record),
    addVersion: (record) => channel.call("component.insert", record),
    get: (componentId, version) => channel.call("component.get", componentId, version),
    latest: (componentId) => channel.call("component.latest", componentId),
    versions: (componentId) => channel.call("component.versions", componentId),
    byName: (name) => channel.call("component.byName", name),
    all: () => channel.call("component.all"),
    end: (componentId, withWorkers) => channel.call("component.end", componentId, withWorkers),
    removeVersion: (version) => channel.call("component.removeVersion", version),
    uncleanedVersions: () => channel.call("component.uncleanedVersions"),
    noteVersionCleaned: (version) => channel.call("component.noteVersionCleaned", version),
    uncleaned: () => channel.call("component.uncleaned"),
    noteCleaned: (componentId) => channel.call("component.noteCleaned", componentId),
  };
}

function callsOf(channel: Channel): CallStorage {
  return (bytes, name, ...parameters) => channel.callOf(bytes, name, ...parameters);
}

/** The storage thread's calls as they are. */
export function openCalls(port: MessagePort): { readonly call: CallStorage; readonly close: () => void } {
  const channel = new Channel(port, defaultStorageLimits);
  return { call: callsOf(channel), close: () => channel.close() };
}

function routeStore(channel: Channel): RouteStore {
  return {
    add: (record) => channel.call("route.add", record),
    remove: (id) => channel.call("route.remove", id),
    all: () => channel.call("route.all"),
  };
}

function pluginStore(channel: Channel): PluginStore {
  return {
    add: (record) => channel.call("plugin.add", record),
    remove: (name, version) => channel.call("plugin.remove", name, version),
    get: (name, version) => channel.call("plugin.get", name, version),
    all: () => channel.call("plugin.all"),
  };
}

function deliveryStore(channel: Channel): DeliveryStore {
  return {
    begin: (delivery) => channel.call("delivery.begin", delivery),
    advance: (delivery) => channel.call("delivery.advance", delivery),
    of: (worker) => channel.call("delivery.of", worker),
    behind: (after, count) => channel.call("delivery.behind", after, count),
  };
}

/** Opens the stores over a connection to the storage thread, in the thread that calls it. */
export function openStorageClient(options: StorageClientOptions): StorageClient {
  const {
    port,
    dataDirectory,
    limits = defaultStorageLimits,
    disk = systemDisk,
    onWatched = () => undefined,
  } = options;
  const channel = new Channel(port, limits);
  const call = callsOf(channel);
  const files = fileObjects(dataDirectory);
  const sweeper = new ObjectSweeper(call, files);
  const blobs = createBlobStore({ disk, dataDirectory, writer: `thread-${threadId}` });
  return {
    oplogs: oplogStore(channel, new ArchiveReader(blobs)),
    workers: workerIndex(channel),
    promises: promiseStore(channel),
    timers: timerStore(channel),
    components: componentStore(channel),
    routes: routeStore(channel),
    plugins: pluginStore(channel),
    deliveries: deliveryStore(channel),
    keyValues: keyValueStore({ call, files, sweeper, onWatched }),
    objects: objectStore(call, files, sweeper),
    blobs,
    memorySnapshots: snapshotFiles(dataDirectory),
    close: () => channel.close(),
  };
}
