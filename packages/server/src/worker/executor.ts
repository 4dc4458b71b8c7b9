/** The workers of one thread: carries out what is asked of them. */
import type { Before } from "../durability/durable-execution.ts";
import { forkFunction } from "../host/golem-api/fork-record.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import { Turns } from "../platform/turns.ts";
import { dryRunUpdate } from "./dry-run.ts";
import type { WorkerEvent } from "./events.ts";
import { invocationAnswered } from "./channels.ts";
import type { InvocationAnswered } from "./channels.ts";
import { writeFork } from "./fork.ts";
import { Deliveries } from "./deliveries.ts";
import { DeferredCommits } from "./deferred-commits.ts";
import { LoadReporter } from "./executor-load.ts";
import type { Activity } from "./executor-load.ts";
import { limitsOfShare } from "./loaded-limits.ts";
import type { LoadedLimits } from "./loaded-limits.ts";
import { admissionOf } from "./loaded-workers.ts";
import { HttpConnection } from "./http-connection.ts";
import type { HttpRequestPart, HttpResponsePart } from "./http-parts.ts";
import type { ExecutorGauges, ForkCommand, ReplyValue, Request } from "./messages.ts";
import { readOplogPage } from "./oplog-pages.ts";
import { checkWorkerName, OpenWorkers } from "./open-workers.ts";
import { MovedError } from "./owned-shards.ts";
import type { Questions } from "./questions.ts";
import type { ExecutorServices, WorkerServices } from "./services.ts";
import { RunQueue } from "./run-queue.ts";
import { ShardCosts } from "./shard-costs.ts";
import { releaseShards } from "./shard-release.ts";
import { tryUntilDone } from "./recoveries.ts";
import { completePromise } from "./suspension.ts";
import type { Worker } from "./worker.ts";
import { golemError, WorkerError } from "./worker-error.ts";
import type { InvokeOptions, WakeCause } from "./worker-host.ts";

export interface ExecutorOptions {
  readonly services: ExecutorServices;
  /** Of all executors together. */
  readonly limits: LoadedLimits;
  /** This one's part of them, to begin with. */
  readonly share: number;
  /** How long the thread was busy and idle. */
  readonly activity: () => Activity;
  readonly emit: (subscription: number, event: WorkerEvent) => void;
  /** A part of the answer to an HTTP request. */
  readonly emitHttp: (exchange: number, part: HttpResponsePart) => void;
  /** What was counted in this thread. */
  readonly metrics: (gauges: ExecutorGauges) => Promise<MetricFamilies>;
}

type InvocationNames = Pick<InvocationAnswered, "worker" | "functionName" | "idempotencyKey">;
type RequestOf<K extends Request["kind"]> = Extract<Request, { readonly kind: K }>;

/** One function for each kind, so that a kind without one doesn't compile. */
type Handlers = {
  readonly [K in Request["kind"]]: (request: RequestOf<K>, signal: AbortSignal | undefined) => Promise<ReplyValue>;
};

/** Oplogs that are read or searched for clients at a time. A search reads all of one; workers are to have their turn, too. */
const oplogReadsMax = 4;

export class Executor {
  readonly #services: WorkerServices;
  readonly #deferred: DeferredCommits;
  readonly #emit: ExecutorOptions["emit"];
  readonly #emitHttp: ExecutorOptions["emitHttp"];
  /** By the numbers of their exchanges. */
  readonly #connections = new Map<number, { readonly worker: WorkerId; readonly connection: HttpConnection }>();
  readonly #metrics: ExecutorOptions["metrics"];
  readonly #workers: OpenWorkers;
  readonly #deliveries: Deliveries;
  readonly #load: LoadReporter;
  readonly #limits: LoadedLimits;
  readonly #dryRuns = new KeyedLock();
  readonly #oplogReads = new Turns(oplogReadsMax);
  readonly #stopped = new AbortController();
  #invocations = 0;

