/** The workers of one thread: finds, creates, loads and evicts them, and carries out what is asked of them. */
import { isWorkerName } from "@emet/contract";
import type { Before } from "../durability/durable-execution.ts";
import { forkFunction } from "../host/golem-api/fork-record.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { isStoreError } from "../platform/store-error.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { WorkerEvent } from "./events.ts";
import { writeFork } from "./fork.ts";
import { DeferredCommits } from "./deferred-commits.ts";
import { LoadedWorkers } from "./loaded-workers.ts";
import type { LoadedLimits } from "./loaded-workers.ts";
import { HttpConnection } from "./http-connection.ts";
import type { HttpRequestPart, HttpResponsePart } from "./http-parts.ts";
import type { ExecutorMetrics, ForkCommand, ReplyValue, Request } from "./messages.ts";
import { newOplog, openOplog, payloadPrefix } from "./oplog-session.ts";
import type { Questions } from "./questions.ts";
import type { ExecutorServices, WorkerServices } from "./services.ts";
import { Recoveries } from "./recoveries.ts";
import { completePromise } from "./suspension.ts";
import { Worker } from "./worker.ts";
import type { WorkerHost } from "./worker-host.ts";
import { badRequest, golemError, WorkerError } from "./worker-error.ts";

export interface ExecutorOptions {
  readonly services: ExecutorServices;
  readonly limits: LoadedLimits;
  readonly emit: (subscription: number, event: WorkerEvent) => void;
  /** A part of the answer to an HTTP request. */
  readonly emitHttp: (exchange: number, part: HttpResponsePart) => void;
}

interface NewWorker {
  readonly version: number;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly config?: readonly (readonly [string, string])[] | undefined;
  readonly parent?: WorkerId | undefined;
}

export class Executor {
  readonly #services: WorkerServices;
  readonly #deferred: DeferredCommits;
  readonly #emit: ExecutorOptions["emit"];
  readonly #emitHttp: ExecutorOptions["emitHttp"];
  /** By the numbers of their exchanges. */
  readonly #connections = new Map<number, HttpConnection>();
  readonly #open = new Map<string, Worker>();
  readonly #loaded: LoadedWorkers;
  readonly #host: WorkerHost;
  /** Opening and deleting a worker exclude each other: no two objects may ever write one oplog. */
  readonly #lock = new KeyedLock();
  readonly #stopped = new AbortController();
  #invocations = 0;
  #failures = 0;

