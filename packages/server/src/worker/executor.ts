/** The workers of one thread: finds, creates, loads and evicts them, and carries out what is asked of them. */
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { WorkerEvent } from "./events.ts";
import { LoadedWorkers } from "./loaded-workers.ts";
import type { LoadedLimits } from "./loaded-workers.ts";
import type { ExecutorMetrics, ReplyValue, Request } from "./messages.ts";
import { newOplog, openOplog, payloadPrefix } from "./oplog-session.ts";
import type { WorkerServices } from "./services.ts";
import { completePromise } from "./suspension.ts";
import { Worker } from "./worker.ts";
import type { WorkerHost } from "./worker.ts";
import { golemError, WorkerError } from "./worker-error.ts";

export interface ExecutorOptions {
  readonly services: WorkerServices;
  readonly limits: LoadedLimits;
  readonly emit: (subscription: number, event: WorkerEvent) => void;
}

interface NewWorker {
  readonly version: number;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
}

export class Executor {
  readonly #services: WorkerServices;
  readonly #emit: ExecutorOptions["emit"];
  readonly #open = new Map<string, Worker>();
  readonly #loaded: LoadedWorkers;
  readonly #host: WorkerHost;
  /** Opening and deleting a worker exclude each other: no two objects may ever write one oplog. */
  readonly #lock = new KeyedLock();
  #stopping = false;
  #invocations = 0;
  #failures = 0;

