/**
 * The run of one worker: `#drive` is the only place where the guest runs, and `#settle` the only one that decides what
 * follows when its run ended otherwise than by returning.
 */
import { DivergenceError, ExitSignal, InterruptSignal, RestartSignal, SuspendSignal } from "../durability/errors.ts";
import { lostInvocation, retryPolicyInForce } from "../durability/fold.ts";
import { outOfMemoryPolicy, retryDelayMs } from "../durability/retry-policy.ts";
import type { PendingUpdate, WorkerState } from "../durability/worker-state.ts";
import { isStoreError } from "../platform/store-error.ts";
import { memorySnapshotSkipped, workerLoaded, workerUpdated } from "./channels.ts";
import type { WorkerInstance } from "./instance.ts";
import { InvocationTurn } from "./invocation-turn.ts";
import { loadInstance } from "./load-instance.ts";
import { admissionOf } from "./loaded-workers.ts";
import type { Admission } from "./loaded-workers.ts";
import type { OplogSession, RestoredMemory } from "./oplog-session.ts";
import { Output } from "./output.ts";
import { beginFurtherDeliveries, pluginsOf } from "./plugins.ts";
import { replay } from "./replay.ts";
import { RevertSignal } from "./revert.ts";
import { UnusableSnapshotError } from "./memory-snapshot/memory-snapshot.ts";
import { hasSavableResources } from "./memory-snapshot/saved-instance.ts";
import { Snapshots } from "./memory-snapshot/snapshots.ts";
import { RunEnds } from "./run-ends.ts";
import { loadSnapshot } from "./snapshot-exports.ts";
import { interrupted } from "./state-queries.ts";
import { loadPlan } from "./version-change.ts";
import type { LoadPlan } from "./version-change.ts";
import type { WorkerCore } from "./worker-core.ts";
import { golemError } from "./worker-error.ts";
import { UnloadSignal } from "./worker-host.ts";
import type { AcceptedInvocation } from "./worker-host.ts";

/** What somebody wants of the run under way: that it ends. */
export type Interruption = InterruptSignal | RestartSignal | RevertSignal;

/** `WorkerHost`, for one worker. */
export interface RunHost {
  readonly admit: (admission: Admission) => Promise<void>;
  readonly loadEnded: (admission: Admission) => void;
  readonly begins: () => void;
  readonly unloaded: () => void;
  readonly measured: () => void;
  readonly waits: (leave: () => void) => () => void;
  readonly atRest: () => void;
  readonly abandoned: (reason: unknown) => void;
}

export class WorkerRun {
  readonly #core: WorkerCore;
  readonly #host: RunHost;
  readonly #output: Output;
  readonly #turn: InvocationTurn;
  readonly #ends: RunEnds;
  readonly #snapshots: Snapshots;
  #instance: WorkerInstance | undefined;
  /** An invocation that starts at once, without having been queued. */
  #direct: AcceptedInvocation | undefined;
  #driving: Promise<void> | undefined;
  /** Something happened that a suspended, interrupted or retrying worker is to be loaded for. */
  #wakeRequested = false;
  /** An update that the load under way tries; undefined again when the new version has come to the end of the history. */
  #attempted: PendingUpdate | undefined;
  /** Asked for and not dealt with; the run under way, if there is one, has been aborted with it. */
  #interruption: Interruption | undefined;
  /** Set for good: by deletion, eviction, the end of the executor, or a store that refused. */
  #closed: Error | undefined;
  /** Settled when it may begin something again. */
  #held: PromiseWithResolvers<void> | undefined;
  /** Ends the wait before a retry. */
  #retryWait: AbortController | undefined;

  constructor(core: WorkerCore, host: RunHost) {
    this.#core = core;
    this.#host = host;
    const { clock, limits } = core.services;
    this.#output = new Output(core.events, clock, limits.stderrBytesMax);
    this.#turn = new InvocationTurn(core, this.#output);
    this.#ends = new RunEnds(core);
    this.#snapshots = new Snapshots(core);
  }

  get instance(): WorkerInstance | undefined {
    return this.#instance;
  }

  get direct(): AcceptedInvocation | undefined {
    return this.#direct;
  }

  /** It rests, and enough has happened since its memory was saved. */
  get unsaved(): boolean {
    return this.idle && this.#instance !== undefined && this.#snapshots.isDueAtRest(this.#instance);
  }