  /** Notes the use; a worker that has left memory and that nobody waits for needs no object either. */
  #release(worker: Worker): void {
    this.#loaded.touch(worker);
    if (!worker.closed && !worker.loaded && worker.disposable) this.#drop(worker);
  }

  constructor(options: ExecutorOptions) {
    this.#deferred = new DeferredCommits(options.services.yieldTurn);
    this.#services = {
      ...options.services,
      commitOrder: this.#deferred,
      invoke: (asked, before) => this.#invokeFor(asked, before),
      wake: async (worker) => void (await this.#activate({ kind: "activate", worker, cause: "timer" })),
    };
    this.#loaded = new LoadedWorkers(options.limits, (worker) => this.#drop(worker));
    const recoveries = new Recoveries({
      sleep: options.services.sleep,
      signal: this.#stopped.signal,
      activate: (worker) => this.#activate({ kind: "activate", worker, cause: "recovery" }),
    });
    this.#host = {
      admit: () => this.#loaded.admit(),
      loadEnded: (worker) => this.#loaded.loadEnded(worker),
      atRest: (worker) => this.#release(worker),
      abandoned: (worker, reason) => {
        // Fenced: another executor owns it now.
        if (!isStoreError(reason) || reason.code !== "fenced") recoveries.schedule(worker.id);
      },
    };
    this.#emit = options.emit;
    this.#emitHttp = options.emitHttp;
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
        await this.#use(
          () => this.#require(request.worker),
          (worker) => worker.interrupt(request.recoverImmediately),
        );
        return undefined;
      case "resume":
        await this.#use(
          () => this.#require(request.worker),
          (worker) => worker.resume(),
        );
        return undefined;
      case "update":
        await this.#use(
          () => this.#require(request.worker),
          (worker) => worker.update(request.targetVersion, request.mode, request.operation),
        );
        return undefined;
      case "revert":
        await this.#use(
          () => this.#require(request.worker),
          (worker) => worker.revert(request.target, request.operation),
        );
        return undefined;
      case "fork":
        return await this.#fork(request);
      case "read-files":
        return await this.#readFiles(request);
      case "delete":
        return await this.#delete(request.worker);
      case "complete-promise":
        return await this.#completePromise(request);
      case "connect":
        return await this.#connect(request);
      case "disconnect":
        return this.#disconnect(request);
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
    this.#invocations += 1;
    try {
      const { args = [], env = [], parent } = request.creator ?? {};
      const find = (): Promise<Worker> => this.#findOrCreate(id, { version, args, env, parent });
      return await this.#connected(request.exchange, (connection) =>
        this.#use(find, (worker) => worker.invoke(connection === undefined ? request : { ...request, connection })),
      );
    } catch (error) {
      this.#failures += 1;
      throw error;
    }
  }

  /** A part of an HTTP request arrived. */
  receiveHttp(exchange: number, part: HttpRequestPart): void {
    this.#connections.get(exchange)?.receive(part);
  }

  /** Keeps the connection of an HTTP request for as long as `invoke` runs; a result that it has got already isn't given. */
  async #connected(
    exchange: number | undefined,
    invoke: (connection: HttpConnection | undefined) => Promise<ReplyValue>,
  ): Promise<ReplyValue> {
    if (exchange === undefined) return await invoke(undefined);
    const connection = new HttpConnection((part) => this.#emitHttp(exchange, part));
    this.#connections.set(exchange, connection);
    try {
      const result = await invoke(connection);
      return connection.answered ? undefined : result;
    } finally {
      this.#connections.delete(exchange);
    }
  }

  /** Here if the worker is open, without the way over the main thread; which knows everything else. */
  async #invokeFor(asked: Questions["invoke"]["asked"], before: Before): Promise<Questions["invoke"]["answered"]> {
    if (!before.ordered) await before.durable;
    const worker = this.#live(formatWorkerId(asked.worker));
    if (worker === undefined) {
      this.#deferred.flush();
      await before.durable;
      return await this.#services.ask("invoke", asked);
    }
    this.#invocations += 1;
    try {
      // What the other worker does is committed after what the caller has handed to the store.
      const [result] = await Promise.all([worker.invoke(asked), before.durable]);
      return result;
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      this.#release(worker);
    }
  }

  async #readFiles(request: Extract<Request, { readonly kind: "read-files" }>): Promise<ReplyValue> {
    const { worker: id, latestVersion: version, question, path } = request;
    return await this.#use(
      () => this.#findOrCreate(id, { version, args: [], env: [] }),
      (worker) => worker.readFiles(question, path),
    );
  }

  async #create(request: Extract<Request, { readonly kind: "create" }>): Promise<ReplyValue> {
    const { worker: id, latestVersion: version, args, env, config } = request;
    const key = formatWorkerId(id);
    const worker = await this.#lock.run(key, async () => {
      const exists = this.#live(key) ?? (await this.#openExisting(id));
      if (exists !== undefined) throw golemError({ type: "WorkerAlreadyExists", workerId: id });
      const created = await this.#newWorker(id, { version, args, env, config });
      await created.commit();
      return this.#add(key, created);
    });
    await worker.load();
    this.#release(worker);
    return undefined;
  }

  async #activate(request: Extract<Request, { readonly kind: "activate" }>): Promise<ReplyValue> {
    const { worker: id, cause, dueMs = 0 } = request;
    const { clock, sleep } = this.#services;
    if (clock.now() < dueMs) await sleep(dueMs - clock.now(), this.#stopped.signal);
    await this.#use(
      () => this.#find(id),
      (worker) => worker.activate(cause),
    );
    return undefined;
  }

  async #fork(command: ForkCommand): Promise<ReplyValue> {
    const { worker: target, source, cutOff, repeated, self } = command;
    checkWorkerName(target);
    await this.#lock.run(formatWorkerId(target), async () => {
      const existing = await this.#openExisting(target);
      if (existing === undefined) {
        const last =
          self === undefined
            ? undefined
            : {
                function: forkFunction,
                request: { newName: self.newName },
                response: "forked" as const,
                beginIndex: self.beginIndex,
              };
        await writeFork({ source, target, cutOff }, this.#services, last);
        return;
      }
      const { parent } = existing.state;
      const copied = repeated && parent !== undefined && formatWorkerId(parent) === formatWorkerId(source);
      if (!copied) throw golemError({ type: "WorkerAlreadyExists", workerId: target });
    });
    // It goes on by itself; nobody waits for it.
    this.#activate({ kind: "activate", worker: target, cause: "promise" }).catch(() => undefined);
    return undefined;
  }

  #disconnect(request: Extract<Request, { readonly kind: "disconnect" }>): ReplyValue {
    const worker = this.#open.get(formatWorkerId(request.worker));
    worker?.events.unsubscribe(request.subscription);
    if (worker !== undefined) this.#release(worker);
    return undefined;
  }

  async #delete(id: WorkerId): Promise<ReplyValue> {
    const key = formatWorkerId(id);
    const { oplogs, timers, promises, keyValues, blobs, shardOf, epoch } = this.#services;
    await this.#lock.run(key, async () => {
      const worker = await this.#openExisting(id);
      if (worker === undefined) throw notFound(id);
      await worker.close(golemError({ type: "Interrupted", recoverImmediately: false }));
      this.#loaded.touch(worker);
      // The oplog last: while it is there the worker is, and can be deleted again. A promise that outlived it would
      // belong to the next worker of this name.
      await Promise.all([
        promises.deleteOf(id),
        timers.removeOf(id),
        keyValues.forget(id),
        oplogs.delete(id, shardOf(id), epoch),
      ]);
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
    this.#stopped.abort();
    const error = golemError({ type: "Unknown", details: "the server is stopping" });
    await Promise.all([...this.#open.values()].map((worker) => worker.close(error)));
    return undefined;
  }

  async #require(id: WorkerId): Promise<Worker> {
    const worker = await this.#find(id);
    if (worker === undefined) throw notFound(id);
    return worker;
  }

  /** Works with the worker that `find` gives; undefined if there is none. */
  async #use<T>(find: () => Promise<Worker | undefined>, work: (worker: Worker) => Promise<T>): Promise<T | undefined> {
    for (;;) {
      const worker = await find();
      if (worker === undefined) return undefined;
      // Between being found and being used it may have been evicted; from its use on it is held.
      if (worker.closed) continue;
      try {
        return await work(worker);
      } finally {
        this.#release(worker);
      }
    }
  }

  /** The worker with this id if it exists, opened. */
  async #find(id: WorkerId): Promise<Worker | undefined> {
    const key = formatWorkerId(id);
    return this.#live(key) ?? (await this.#lock.run(key, () => this.#openExisting(id)));
  }

  async #findOrCreate(id: WorkerId, create: NewWorker): Promise<Worker> {
    const key = formatWorkerId(id);
    const known = this.#live(key);
    if (known !== undefined) return known;
    return await this.#lock.run(key, async () => {
      const existing = await this.#openExisting(id);
      return existing ?? this.#add(key, await this.#newWorker(id, create));
    });
  }

  #live(key: string): Worker | undefined {
    if (this.#stopped.signal.aborted) throw golemError({ type: "Unknown", details: "the server is stopping" });
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
    checkWorkerName(id);
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
      config: create.config,
      parent: create.parent,
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

/** Whoever wants the worker: names that clients may not use would be out of their reach. */
function checkWorkerName({ workerName }: WorkerId): void {
  if (!isWorkerName(workerName)) throw badRequest(`Invalid worker name: "${workerName}"`);
}

function notFound(id: WorkerId): WorkerError {
  return new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(id)}` });
}
