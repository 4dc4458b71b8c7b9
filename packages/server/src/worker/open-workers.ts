/** The worker objects of one thread: found, opened, created, evicted and deleted here, and at most one for each worker. */
import { isWorkerName } from "@emet/contract";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { isStoreError } from "../platform/store-error.ts";
import { collectGarbage } from "../platform/garbage.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import { LoadedWorkers } from "./loaded-workers.ts";
import type { LoadedLimits } from "./loaded-limits.ts";
import { newOplog, openOplog, payloadPrefix } from "./oplog-session.ts";
import { MovedError } from "./owned-shards.ts";
import { areDelivered, beginDeliveries, pluginsOf } from "./plugins.ts";
import { Recoveries } from "./recoveries.ts";
import type { WorkerServices } from "./services.ts";
import { Worker } from "./worker.ts";
import { badRequest, golemError, WorkerError } from "./worker-error.ts";
import type { WorkerHost } from "./worker-host.ts";

/** What a worker is created with. */
export interface NewWorker {
  readonly version: number;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly config?: readonly (readonly [string, string])[] | undefined;
  readonly parent?: WorkerId | undefined;
  readonly processes?: string | undefined;
}

export interface OpenWorkersOptions {
  readonly services: WorkerServices;
  readonly limits: LoadedLimits;
  /** Aborted when the executor stops: no worker is opened after that. */
  readonly stopped: AbortSignal;
  /** Opens a worker again whose object had to be given up. */
  readonly recover: (worker: WorkerId) => Promise<unknown>;
}

export class OpenWorkers {
  readonly loaded: LoadedWorkers;
  readonly #services: WorkerServices;
  readonly #stopped: AbortSignal;
  readonly #host: WorkerHost;
  readonly #recoveries: Recoveries;
  readonly #open = new Map<string, Worker>();
  /** Workers that came to rest with much to be replayed. */
  readonly #unsaved = new Set<Worker>();
  /** Opening and deleting a worker exclude each other: no two objects may ever write one oplog. */
  readonly #lock = new KeyedLock();

