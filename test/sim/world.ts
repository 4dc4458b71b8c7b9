/**
 * A server without its shell: executor and timer service over simulated storage, time and entropy. One write becomes
 * durable at a time, and the process can be lost between any two.
 */
import { setImmediate as turn } from "node:timers/promises";
import { recoverWorkers, workersToRecover } from "../../packages/server/src/cluster/recovery.ts";
import { runTimer } from "../../packages/server/src/cluster/timer-effects.ts";
import { OwnedShards } from "../../packages/server/src/worker/owned-shards.ts";
import { allShards } from "../../packages/server/src/cluster/shards.ts";
import type { ComponentImage } from "../../packages/server/src/component/component-image.ts";
import type { Entropy } from "../../packages/server/src/platform/entropy.ts";
import { systemDatabases } from "../../packages/server/src/platform/databases/system-databases.ts";
import { systemHttpClient } from "../../packages/server/src/platform/http/system-http-client.ts";
import { openNetwork } from "../../packages/server/src/platform/network/network-for-tests.ts";
import type { WorkerId } from "../../packages/server/src/platform/worker-id.ts";
import { shardOf } from "../../packages/server/src/platform/worker-shards.ts";
import { StoreError } from "../../packages/server/src/platform/store-error.ts";
import { createMemoryStorage } from "../../packages/server/src/storage/memory/memory-storage.ts";
import type { Stores } from "../../packages/server/src/storage/storage-client.ts";
import { Executor } from "../../packages/server/src/worker/executor.ts";
import type { ReplyValue, Request } from "../../packages/server/src/worker/messages.ts";
import type { Questions } from "../../packages/server/src/worker/questions.ts";
import { callsTimer } from "../../packages/server/src/worker/suspension.ts";
import { TimerService } from "../../packages/server/src/worker/timer-service.ts";
import type { SeededRandom } from "../support/seeded-random.ts";
import { SimulatedTime } from "./simulated-time.ts";

export const suspendAfterMs = 300;

/** The process was lost before it answered. */
export class CrashError extends Error {
  override readonly name = "CrashError";
}

export interface WorldOptions {
  readonly image: ComponentImage;
  readonly random: SeededRandom;
  /** How many instances fit in memory; fewer than workers makes evictions. */
  readonly loadedWorkersMax: number;
}

interface Parts {
  readonly executor: Executor;
  readonly timers: TimerService;
}

interface Process {
  /** Never resolves when the process is lost while it starts. */
  readonly started: Promise<Parts>;
  readonly lost: PromiseWithResolvers<never>;
}