  /** Saves its memory if that is still worth it. */
  async save(): Promise<void> {
    if (this.idle && this.#instance !== undefined) await this.#snapshots.takeAtRest(this.#instance);
  }

  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  get idle(): boolean {
    return this.#driving === undefined;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  get interruptible(): boolean {
    const { status } = this.#state;
    return status === "Running" || status === "Suspended" || status === "Retrying";
  }

  /** Resolves when the worker is at rest: while it is held it isn't. */
  async rest(): Promise<void> {
    for (;;) {
      await this.#driving;
      if (this.#held === undefined) return;
      await this.#held.promise;
    }
  }

  /** Begins nothing any more; resolves when what is under way has ended. `letGo` or `close` follows. */
  async hold(): Promise<void> {
    this.#held ??= Promise.withResolvers();
    await this.#driving;
  }

  /** Goes on after `hold`. */
  letGo(): void {
    this.#held?.resolve();
    this.#held = undefined;
    this.start();
  }

  /** It has something to go on with. */
  get unfinished(): boolean {
    return this.#isWaitedFor();
  }

  /** It holds what can't be made anew: a connection, a transaction. */
  get bound(): boolean {
    return this.#instance !== undefined && !hasSavableResources(this.#instance);
  }

  throwIfClosed(): void {
    if (this.#closed !== undefined) throw this.#closed;
  }

  /** Begins it with the next turn; only for a loaded worker at rest, with nothing before it. */
  beginAtOnce(invocation: AcceptedInvocation): void {
    this.#direct = invocation;
  }

  wake(): void {
    this.#wakeRequested = true;
    this.start();
  }

  /** Does what there is to do without waking a worker that rests in the midst of something. */
  start(): void {
    if (this.#driving !== undefined || !this.#hasWork()) return;
    this.#host.begins();
    this.#driving = this.#drive();
  }

  /** The run under way goes on in a new instance. */
  restart(): void {
    if (this.idle || this.#interruption !== undefined) return;
    this.end(new RestartSignal());
  }

  end(signal: Interruption): void {
    this.#interruption = signal;
    this.#instance?.abort(signal);
    this.#retryWait?.abort();
    this.start();
  }

  /**
   * Drops the instance for good. What is durable stays; `error` goes to callers that wait. If the worker `returns`, its
   * next instance is to be loaded fast. Resolves when nothing is written of it any more.
   */
  async close(error: Error, returns: boolean): Promise<void> {
    // Whoever waits for its rest finds it closed.
    this.#held?.resolve();
    this.#held = undefined;
    if (this.#closed !== undefined) return;
    this.#closed = error;
    if (this.#interruption instanceof RevertSignal) this.#interruption.done.reject(error);
    this.#retryWait?.abort();
    if (returns && this.idle && this.#instance !== undefined) await this.#snapshots.takeLast(this.#instance);
    this.#instance?.abort(new UnloadSignal());
    await this.#driving;
    this.#unload();
    this.#core.rejectAll(error);
    this.#core.events.close();
    await this.#snapshots.settled();
  }

  get #state(): WorkerState {
    return this.#core.state;
  }

  /** Waits at least once, so that it never ends before it is noted as under way. */
  async #drive(): Promise<void> {
    while (this.#hasWork()) {
      try {
        if (this.#interruption !== undefined) throw this.#interruption;
        if (this.#instance === undefined) await this.#load();
        // The next instance is that of another version.
        else if (this.#state.pendingUpdates.length > 0) throw new RestartSignal();
        else await this.#runNext(this.#instance);
        if (this.#instance !== undefined && this.#snapshots.isDue(this.#instance)) {
          await this.#snapshots.take(this.#instance);
        }
      } catch (error) {
        await this.#settleSafely(error);
      }
    }
    // In the same turn as the last look at what there is to do: no wake can fall between the two.
    this.#driving = undefined;
    this.#host.atRest();
  }

  /** Whether there is anything to do now. A wake is used up by the load that it leads to. */
  #hasWork(): boolean {
    return this.#held === undefined && this.#isWaitedFor();
  }

  #isWaitedFor(): boolean {
    if (this.#closed !== undefined) return false;
    if (this.#interruption !== undefined) return true;
    const { status, pending, pendingUpdates, jumpedOut } = this.#state;
    if (this.#core.end() !== undefined) return false;
    if (this.#core.questions.size > 0) return true;
    if (this.#instance !== undefined) {
      return this.#direct !== undefined || pending.length > 0 || pendingUpdates.length > 0;
    }
    return this.#wakeRequested || jumpedOut || status === "Running";
  }

  async #runNext(instance: WorkerInstance): Promise<void> {
    const direct = this.#direct;
    this.#direct = undefined;
    const entered = await this.#turn.take(instance, direct);
    if (!entered || !this.#core.ephemeral) return;
    this.#unload();
    this.#wakeRequested = this.#state.pending.length > 0;
  }

  async #load(): Promise<void> {
    await this.#waitForRetry();
    const started = performance.now();
    await this.#core.image();
    this.#throwIfStopped();
    this.#wakeRequested = false;
    let session = this.#core.ephemeral ? await this.#beginAnew() : await this.#core.oplog.toLoad();
    if (this.#state.status === "Interrupted") {
      // It runs from here on, perhaps for long before it records anything: it can be interrupted again.
      session.writer.append("resumed", {});
      await session.writer.commit();
    }
    this.#output.reset();
    this.#attempted = this.#state.pendingUpdates[0];
    let plan = await loadPlan(this.#core.id, this.#state, this.#core.services);
    const { memory } = session;
    if (memory !== undefined && plan.update === undefined && isOfPresentVersion(memory, this.#state)) {
      plan = { ...plan, snapshot: undefined, snapshotIndex: undefined, carriedFiles: undefined };
    } else if (memory !== undefined) {
      // Another version has to live through the worker's history.
      session = await this.#core.oplog.wholeToLoad();
    }
    if (plan.update !== undefined) await beginFurtherDeliveries(session, pluginsOf(plan.image), this.#core.services);
    const restored = session.memory !== undefined;
    const entries = this.#state.lastIndex - (session.memory?.lastIndex ?? 0);
    this.#snapshots.loading(session.memory);
    // An automatic update may begin with a snapshot, too: that of an update before it.
    const progress = { live: plan.update?.snapshotBased === true, begun: plan.snapshot === undefined };
    const instance = await this.#instantiate(session, plan, () => {
      progress.live = true;
      if (progress.begun) this.#updated(plan);
    });
    this.#throwIfStopped();
    if (plan.snapshot !== undefined) {
      await loadSnapshot(instance, plan.snapshot);
      progress.begun = true;
      if (progress.live) this.#updated(plan);
    }
    const tellLoaded = (): void => {
      const durationMs = performance.now() - started;
      workerLoaded.publish({ worker: this.#core.id, version: plan.image.version, entries, restored, durationMs });
    };
    // An invocation that was under way runs on from there.
    if (workerLoaded.active) instance.context.durable.whenLive(tellLoaded);
    const replaying = replay(instance, this.#output, this.#core.recordedTypes);
    const finished = await (restored ? this.#checkedAgainstMemory(replaying) : replaying);
    if (finished !== undefined) await this.#turn.complete(instance, finished);
  }

  async #instantiate(session: OplogSession, plan: LoadPlan, onLive: () => void): Promise<WorkerInstance> {
    const { services } = this.#core;
    const admission = admissionOf(plan.image);
    await this.#host.admit(admission);
    try {
      this.#throwIfStopped();
      const instance = await loadInstance({
        ...plan,
        session,
        services,
        output: this.#output,
        retryPolicy: () => retryPolicyInForce(this.#state),
        connection: () => this.#core.connection(this.#state.current?.idempotencyKey ?? ""),
        onLive,
        measured: this.#host.measured,
        waits: this.#host.waits,
      });
      this.#instance = instance;
      session.releaseMemory();
      return instance;
    } catch (error) {
      if (error instanceof UnusableSnapshotError) await this.#replayAll(error);
      throw error;
    } finally {
      this.#host.loadEnded(admission);
    }
  }

  /** What doesn't fit what a memory snapshot gave may fit the history, which alone counts. */
  async #checkedAgainstMemory<T>(replaying: Promise<T>): Promise<T> {
    try {
      return await replaying;
    } catch (error) {
      if (error instanceof DivergenceError) await this.#replayAll(error);
      throw error;
    }
  }

  /** Begins again without memory snapshots. */
  async #replayAll({ message }: Error): Promise<never> {
    const { id, oplog, services } = this.#core;
    memorySnapshotSkipped.publish({ worker: id, step: "load", reason: message });
    oplog.distrustMemory();
    await services.memorySnapshots.delete(id);
    throw new RestartSignal();
  }

  /** The session for an instance of an ephemeral worker: what was under way when the last one was lost has failed. */
  async #beginAnew(): Promise<OplogSession> {
    const { session, writer } = this.#core.oplog;
    const { current, lastIndex } = this.#state;
    if (lastIndex > 1) writer.append("restart", {});
    const lost = current?.idempotencyKey;
    if (lost !== undefined) {
      await writer.commit();
      this.#core.waiters.reject(lost, golemError({ type: "RuntimeError", details: lostInvocation }));
    }
    return session;
  }

  /** The version that was tried has come to the end of the history: it is the worker's from here on. */
  #updated({ image, update }: LoadPlan): void {
    if (update === undefined || this.#attempted === undefined) return;
    this.#attempted = undefined;
    const { componentSize, version: targetVersion } = image;
    const { writer } = this.#core.oplog;
    workerUpdated.publish({ worker: this.#core.id, targetVersion, failure: undefined });
    const activePlugins = this.#state.processes === undefined ? pluginsOf(image) : [];
    writer.append("successful-update", { targetVersion, componentSize, activePlugins });
    const { id, services } = this.#core;
    // An idle worker has nothing else that would make it durable; a refusal meets whoever commits next.
    writer.commit().then(
      () => services.deliver(id),
      () => undefined,
    );
    // The next one isn't to wait for the end of what this version goes on with.
    if (this.#state.pendingUpdates.length > 0) this.restart();
  }

  /** A load is made of waits; whoever stopped it meanwhile found no instance to abort. */
  #throwIfStopped(): void {
    if (this.#closed !== undefined) throw new UnloadSignal();
    if (this.#interruption !== undefined) throw this.#interruption;
  }

  /** A failed attempt is followed by the next one no sooner than the policy says, counted from the failure itself. */
  async #waitForRetry(): Promise<void> {
    const { status, lastError, retryCount } = this.#state;
    if (status !== "Retrying" || lastError === undefined) return;
    const policy = lastError.outOfMemory ? outOfMemoryPolicy : retryPolicyInForce(this.#state);
    const { clock, entropy, sleep } = this.#core.services;
    const delayMs = retryDelayMs(policy, retryCount, entropy.fraction());
    this.#retryWait = new AbortController();
    await sleep(Math.max(lastError.timestampMs + delayMs - clock.now(), 0), this.#retryWait.signal);
    this.#retryWait = undefined;
  }

  async #settleSafely(error: unknown): Promise<void> {
    try {
      await this.#settle(error);
    } catch (storeError) {
      // What is in memory may be ahead of the store: only a new object, read from the store, may go on.
      this.#abandon(storeError);
    }
  }

  /** The run ended without returning: records why and decides what follows. */
  async #settle(error: unknown): Promise<void> {
    if (isStoreError(error)) throw error;
    // Another end came first when it is still there: it gets its turn next.
    if (error === this.#interruption) this.#interruption = undefined;
    const attempted = this.#attempted;
    this.#attempted = undefined;
    const { questions, ephemeral } = this.#core;
    if (error instanceof SuspendSignal && this.#instance !== undefined) {
      questions.answer(this.#instance.context);
    }
    const { current } = this.#state;
    if (error instanceof ExitSignal && error.exitCode === 0 && current !== undefined) {
      this.#output.finishInvocation(current.functionName, current.idempotencyKey);
    }
    const stderr = this.#output.stderrText();
    const progress = this.#instance?.context.durable.progress ?? 0;
    const used = current === undefined ? undefined : this.#instance?.usage.ofInvocation;
    this.#unload();
    if (error instanceof UnloadSignal) return;
    // It came to its end before it could be interrupted.
    if (error instanceof InterruptSignal && !this.interruptible) return;
    // Wakes before this had their run; what is waited for now can only wake it from here on.
    if (error instanceof SuspendSignal || error instanceof InterruptSignal) this.#wakeRequested = false;
    const goesOn = await this.#ends.settle(error, { stderr, progress, used, attempted, ephemeral });
    this.#wakeRequested ||= goesOn;
    const end = error instanceof InterruptSignal ? interrupted() : this.#core.end();
    if (end !== undefined) questions.rejectAll(end);
  }

  #abandon(error: unknown): void {
    const details = error instanceof Error ? error.message : String(error);
    this.#closed = golemError({ type: "Unknown", details });
    if (this.#interruption instanceof RevertSignal) this.#interruption.done.reject(this.#closed);
    this.#unload();
    this.#core.rejectAll(this.#closed);
    this.#core.events.close();
    this.#host.abandoned(error);
  }

  #unload(): void {
    this.#core.events.forget();
    if (this.#instance === undefined) return;
    this.#instance.close();
    this.#instance = undefined;
    this.#host.unloaded();
  }
}

/** The same version may have come back meanwhile: what it began with then is not what was saved. */
function isOfPresentVersion({ lastIndex }: RestoredMemory, { versions }: WorkerState): boolean {
  return (versions.at(-1)?.index ?? 0) <= lastIndex;
}