  /** Notes the use; a worker that has left memory and that nobody waits for needs no object either. */
  #release(worker: Worker): void {
    this.#loaded.touch(worker);
    if (!worker.closed && !worker.loaded && worker.disposable) this.#drop(worker);
  }

  constructor(options: ExecutorOptions) {
    this.#services = options.services;
    this.#loaded = new LoadedWorkers(options.limits, (worker) => this.#drop(worker));
    this.#host = {
      admit: () => this.#loaded.admit(),
      loadEnded: (worker) => this.#loaded.loadEnded(worker),
      atRest: (worker) => this.#release(worker),
    };
    this.#emit = options.emit;
  }

  async handle(request: Request): Promise<ReplyValue> {
    switch (request.kind) {
      case "invoke":
        return await this.#invoke(request);
      case "create":
        return await this.#create(request);
      case "activate":
        return await this.#activate(request);
      case "interrupt":
        await (await this.#require(request.worker)).interrupt(request.recoverImmediately);
        return undefined;
      case "resume":
        (await this.#require(request.worker)).resume();
        return undefined;
      case "delete":
        return await this.#delete(request.worker);
      case "complete-promise":
        return await this.#completePromise(request);
      case "connect":
        return await this.#connect(request);
      case "disconnect":
        this.#open.get(formatWorkerId(request.worker))?.events.unsubscribe(request.subscription);
        return undefined;
      case "stop":
        return await this.#stop();
      case "ping":
        return undefined;
      case "metrics":
        return this.#metrics();
    }
  }

  async #invoke(request: Extract<Request, { readonly kind: "invoke" }>): Promise<ReplyValue> {
    const { worker: id, latestVersion: version } = request;
    const worker = await this.#findOrCreate(id, { version, args: [], env: [] });
    this.#invocations += 1;
    try {
      return await worker.invoke(request);
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      this.#release(worker);
    }
  }

  async #create(request: Extract<Request, { readonly kind: "create" }>): Promise<ReplyValue> {
    const { worker: id, latestVersion: version, args, env } = request;
    const key = formatWorkerId(id);
    const worker = await this.#lock.run(key, async () => {
      const exists = this.#live(key) ?? (await this.#openExisting(id));
      if (exists !== undefined) throw golemError({ type: "WorkerAlreadyExists", workerId: id });
      const created = await this.#newWorker(id, { version, args, env });
      await created.commit();
      return this.#add(key, created);
    });
    await worker.load();
    this.#release(worker);
    return undefined;
  }

  async #activate(request: Extract<Request, { readonly kind: "activate" }>): Promise<ReplyValue> {
    const worker = await this.#find(request.worker);
    if (worker === undefined) return undefined;
    await worker.activate(request.cause);
    this.#release(worker);
    return undefined;
  }

  async #delete(id: WorkerId): Promise<ReplyValue> {
    const worker = await this.#require(id);
    const key = formatWorkerId(id);
    const { oplogs, timers, blobs, shardOf, epoch } = this.#services;
    await this.#lock.run(key, async () => {
      await worker.close(golemError({ type: "Interrupted", recoverImmediately: false }));
      this.#loaded.touch(worker);
      await Promise.all([timers.removeOf(id), oplogs.delete(id, shardOf(id), epoch)]);
      if (this.#open.get(key) === worker) this.#open.delete(key);
      await blobs.deleteAll(payloadPrefix(id));
    });
    return undefined;
  }

  async #completePromise(request: Extract<Request, { readonly kind: "complete-promise" }>): Promise<ReplyValue> {
    const { promise, data } = request;
    const completed = await completePromise(promise, data, this.#services);
    if (completed !== undefined) return completed;
    const promiseId = { workerId: promise.worker, oplogIdx: promise.oplogIndex };
    throw golemError({ type: "PromiseNotFound", promiseId });
  }

  async #connect(request: Extract<Request, { readonly kind: "connect" }>): Promise<ReplyValue> {
    const worker = await this.#require(request.worker);
    const { status } = worker.state;
    if (status === "Interrupted") throw golemError({ type: "Interrupted", recoverImmediately: false });
    if (status === "Failed") {
      const details = worker.state.lastError?.message ?? "unknown";
      throw golemError({ type: "PreviousInvocationFailed", details });
    }
    if (status === "Exited") throw golemError({ type: "PreviousInvocationExited" });
    worker.events.subscribe(request.subscription, (event) => this.#emit(request.subscription, event));
    return undefined;
  }

  /** Ends all runs where they are; their workers go on after the next start. */
  async #stop(): Promise<ReplyValue> {
    this.#stopping = true;
    const error = golemError({ type: "Unknown", details: "the server is stopping" });
    await Promise.all([...this.#open.values()].map((worker) => worker.close(error)));
    return undefined;
  }

  async #require(id: WorkerId): Promise<Worker> {
    const worker = await this.#find(id);
    if (worker === undefined) {
      throw new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(id)}` });
    }
    return worker;
  }

  /** The worker with this id if it exists, opened. */
  async #find(id: WorkerId): Promise<Worker | undefined> {
    const key = formatWorkerId(id);
    for (;;) {
      const worker = this.#live(key) ?? (await this.#lock.run(key, () => this.#openExisting(id)));
      // Between being found and being used it may have been evicted.
      if (worker === undefined || !worker.closed) return worker;
    }
  }

  async #findOrCreate(id: WorkerId, create: NewWorker): Promise<Worker> {
    const key = formatWorkerId(id);
    for (;;) {
      const worker =
        this.#live(key) ??
        (await this.#lock.run(key, async () => {
          const existing = await this.#openExisting(id);
          return existing ?? this.#add(key, await this.#newWorker(id, create));
        }));
      if (!worker.closed) return worker;
    }
  }

  #live(key: string): Worker | undefined {
    if (this.#stopping) throw golemError({ type: "Unknown", details: "the server is stopping" });
    const worker = this.#open.get(key);
    return worker === undefined || worker.closed ? undefined : worker;
  }

  async #openExisting(id: WorkerId): Promise<Worker | undefined> {
    const key = formatWorkerId(id);
    const known = this.#live(key);
    if (known !== undefined) return known;
    const session = await openOplog(id, this.#services);
    return session === undefined ? undefined : this.#add(key, new Worker(id, session, this.#services, this.#host));
  }

  async #newWorker(id: WorkerId, create: NewWorker): Promise<Worker> {
    const image = await this.#services.image(id.componentId, create.version);
    if (image === undefined) {
      const message = `Couldn't retrieve the component ${id.componentId}: version ${create.version} is missing`;
      throw new WorkerError({ kind: "not-found", message });
    }
    const session = newOplog(id, this.#services);
    session.writer.append("create", {
      workerId: id,
      componentVersion: create.version,
      args: create.args,
      env: create.env,
      parent: undefined,
      componentSize: image.componentSize,
      initialMemorySize: image.initialMemorySize,
      architecture: process.arch,
    });
    return new Worker(id, session, this.#services, this.#host);
  }

  #add(key: string, worker: Worker): Worker {
    this.#open.set(key, worker);
    return worker;
  }

  #drop(worker: Worker): void {
    const key = formatWorkerId(worker.id);
    if (this.#open.get(key) === worker) this.#open.delete(key);
    void worker.close(golemError({ type: "Unknown", details: "evicted" }));
  }

  #metrics(): ExecutorMetrics {
    return {
      loadedWorkers: this.#loaded.count,
      knownWorkers: this.#open.size,
      linearMemoryBytes: this.#loaded.memoryBytes,
      invocations: this.#invocations,
      failures: this.#failures,
      evictions: this.#loaded.evictions,
    };
  }
}