export class World {
  readonly #options: WorldOptions;
  readonly #storage = createMemoryStorage("manual");
  readonly #time = new SimulatedTime();
  #process: Process;
  /** Writes that became durable so far. */
  commits = 0;
  /** Steps taken so far: commits, and moments to which time moved. */
  steps = 0;
  crashes = 0;
  /** Writes are refused as long as it is. */
  diskFull = false;
  refusals = 0;
  #tick = Promise.withResolvers<void>();

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#process = this.#newProcess();
  }

  /** What is durable. */
  get stores(): Stores {
    return this.#storage.stores();
  }

  /** Asks the process that runs; rejects with `CrashError` when it is lost. */
  async request(request: Request): Promise<ReplyValue> {
    const { started, lost } = this.#process;
    const reply = started.then(({ executor }) => executor.handle(request));
    return await Promise.race([reply, lost.promise]);
  }

  /** The process is gone, and what it had not made durable; another one starts. */
  crash(): void {
    const before = this.#process;
    this.crashes += 1;
    this.#storage.crash();
    this.#time.forgetSleepers();
    this.#process = this.#newProcess();
    before.lost.reject(new CrashError("the process was lost"));
    void before.started.then(({ executor, timers }) => {
      timers.stop();
      // Only frees memory: the stores of the lost process don't answer any more.
      executor.handle({ kind: "stop" }).catch(() => undefined);
    });
  }

  /** Ends the process in the graceful way; what it still writes becomes durable before another one starts. */
  async stop(): Promise<void> {
    const { executor, timers } = await this.#process.started;
    timers.stop();
    await executor.handle({ kind: "stop" });
    // Replies are on their way to the main thread, which acts on them.
    await this.ticks(3);
    this.crash();
  }

  /** Lets everything run as far as it comes by itself, then makes one write durable, or lets time pass; false when nothing is left. */
  async step(): Promise<boolean> {
    this.steps += 1;
    await turn();
    const tick = this.#tick;
    this.#tick = Promise.withResolvers();
    tick.resolve();
    if (this.#storage.waiting() > 0) {
      this.#storage.commit(1);
      this.commits += 1;
      return true;
    }
    return this.#time.advance();
  }

  /** Resolves after so many steps. */
  async ticks(count: number): Promise<void> {
    for (let passed = 0; passed < count; passed += 1) await this.#tick.promise;
  }

  /** Time passes although writes wait. */
  passTime(): void {
    this.#time.advance();
  }

  #newProcess(): Process {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => undefined);
    return { started: this.#start(), lost };
  }

  async #start(): Promise<Parts> {
    const stores = refusing(this.#storage.stores(), () => {
      if (this.diskFull) this.refusals += 1;
      return this.diskFull;
    });
    const epoch = await stores.oplogs.acquireEpoch(allShards);
    const { clock, sleep } = this.#time;
    const { image, loadedWorkersMax } = this.#options;
    const notify = (dueMs: number): void => timers.notify(dueMs);
    const request = (_: WorkerId, asked: Request): Promise<ReplyValue> => executor.handle(asked);
    const invoke = (asked: Questions["invoke"]["asked"]): Promise<ReplyValue> =>
      executor.handle({ kind: "invoke", latestVersion: image.version, ...asked });
    const executor = new Executor({
      services: {
        ...stores,
        clock,
        sleep,
        entropy: this.#entropy(),
        http: systemHttpClient(),
        databases: systemDatabases(),
        network: openNetwork(),
        yieldTurn: () => turn(),
        image: async (componentId, version) => {
          // As from the main thread: loads take time, and things happen meanwhile.
          await this.ticks(1);
          return componentId === image.componentId && version === image.version ? image : undefined;
        },
        ask: (kind, asked) => {
          if (kind !== "invoke") return Promise.reject(new Error(`the main thread isn't asked for ${kind}`));
          return invoke(asked as Questions["invoke"]["asked"]) as Promise<never>;
        },
        timerSet: notify,
        exportSpan: undefined,
        shardOf,
        shards: new OwnedShards(allShards, epoch),
        limits: {
          suspendAfterMs,
          sliceMs: 1,
          invocationFuelMax: 0,
          queuedInvocationsMax: 1000,
          fileBytesMax: 1024 * 1024,
          keyValueBytesMax: 1024 * 1024,
          objectBytesMax: 1024 * 1024,
          stderrBytesMax: 1024,
          memorySnapshots: { enabled: true, entries: 20, bytes: 10_000, replayMs: 1, memoryBytesMax: 1024 * 1024 * 16 },
        },
      },
      limits: {
        loadedWorkersMax,
        componentWorkersMax: loadedWorkersMax,
        bytesMax: Number.MAX_SAFE_INTEGER,
        mappingsMax: 100_000,
        memoriesMax: 10_000,
        idleMs: 60_000,
      },
      share: 1,
      activity: () => ({ active: 0, idle: 0 }),
      emit: () => undefined,
      emitHttp: () => undefined,
      metrics: () => Promise.resolve([]),
    });
    const timers = new TimerService({
      timers: stores.timers,
      clock,
      sleep,
      run: (timer) => runTimer(timer, { request, invoke, onRefused: () => undefined }),
      onError: () => undefined,
    });
    const interrupted = await workersToRecover(stores.workers, () => true);
    void recoverWorkers(interrupted, { request });
    timers.trigger(callsTimer);
    timers.start();
    return { executor, timers };
  }

  #entropy(): Entropy {
    const { random } = this.#options;
    return {
      fill: (bytes) => {
        for (let index = 0; index < bytes.length; index += 1) bytes[index] = random.integer(0, 255);
      },
      uuid: () =>
        `${random.integer(0, 0xffff_ffff).toString(16).padStart(8, "0")}-0000-4000-8000-${random
          .integer(0, 2 ** 47)
          .toString(16)
          .padStart(12, "0")}`,
      fraction: () => random.fraction(),
    };
  }
}

/** The same stores; while `full` says so, writes that executors make are refused. */
function refusing(stores: Stores, full: () => boolean): Stores {
  const refuse = (): Promise<never> => Promise.reject(new StoreError("full", "the disk is full"));
  const { oplogs, promises, timers, blobs } = stores;
  return {
    ...stores,
    oplogs: {
      ...oplogs,
      append: (append) => (full() ? refuse() : oplogs.append(append)),
      delete: (worker, shard, epoch) => (full() ? refuse() : oplogs.delete(worker, shard, epoch)),
    },
    promises: {
      ...promises,
      create: (id) => (full() ? refuse() : promises.create(id)),
      complete: (id, data) => (full() ? refuse() : promises.complete(id, data)),
      deleteOf: (worker) => (full() ? refuse() : promises.deleteOf(worker)),
    },
    timers: {
      ...timers,
      set: (timer) => (full() ? refuse() : timers.set(timer)),
      remove: (timer) => (full() ? refuse() : timers.remove(timer)),
      removeOf: (worker) => (full() ? refuse() : timers.removeOf(worker)),
      trigger: (name, dueMs) => (full() ? refuse() : timers.trigger(name, dueMs)),
    },
    blobs: { ...blobs, put: (name, data) => (full() ? refuse() : blobs.put(name, data)) },
  };
}