  constructor({ services, limits, stopped, recover }: OpenWorkersOptions) {
    this.#services = services;
    this.#stopped = stopped;
    this.loaded = new LoadedWorkers({
      limits,
      now: () => services.clock.now(),
      evict: (worker) => this.#drop(worker),
      collect: collectGarbage,
    });
    const recoveries = new Recoveries({ sleep: services.sleep, signal: stopped, activate: recover });
    this.#recoveries = recoveries;
    this.#host = {
      admit: (admission) => this.loaded.admit(admission),
      loadEnded: (worker, admission) => this.loaded.loadEnded(worker, admission),
      begins: (worker) => this.loaded.begin(worker),
      unloaded: (worker) => this.loaded.touch(worker),
      measured: (worker) => this.loaded.measure(worker),
      waits: (worker, leave) => this.loaded.waits(worker, leave),
      atRest: (worker) => {
        if (worker.unsaved) this.#unsaved.add(worker);
        // Who uses it releases it, which is the same once more.
        if (!worker.used) this.release(worker);
      },
      abandoned: (worker, reason) => {
        // Fenced: another executor owns it now.
        if (!isStoreError(reason) || reason.code !== "fenced") recoveries.schedule(worker.id);
      },
    };
  }

  get count(): number {
    return this.#open.size;
  }

  /** Saves the memory of workers that rest; those that work get their chance between two invocations. */
  saveResting(): void {
    for (const worker of this.#unsaved) {
      if (worker.closed || !worker.unsaved) this.#unsaved.delete(worker);
      else void worker.save();
    }
  }

  /** Those whose object was given up and that are opened again in a while. */
  get recovering(): Iterable<WorkerId> {
    return this.#recoveries.workers;
  }

  all(): readonly Worker[] {
    return [...this.#open.values()];
  }

  /** The object of this worker if there is one. */
  live(id: WorkerId): Worker | undefined {
    if (this.#stopped.aborted) throw golemError({ type: "Unknown", details: "the server is stopping" });
    const worker = this.#open.get(formatWorkerId(id));
    return worker === undefined || worker.closed ? undefined : worker;
  }

  /** The worker if it exists, opened. */
  async find(id: WorkerId): Promise<Worker | undefined> {
    return this.live(id) ?? (await this.exclusively(id, () => this.openExisting(id)));
  }

  async require(id: WorkerId): Promise<Worker> {
    const worker = await this.find(id);
    if (worker === undefined) throw notFound(id);
    return worker;
  }

  /** At once if it is open. */
  findOrCreate(id: WorkerId, create: NewWorker): Worker | Promise<Worker> {
    const openOrCreate = async (): Promise<Worker> =>
      (await this.openExisting(id)) ?? (await this.#newWorker(id, create));
    return this.live(id) ?? this.exclusively(id, openOrCreate);
  }

  /** Durable when it resolves; rejects with `WorkerAlreadyExists`. */
  async create(id: WorkerId, create: NewWorker): Promise<Worker> {
    return await this.exclusively(id, async () => {
      if ((await this.openExisting(id)) !== undefined) throw golemError({ type: "WorkerAlreadyExists", workerId: id });
      const created = await this.#newWorker(id, create);
      await created.commit();
      return created;
    });
  }

  /** Works with the worker that `find` gives; undefined if there is none. */
  async use<T>(
    find: () => Worker | undefined | Promise<Worker | undefined>,
    work: (worker: Worker) => Promise<T>,
  ): Promise<T | undefined> {
    for (;;) {
      const found = find();
      const worker = found instanceof Promise ? await found : found;
      if (worker === undefined) return undefined;
      // Between being found and being used it may have been evicted; from its use on it is held.
      if (worker.closed) continue;
      try {
        return await work(worker);
      } finally {
        this.release(worker);
      }
    }
  }

  async delete(id: WorkerId): Promise<void> {
    await this.exclusively(id, async () => {
      const worker = await this.openExisting(id);
      if (worker === undefined) throw notFound(id);
      await this.#delete(worker);
    });
  }

  /** Deletes an ephemeral worker that is at rest, if it has been since before `beforeMs`. */
  async retire(id: WorkerId, beforeMs: number): Promise<void> {
    await this.exclusively(id, async () => {
      const worker = await this.openExisting(id);
      if (worker === undefined) return;
      const image = await this.#services.image(id.componentId, worker.state.componentVersion);
      const over = image?.componentType === "Ephemeral" && (await areDelivered(worker.state, this.#services));
      // Nothing may come between this look and the end: calls find an open worker without waiting for the lock.
      const { pending, current, lastEntryMs } = worker.state;
      const atRest = !worker.closed && worker.disposable && pending.length === 0 && current === undefined;
      if (over && atRest && lastEntryMs < beforeMs) await this.#delete(worker);
      else this.release(worker);
    });
  }

  async #delete(worker: Worker): Promise<void> {
    const { id } = worker;
    const { oplogs, timers, promises, keyValues, blobs, memorySnapshots, shards } = this.#services;
    await worker.end(golemError({ type: "Interrupted", recoverImmediately: false }));
    this.loaded.touch(worker);
    // The next worker of this name has no use for it, and doesn't take one that had to stay for its own.
    await memorySnapshots.delete(id);
    // The oplog last: while it is there the worker is, and can be deleted again. A promise that outlived it would
    // belong to the next worker of this name.
    await Promise.all([
      promises.deleteOf(id),
      timers.removeOf(id),
      keyValues.forget(id),
      oplogs.delete(id, worker.shard, shards.epochOf(worker.shard)),
    ]);
    this.#forget(worker);
    await blobs.deleteAll(payloadPrefix(id));
  }

  /** Runs while nobody opens, creates or deletes this worker. */
  async exclusively<T>(id: WorkerId, work: () => Promise<T>): Promise<T> {
    return await this.#lock.run(formatWorkerId(id), work);
  }

  /** Only within `exclusively`. */
  async openExisting(id: WorkerId): Promise<Worker | undefined> {
    const known = this.live(id);
    if (known !== undefined) return known;
    const { shards, shardOf } = this.#services;
    shards.requireOpen(shardOf(id));
    const session = await openOplog(id, this.#services);
    return session === undefined ? undefined : this.#add(new Worker(id, session, this.#services, this.#host));
  }

  /** Notes the use; a worker that has left memory and that nobody waits for needs no object either. */
  release(worker: Worker): void {
    this.loaded.touch(worker);
    if (!worker.closed && !worker.loaded && worker.disposable) this.#drop(worker);
  }

  /** Its shard is given to another executor; resolves when nothing is written of it any more. */
  async leave(worker: Worker): Promise<void> {
    this.#forget(worker);
    await worker.close(new MovedError());
    await worker.commit();
  }

  async #newWorker(id: WorkerId, create: NewWorker): Promise<Worker> {
    checkWorkerName(id);
    const image = await this.#services.image(id.componentId, create.version);
    if (image === undefined) {
      const message = `Couldn't retrieve the component ${id.componentId}: version ${create.version} is missing`;
      throw new WorkerError({ kind: "not-found", message });
    }
    const { processes } = create;
    const activePlugins = processes === undefined ? pluginsOf(image) : [];
    await beginDeliveries(id, activePlugins, this.#services);
    const session = newOplog(id, this.#services);
    session.writer.append("create", {
      workerId: id,
      componentVersion: create.version,
      args: create.args,
      env: create.env,
      config: create.config,
      parent: create.parent,
      componentSize: image.componentSize,
      initialMemorySize: image.initialMemorySize,
      architecture: process.arch,
      activePlugins,
      processes,
    });
    return this.#add(new Worker(id, session, this.#services, this.#host));
  }

  /** It took a while to open it: the shard may have been given away meanwhile. */
  #add(worker: Worker): Worker {
    this.#services.shards.requireOpen(worker.shard);
    this.#open.set(formatWorkerId(worker.id), worker);
    return worker;
  }

  #forget(worker: Worker): void {
    const key = formatWorkerId(worker.id);
    if (this.#open.get(key) === worker) this.#open.delete(key);
  }

  #drop(worker: Worker): void {
    this.#forget(worker);
    void worker.close(golemError({ type: "Unknown", details: "evicted" }));
  }
}

/** Whoever wants the worker: names that clients may not use would be out of their reach. */
export function checkWorkerName({ workerName }: WorkerId): void {
  if (!isWorkerName(workerName)) throw badRequest(`Invalid worker name: "${workerName}"`);
}

function notFound(id: WorkerId): WorkerError {
  return new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(id)}` });
}
