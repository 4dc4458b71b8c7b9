/** One partition's thread, as the thread that started it sees it. */
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { MetricFamilies } from "../platform/metric-families.ts";
import { StoreError } from "../platform/store-error.ts";
import { threadEnvironment } from "../platform/threads.ts";
import { openCalls } from "./client-channel.ts";
import type { PartitionIdentity } from "./partition-identity.ts";
import type { FromStorageThread, StorageThreadData, ToStorageThread } from "./storage-thread.ts";

/** Run from source the thread's file is TypeScript; built, it is JavaScript beside this one. */
const threadFile = new URL(
  import.meta.url.endsWith(".ts") ? "./storage-thread.ts" : "./storage-thread.js",
  import.meta.url,
);

interface Started {
  readonly thread: Worker;
  readonly identity: PartitionIdentity | undefined;
}

function startWorker(data: StorageThreadData): Promise<Started> {
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
      if (message.kind === "ready") resolve({ thread, identity: message.identity });
      else reject(new StoreError("code" in message ? message.code : "failed", describe(message)));
    });
  });
}

function describe(message: FromStorageThread): string {
  return "message" in message ? message.message : `the storage thread is ${message.kind}`;
}

export class PartitionThread {
  readonly #thread: Worker;
  readonly #metricsWaiting: ((families: MetricFamilies) => void)[] = [];
  readonly #closed = Promise.withResolvers<void>();
  /** As its database says; undefined for the first one of a new directory. */
  readonly identity: PartitionIdentity | undefined;

  private constructor({ thread, identity }: Started, onFailed: (error: StoreError) => void) {
    this.#thread = thread;
    this.identity = identity;
    thread.on("message", (message: FromStorageThread) => {
      if (message.kind === "metrics") for (const resolve of this.#metricsWaiting.splice(0)) resolve(message.families);
      if (message.kind === "fatal") onFailed(new StoreError(message.code, message.message));
    });
    // An error of the thread is followed by its exit.
    thread.on("error", (error) => {
      onFailed(new StoreError("failed", `the storage thread failed: ${String(error)}`, { cause: error }));
    });
    thread.on("exit", (code) => {
      onFailed(new StoreError("failed", `the storage thread ended with code ${code}`));
      this.#closed.resolve();
    });
  }

  /** Resolves when its database is open. `onFailed` is told also of its end. */
  static async start(data: StorageThreadData, onFailed: (error: StoreError) => void): Promise<PartitionThread> {
    return new PartitionThread(await startWorker(data), onFailed);
  }

  /** A new connection; the port can be transferred to another thread. */
  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#send({ kind: "connect", port: port2 }, [port2]);
    return port1;
  }

  /** A connection's calls. */
  openCalls(): ReturnType<typeof openCalls> {
    return openCalls(this.connect());
  }

  metrics(): Promise<MetricFamilies> {
    const { promise, resolve } = Promise.withResolvers<MetricFamilies>();
    this.#metricsWaiting.push(resolve);
    this.#send({ kind: "metrics" });
    return promise;
  }

  /** Resolves when it has stored what has arrived and has ended. */
  async close(): Promise<void> {
    this.#send({ kind: "close" });
    await this.#closed.promise;
  }

  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }

  #send(message: ToStorageThread, transfer: MessagePort[] = []): void {
    this.#thread.postMessage(message, transfer);
  }
}
