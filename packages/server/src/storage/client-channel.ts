/**
 * One thread's connection to one storage thread. Calls of one turn go to it as one message; appends are copied into the
 * message at once, so that callers may reuse their buffers.
 */
import type { MessagePort } from "node:worker_threads";
import type { OplogAppend } from "../durability/oplog-store.ts";
import type { WorkerRow } from "../durability/worker-row.ts";
import { StoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { AppendBatch, Call, CallName, Calls, CallStorage, StorageMessage } from "./calls.ts";
import { entryBytesMax, writeEntry } from "./journal-format.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import { encodeEnvironment } from "./worker-rows.ts";

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
export class ClientChannel {
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
  readonly callOf: CallStorage = <Name extends CallName>(
    bytes: number,
    name: Name,
    ...parameters: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> => {
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
  };

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

/** A storage thread's calls as they are. */
export function openCalls(port: MessagePort): { readonly call: CallStorage; readonly close: () => void } {
  const channel = new ClientChannel(port, defaultStorageLimits);
  return { call: channel.callOf, close: () => channel.close() };
}
