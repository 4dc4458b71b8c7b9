/**
 * Serves clients from one engine. A round takes what has arrived, commits the writes as one group, answers, reads, and
 * does a step of background work; while it runs, the next group gathers in the ports. A lone writer waits for nobody.
 */
import type { MessagePort } from "node:worker_threads";
import { StoreError } from "../platform/store-error.ts";
import type { AppendBatch, Call, CallFailure, ClientMessage, ReadCalls, StorageMessage } from "./calls.ts";
import { groupCommitted } from "./channels.ts";
import type { StorageEngine } from "./engine.ts";
import type { WriteItem, WriteOutcome } from "./group.ts";
import { commitGroup, failItem, isBatch } from "./group.ts";
import type { StorageLimits } from "./limits.ts";
import { isFatal, toStoreError } from "./sqlite-error.ts";

/** How long background work that failed is left alone, unless a group was committed before. */
const backgroundRetryMs = 1000;

/** One client and the answers that wait to be sent to it. */
class Connection {
  readonly port: MessagePort;
  #failures: CallFailure[] = [];
  #ranges: (readonly [number, number])[] = [];
  #results: (readonly [number, unknown])[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(port: MessagePort) {
    this.port = port;
  }

  addWrite(item: WriteItem, outcome: WriteOutcome): void {
    for (const failure of outcome.failures) this.#failures.push(failure);
    if (isBatch(item)) this.#ranges.push([item.firstNumber, item.firstNumber + item.count]);
    else if (outcome.failures.length === 0) this.#results.push([item.number, outcome.value]);
  }

  addResult(number: number, value: unknown): void {
    this.#results.push([number, value]);
    // Pages of oplogs are large, and nobody here needs them any more.
    if (typeof value === "object" && value !== null && "chunks" in value && value.chunks instanceof Uint8Array) {
      if (value.chunks.buffer instanceof ArrayBuffer) this.#transfer.push(value.chunks.buffer);
    }
  }

  addFailure(number: number, error: StoreError): void {
    this.#failures.push({ number, code: error.code, message: error.message });
  }

  send(): void {
    if (this.#failures.length + this.#ranges.length + this.#results.length === 0) return;
    const message: StorageMessage = { failures: this.#failures, ranges: this.#ranges, results: this.#results };
    this.port.postMessage(message, this.#transfer);
    this.#failures = [];
    this.#ranges = [];
    this.#results = [];
    this.#transfer = [];
  }
}

function tellCommitted(items: readonly WriteItem[], durationMs: number, failed: boolean): void {
  if (!groupCommitted.active) return;
  let [writes, bytes] = [0, 0];
  for (const item of items) {
    writes += isBatch(item) ? item.count : 1;
    bytes += isBatch(item) ? item.bytes.length : 0;
  }
  groupCommitted.publish({ writes, bytes, durationMs, failed });
}

interface Received {
  readonly connection: Connection;
  readonly item: Call | AppendBatch;
}

interface Task {
  readonly connection: Connection;
  readonly number: number;
  readonly steps: Generator<undefined, unknown>;
}

export interface ServiceOptions {
  readonly engine: StorageEngine;
  readonly limits: StorageLimits;
  /** The storage can't go on: told once, with the reason. */
  readonly onFatal: (error: unknown) => void;
}

export class StorageService {
  readonly #engine: StorageEngine;
  readonly #limits: StorageLimits;
  readonly #onFatal: (error: unknown) => void;
  readonly #connections = new Set<Connection>();
  #inbox: Received[] = [];
  #tasks: Task[] = [];
  #received = 0;
  #scheduled = false;
  #closed = false;
  #fatal: StoreError | undefined;
  #backgroundError: StoreError | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ServiceOptions) {
    this.#engine = options.engine;
    this.#limits = options.limits;
    this.#onFatal = options.onFatal;
  }

  connect(port: MessagePort): void {
    const connection = new Connection(port);
    this.#connections.add(connection);
    port.on("message", (message: ClientMessage) => {
      this.#received += 1;
      for (const item of message) this.#inbox.push({ connection, item });
      this.#schedule();
    });
    port.on("close", () => {
      this.#connections.delete(connection);
      this.#tasks = this.#tasks.filter((task) => task.connection !== connection);
    });
  }

  /** Commits what has arrived and ends all connections. */
  close(): void {
    while (this.#inbox.length > 0) this.#round();
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const { port } of this.#connections) port.close();
    this.#engine.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#round();
    });
  }

  /** Grows with everything that clients ask for. */
  get activity(): number {
    return this.#received;
  }

  #round(): void {
    const received = this.#take();
    const writes = received.filter(({ item }) => isBatch(item) || item.name in this.#engine.writes);
    let bytes = 0;
    for (const { item } of writes) if (isBatch(item)) bytes += item.bytes.length;
    if (writes.length > 0) this.#commit(writes);
    for (const { connection, item } of received) {
      if (!isBatch(item) && !(item.name in this.#engine.writes)) this.#read(connection, item);
    }
    this.#stepTasks();
    for (const connection of this.#connections) connection.send();
    this.#background(Math.max(this.#limits.moveStepBytes, 2 * bytes));
    if (this.#inbox.length > 0 || this.#tasks.length > 0 || this.#backgroundReady()) this.#schedule();
  }

  /** Takes what belongs to the next group, up to its limit. */
  #take(): readonly Received[] {
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#inbox) {
      if (bytes >= this.#limits.groupBytesMax) break;
      bytes += isBatch(item) ? item.bytes.length : 0;
      count += 1;
    }
    const taken = this.#inbox;
    this.#inbox = taken.slice(count);
    taken.length = count;
    return taken;
  }

  #commit(writes: readonly Received[]): void {
    const { mover } = this.#engine;
    while (mover.mustWait && mover.hasWork && this.#fatal === undefined) {
      if (!this.#stepBackground(this.#limits.moveStepBytes)) break;
    }
    const items = writes.map(({ item }) => item);
    const refusal = this.#fatal ?? (mover.mustWait ? this.#backgroundError : undefined);
    if (refusal !== undefined) {
      for (const { connection, item } of writes) connection.addWrite(item, failItem(item, refusal));
      return;
    }
    const started = performance.now();
    const { outcomes, error } = commitGroup(this.#engine, items);
    tellCommitted(items, performance.now() - started, error !== undefined);
    for (const [index, { connection, item }] of writes.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) connection.addWrite(item, outcome);
    }
    if (error === undefined) this.#backgroundError = undefined;
    else if (isFatal(error)) this.#fail(error);
  }

  #read(connection: Connection, call: Call): void {
    try {
      if (this.#fatal !== undefined) throw this.#fatal;
      if (call.name in this.#engine.stepped) {
        const start = this.#engine.stepped["worker.list"] as (...parameters: readonly unknown[]) => Task["steps"];
        this.#tasks.push({ connection, number: call.number, steps: start(...call.parameters) });
        return;
      }
      const read = this.#engine.reads[call.name as keyof ReadCalls] as (...parameters: readonly unknown[]) => unknown;
      connection.addResult(call.number, read(...call.parameters));
    } catch (error) {
      this.#readFailed(connection, call.number, error);
    }
  }

  #stepTasks(): void {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) {
      try {
        if (this.#fatal !== undefined) throw this.#fatal;
        const step = task.steps.next();
        if (step.done === true) task.connection.addResult(task.number, step.value);
        else this.#tasks.push(task);
      } catch (error) {
        this.#readFailed(task.connection, task.number, error);
      }
    }
  }

  #readFailed(connection: Connection, number: number, error: unknown): void {
    connection.addFailure(number, toStoreError(error, "read"));
    if (isFatal(error)) this.#fail(error);
  }

  #backgroundReady(): boolean {
    return this.#fatal === undefined && this.#backgroundError === undefined && this.#engine.mover.hasWork;
  }

  #background(moveBytes: number): void {
    if (this.#backgroundReady()) this.#stepBackground(moveBytes);
  }

  /** False if the step failed. */
  #stepBackground(moveBytes: number): boolean {
    try {
      this.#engine.mover.step(moveBytes);
      this.#backgroundError = undefined;
      return true;
    } catch (error) {
      if (isFatal(error)) this.#fail(error);
      this.#backgroundError = toStoreError(error, "move journal entries");
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#backgroundError = undefined;
        this.#schedule();
      }, backgroundRetryMs);
      return false;
    }
  }

  #fail(error: unknown): void {
    if (this.#fatal !== undefined) return;
    this.#fatal = toStoreError(error, "go on storing");
    this.#onFatal(error);
  }
}