  readonly #handlers: Handlers = {
    invoke: (request) => this.#invoke(request),
    create: (request) => this.#create(request),
    activate: (request) => this.#activate(request),
    recover: (request) => this.#recover(request),
    interrupt: (request) => this.#command(request, (worker) => worker.interrupt(request.recoverImmediately)),
    resume: (request) => this.#command(request, (worker) => worker.resume()),
    update: (request) => this.#command(request, (worker) => worker.update(request)),
    revert: (request) => this.#command(request, (worker) => worker.revert(request.target, request.operation)),
    cancel: (request) =>
      this.#workers.use(
        () => this.#workers.require(request.worker),
        (worker) => worker.cancel(request.idempotencyKey),
      ),
    fork: (request) => this.#fork(request),
    "read-files": (request) => this.#readFiles(request),
    "dry-run": (request) => this.#dryRun(request),
    "read-oplog": ({ worker, question }, signal) =>
      this.#oplogReads.run(() => readOplogPage(worker, question, this.#services, signal), signal),
    "switch-plugin": (request) =>
      this.#command(request, (worker) => worker.switchPlugin(request.installationId, request.active)),
    deliver: async ({ worker }) => {
      this.#deliveries.notify(worker);
      return undefined;
    },
    delete: (request) => this.#delete(request),
    retire: (request) => this.#retire(request),
    "complete-promise": (request) => this.#completePromise(request),
    connect: (request) => this.#connect(request),
    disconnect: (request) => this.#disconnect(request),
    "release-shards": ({ shards, withinMs }) => this.#release(shards, withinMs),
    "own-shards": async ({ shards, epoch }) => {
      this.#services.shards.own(shards, epoch);
      return undefined;
    },
    load: async () => this.#load.take(),
    share: async ({ share }) => this.#workers.loaded.limit(limitsOfShare(this.#limits, share)),
    stop: () => this.#stop(),
    ping: async () => this.#ping(),
    metrics: () => this.#metrics(this.gauges),
  };

  constructor(options: ExecutorOptions) {
    this.#deferred = new DeferredCommits(options.services.yieldTurn);
    const shardCosts = new ShardCosts();
    this.#services = {
      ...options.services,
      shardCosts,
      commitOrder: this.#deferred,
      runQueue: new RunQueue(options.services.yieldTurn, options.services.clock.now),
      invoke: (asked, before) => this.#invokeFor(asked, before),
      wake: (worker) => this.#wake(worker),
      deliver: (worker) => this.#deliver(worker),
    };
    this.#deliveries = new Deliveries({ services: this.#services, stopped: this.#stopped.signal });
    this.#workers = new OpenWorkers({
      services: this.#services,
      limits: limitsOfShare(options.limits, options.share),
      stopped: this.#stopped.signal,
      recover: (worker) => this.#activateAnywhere(worker, "recovery"),
    });
    this.#limits = options.limits;
    this.#load = new LoadReporter({
      activity: options.activity,
      costs: shardCosts,
      workers: this.#workers,
      pinned: () => this.#pinned(),
    });
    this.#emit = options.emit;
    this.#emitHttp = options.emitHttp;
    this.#metrics = options.metrics;
  }

  /** Once `signal` aborts nobody waits for the answer. */
  handle(request: Request, signal?: AbortSignal): Promise<ReplyValue> {
    const handler = this.#handlers[request.kind] as (
      request: Request,
      signal: AbortSignal | undefined,
    ) => Promise<ReplyValue>;
    return handler(request, signal);
  }

  /** What is done to a worker that must exist. */
  async #command(
    { worker: id }: { readonly worker: WorkerId },
    work: (worker: Worker) => Promise<void>,
  ): Promise<undefined> {
    await this.#workers.use(() => this.#workers.require(id), work);
  }

  #invoke(request: RequestOf<"invoke">): Promise<ReplyValue> {
    const { worker: id, latestVersion: version, exchange } = request;
    const { args = [], env = [], parent, processes } = request.creator ?? {};
    const find = (): Worker | Promise<Worker> =>
      this.#workers.findOrCreate(id, { version, args, env, parent, processes });
    const invoke = (options: InvokeOptions): Promise<ReplyValue> =>
      this.#workers.use(find, (worker) => worker.invoke(options));
    return this.#answered(request, () =>
      exchange === undefined
        ? invoke(request)
        : this.#connected(exchange, id, (connection) => invoke({ ...request, connection })),
    );
  }

  /** Tells how an invocation was answered, and when. */
  async #answered<T>(asked: InvocationNames, invoke: () => Promise<T>): Promise<T> {
    this.#invocations += 1;
    this.#services.runQueue.requested();
    const started = performance.now();
    const tell = (outcome: InvocationAnswered["outcome"]): void => {
      if (!invocationAnswered.active) return;
      const { worker, functionName, idempotencyKey } = asked;
      const durationMs = performance.now() - started;
      invocationAnswered.publish({ worker, functionName, idempotencyKey, outcome, durationMs });
    };
    try {
      const result = await invoke();
      this.#services.runQueue.requested();
      tell("completed");
      return result;
    } catch (error) {
      if (error instanceof MovedError) throw error;
      tell(error instanceof WorkerError && error.data.kind !== "golem" ? "refused" : "failed");
      throw error;
    }
  }

  /** A part of an HTTP request arrived. */
  receiveHttp(exchange: number, part: HttpRequestPart): void {
    this.#connections.get(exchange)?.connection.receive(part);
  }

  /** Keeps the connection of an HTTP request for as long as `invoke` runs; a result that it has got already isn't given. */
  async #connected(
    exchange: number,
    worker: WorkerId,
    invoke: (connection: HttpConnection) => Promise<ReplyValue>,
  ): Promise<ReplyValue> {
    const connection = new HttpConnection((part) => this.#emitHttp(exchange, part));
    this.#connections.set(exchange, { worker, connection });
    try {
      const result = await invoke(connection);
      return connection.answered ? undefined : result;
    } finally {
      this.#connections.delete(exchange);
    }
  }

  /** Here if the worker is open, without the way over the main thread; which knows everything else. */
  async #invokeFor(asked: Questions["invoke"]["asked"], before: Before): Promise<Questions["invoke"]["answered"]> {
    if (!this.#inOrder(asked, before)) {
      this.#deferred.flush();
      await before.durable;
    }
    const worker = this.#workers.live(asked.worker);
    if (worker === undefined) {
      this.#deferred.flush();
      await before.durable;
      return await this.#services.ask("invoke", asked);
    }
    try {
      // What the other worker does is committed after what the caller has handed to the store.
      const [result] = await this.#answered(asked, () => Promise.all([worker.invoke(asked), before.durable]));
      return result;
    } catch (error) {
      if (!(error instanceof MovedError)) throw error;
      await before.durable;
      return await this.#services.ask("invoke", asked);
    } finally {
      this.#workers.release(worker);
    }
  }

  /** What the other worker does about the call can't become durable before what its caller has recorded up to it. */
  #inOrder({ worker, creator }: Questions["invoke"]["asked"], { ordered }: Before): boolean {
    const caller = creator?.parent;
    return ordered && caller !== undefined && this.#services.oplogs.inOrder(caller, worker);
  }

  async #readFiles(request: RequestOf<"read-files">): Promise<ReplyValue> {
    const { worker: id, latestVersion: version, question, path } = request;
    return await this.#workers.use(
      () => this.#workers.findOrCreate(id, { version, args: [], env: [] }),
      (worker) => worker.readFiles(question, path),
    );
  }

  async #create(request: RequestOf<"create">): Promise<ReplyValue> {
    const { worker: id, latestVersion: version, args, env, config } = request;
    const worker = await this.#workers.create(id, { version, args, env, config });
    await worker.loadAndRest();
    this.#workers.release(worker);
    return undefined;
  }

  async #activate(request: RequestOf<"activate">): Promise<ReplyValue> {
    const { worker: id, cause, dueMs = 0 } = request;
    const { clock, sleep } = this.#services;
    if (clock.now() < dueMs) await sleep(dueMs - clock.now(), this.#stopped.signal);
    await this.#workers.use(
      () => this.#workers.find(id),
      (worker) => worker.activate(cause),
    );
    return undefined;
  }

  async #recover({ worker: id }: RequestOf<"recover">): Promise<undefined> {
    await this.#workers.use(
      () => this.#workers.find(id),
      (worker) => worker.recover(),
    );
  }

  /** Here, or where the worker's shard is by now. */
  async #activateAnywhere(worker: WorkerId, cause: WakeCause): Promise<void> {
    const request = { kind: "activate", worker, cause } as const;
    try {
      await this.#activate(request);
    } catch (error) {
      if (!(error instanceof MovedError)) throw error;
      await this.#services.ask("pass-on", request);
    }
  }

  /** The same. An executor that can't is replaced, and then this is done again. */
  #deliver(worker: WorkerId): void {
    const { shards, shardOf, ask } = this.#services;
    if (shards.owns(shardOf(worker))) this.#deliveries.notify(worker);
    else ask("pass-on", { kind: "deliver", worker }).catch(() => undefined);
  }

  /** Shards for which something is under way that only this executor can bring to its end. */
  #pinned(): ReadonlySet<number> {
    const { shardOf } = this.#services;
    const pinned = new Set<number>();
    for (const { worker } of this.#connections.values()) pinned.add(shardOf(worker));
    for (const worker of this.#deliveries.workers()) pinned.add(shardOf(worker));
    for (const worker of this.#workers.recovering) pinned.add(shardOf(worker));
    return pinned;
  }

  #release(shards: readonly number[], withinMs: number): Promise<ReplyValue> {
    return releaseShards(shards, withinMs, {
      owned: this.#services.shards,
      workers: this.#workers,
      pinned: () => this.#pinned(),
      sleep: this.#services.sleep,
    });
  }

  /** Rejects only when the executor stops: what the worker waits for has come, and nobody else would wake it. */
  async #wake(worker: WorkerId): Promise<void> {
    const activate = (): Promise<unknown> => this.#activateAnywhere(worker, "timer");
    const { sleep } = this.#services;
    if (await tryUntilDone(activate, { sleep, signal: this.#stopped.signal })) return;
    throw new Error("the executor has stopped");
  }

  async #fork(command: ForkCommand): Promise<ReplyValue> {
    const { worker: target, source, cutOff, repeated, self } = command;
    checkWorkerName(target);
    await this.#workers.exclusively(target, async () => {
      const existing = await this.#workers.openExisting(target);
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
    this.#activateAnywhere(target, "promise").catch(() => undefined);
    return undefined;
  }

  async #disconnect(request: RequestOf<"disconnect">): Promise<ReplyValue> {
    const worker = this.#workers.live(request.worker);
    worker?.events.unsubscribe(request.subscription);
    if (worker !== undefined) this.#workers.release(worker);
    return undefined;
  }

  /** One after the other: each takes as much as a worker that is loaded. */
  async #dryRun({ worker, targetVersion }: RequestOf<"dry-run">): Promise<ReplyValue> {
    const { loaded } = this.#workers;
    const image = await this.#services.image(worker.componentId, targetVersion);
    if (image === undefined) return await dryRunUpdate(worker, targetVersion, this.#services);
    const admission = admissionOf(image);
    return await this.#dryRuns.run("", async () => {
      await loaded.admit(admission);
      try {
        return await dryRunUpdate(worker, targetVersion, this.#services);
      } finally {
        loaded.admissionEnded(admission);
      }
    });
  }

  async #delete({ worker }: RequestOf<"delete">): Promise<undefined> {
    await this.#workers.delete(worker);
  }

  async #retire({ worker, beforeMs }: RequestOf<"retire">): Promise<undefined> {
    await this.#workers.retire(worker, beforeMs);
  }

  async #completePromise(request: RequestOf<"complete-promise">): Promise<ReplyValue> {
    const { promise, data } = request;
    const completed = await completePromise(promise, data, this.#services);
    if (completed !== undefined) return completed;
    const promiseId = { workerId: promise.worker, oplogIdx: promise.oplogIndex };
    throw golemError({ type: "PromiseNotFound", promiseId });
  }

  async #connect(request: RequestOf<"connect">): Promise<ReplyValue> {
    const worker = await this.#workers.require(request.worker);
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
    await Promise.all(this.#workers.all().map((worker) => worker.close(error)));
    return undefined;
  }

  /** It comes often and regularly, so that idle workers can be saved and leave memory at it. */
  #ping(): undefined {
    this.#workers.saveResting();
    this.#workers.loaded.evictIdle();
  }

  /** Grows with everything that can leave garbage behind. */
  get activity(): number {
    return this.#invocations + this.#workers.loaded.evictions;
  }

  get gauges(): ExecutorGauges {
    const { loaded } = this.#workers;
    return {
      loadedWorkers: loaded.count,
      runningWorkers: loaded.runningCount,
      waitingWorkers: loaded.waitingCount,
      knownWorkers: this.#workers.count,
      linearMemoryBytes: loaded.linearMemoryBytes,
      loadedBytes: loaded.bytes,
      mappings: loaded.mappings,
    };
  }
}
