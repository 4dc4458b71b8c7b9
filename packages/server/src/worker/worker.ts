/**
 * One worker: an actor that runs one invocation at a time. What others ask of it becomes a record in its oplog or a
 * wish for what comes next; `#drive` is the only place where the guest runs, and `#settle` the only one that decides
 * what follows when its run ended otherwise than by returning.
 */
import type { ComponentImage } from "../component/component-image.ts";
import { InterruptSignal, RestartSignal, SuspendSignal } from "../durability/errors.ts";
import type { ClientConnection } from "../host/wasi-http/client-connection.ts";
import { lostInvocation, retryPolicyInForce } from "../durability/fold.ts";
import { outOfMemoryPolicy, retryDelayMs } from "../durability/retry-policy.ts";
import type { PendingUpdate, WorkerState } from "../durability/worker-state.ts";
import { isStoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { EventStream } from "./events.ts";
import { FileQuestions } from "./file-questions.ts";
import { failureOf } from "./failure.ts";
import type { PreparedCall, WorkerInstance } from "./instance.ts";
import { encodeInput, outputFor } from "./invocation-form.ts";
import type { InvocationOutput, InvocationResult } from "./invocation-form.ts";
import { invocationTarget } from "./invocation-target.ts";
import { KeptOplog } from "./kept-oplog.ts";
import { loadInstance } from "./load-instance.ts";
import type { OplogSession } from "./oplog-session.ts";
import { Output } from "./output.ts";
import { readOutcome } from "./read-outcome.ts";
import { replay } from "./replay.ts";
import { RevertSignal } from "./revert.ts";
import type { RevertTarget } from "./revert.ts";
import { RunEnds } from "./run-ends.ts";
import type { WorkerServices } from "./services.ts";
import { endOf, interrupted, isQueued, isRunning } from "./state-queries.ts";
import { loadSnapshot, saveSnapshot } from "./snapshot-exports.ts";
import { checkUpdate, imageOf, loadPlan, RecordedTypes } from "./version-change.ts";
import type { LoadPlan, UpdateMode } from "./version-change.ts";
import { Waiters } from "./waiters.ts";
import type { FileAnswer, FileQuestion } from "./worker-files.ts";
import { UnloadSignal } from "./worker-host.ts";
import type { AcceptedInvocation, InvokeOptions, WakeCause, WorkerHost } from "./worker-host.ts";
import { badRequest, golemError, WorkerError } from "./worker-error.ts";

export class Worker {
  readonly id: WorkerId;
  readonly events = new EventStream();
  readonly #services: WorkerServices;
  readonly #host: WorkerHost;
  readonly #waiters = new Waiters<InvocationResult>();
  /** Of the clients whose HTTP requests wait or run, by idempotency key. */
  readonly #connections = new Map<string, ClientConnection>();
  readonly #questions = new FileQuestions();
  readonly #output: Output;
  readonly #ends: RunEnds;
  readonly #oplog: KeptOplog;
  #instance: WorkerInstance | undefined;
  /**
   * Every invocation gets an instance of its own, and nothing is replayed. Known from its image, which is the same for
   * good: such workers aren't updated.
   */
  #ephemeral = false;
  /** An invocation that starts at once, without having been queued. */
  #direct: AcceptedInvocation | undefined;
  #driving: Promise<void> | undefined;
  /** Calls under way on this object; it must not be dropped from under them. */
  #users = 0;
  /** Something happened that a suspended, interrupted or retrying worker is to be loaded for. */
  #wakeRequested = false;
  /** An update that the load under way tries; undefined again when the new version has come to the end of the history. */
  #attempted: PendingUpdate | undefined;
  /** Asked for and not dealt with; the run under way, if there is one, has been aborted with it. */
  #interruption: InterruptSignal | RestartSignal | RevertSignal | undefined;
  /** Set for good: by deletion, eviction, the end of the executor, or a store that refused. */
  #closed: Error | undefined;
  /** Ends the wait before a retry. */
  #retryWait: AbortController | undefined;

  constructor(id: WorkerId, session: OplogSession, services: WorkerServices, host: WorkerHost) {
    this.id = id;
    this.#host = host;
    this.#oplog = new KeptOplog(id, session, services);
    this.#ends = new RunEnds({ id, oplog: this.#oplog, waiters: this.#waiters, events: this.events, services });
    this.#services = services;
    this.#output = new Output(this.events, services.clock, services.limits.stderrBytesMax);
  }

  get state(): WorkerState {
    return this.#oplog.state;
  }

  get loaded(): boolean {
    return this.#instance !== undefined;
  }

  get idle(): boolean {
    return this.#driving === undefined;
  }

  /** True when nothing in memory is needed: the oplog has it all. */
  get disposable(): boolean {
    return this.idle && this.#users === 0 && this.#waiters.size === 0 && !this.events.watched;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  memoryBytes(): number {
    return this.#instance?.memoryBytes() ?? 0;
  }

  /** Accepts an invocation; resolves with the result, or with nothing once accepted when it isn't awaited. */
  invoke(options: InvokeOptions): Promise<InvocationOutput | undefined> {
    return this.#using(async () => {
      const { connection, idempotencyKey: key, input } = options;
      const connected = connection !== undefined && !this.#connections.has(key);
      if (connected) this.#connections.set(key, connection);
      try {
        const result = await this.#invoke(options);
        return result === undefined ? undefined : outputFor(this.id, input, result);
      } finally {
        if (connected) this.#connections.delete(key);
      }
    });
  }

  async #invoke(options: InvokeOptions): Promise<InvocationResult | undefined> {
    const { functionName, input, idempotencyKey, awaitResult, trace } = options;
    const image = await this.#image();
    // What was appended while the oplog is read back would be missing in what was read.
    await this.#oplog.readable();
    this.#throwIfClosed();
    const known = this.state.outcomes.get(idempotencyKey);
    if (known !== undefined) {
      // The state is ahead of the store by what is being committed.
      await this.#oplog.writer.commit();
      return awaitResult ? await readOutcome(this.id, known, this.#recordedTypes, this.#services) : undefined;
    }
    // Asking for its result again doesn't continue what a user has interrupted.
    if (awaitResult && this.state.status === "Interrupted" && isRunning(this.state, idempotencyKey))
      throw interrupted();
    const begun = this.#direct?.idempotencyKey === idempotencyKey || isRunning(this.state, idempotencyKey);
    if (!begun && !isQueued(this.state, idempotencyKey)) {
      this.#throwIfEnded();
      const target = invocationTarget(image, functionName);
      this.#accept(
        { functionName, idempotencyKey, request: encodeInput(this.id, target, input), trace, version: image.version },
        awaitResult,
      );
    }
    // Waiting comes first: a request that turns out to be wrong is answered while the wake is under way.
    const result = awaitResult ? this.#waiters.wait(idempotencyKey) : undefined;
    this.#wake();
    if (result !== undefined) return await result;
    await this.#oplog.writer.commit();
    return undefined;
  }

  /**
   * Loads the worker if it has anything to go on with; resolves when it came to rest again, so that what caused the
   * wake may be forgotten. A user's interruption outlasts a sleep that has ended, but not a completed promise.
   */
  activate(cause: WakeCause): Promise<void> {
    return this.#using(async () => {
      const { status, pending } = this.state;
      const nothing = status === "Idle" && pending.length === 0;
      if (nothing || (status === "Interrupted" && cause !== "promise")) return;
      await this.#image();
      this.#wake();
      await this.#driving;
      // Ended before it came to rest: what caused the wake must not be forgotten.
      this.#throwIfClosed();
    });
  }

  /** Resolves when the worker is loaded and at rest, for `create`; rejects when it can't be loaded. */
  load(): Promise<void> {
    return this.#using(async () => {
      if (this.#instance === undefined) this.#wake();
      await this.#driving;
      const { lastError } = this.state;
      if (this.#instance !== undefined || lastError === undefined) return;
      throw golemError({ type: "WorkerCreationFailed", workerId: this.id, details: lastError.message });
    });
  }

  /** What clients see of its files. Waits for its turn like an invocation; a worker that is suspended stays so. */
  readFiles(question: FileQuestion, path: string): Promise<FileAnswer> {
    return this.#using(async () => {
      await this.#image();
      await this.#oplog.readable();
      this.#throwIfClosed();
      this.#throwIfEnded();
      if (this.state.status === "Interrupted") throw interrupted();
      const answer = this.#questions.ask(question, path, this.state.lastIndex);
      this.#startDriving();
      // It may have been created for this.
      await Promise.all([answer, this.#oplog.writer.commit()]);
      return await answer;
    });
  }

  /** spec/service.md §8.5. With `recoverImmediately` it imitates a crash: callers keep waiting. */
  interrupt(recoverImmediately: boolean): Promise<void> {
    return this.#using(() => this.#interrupt(recoverImmediately));
  }

  async #interrupt(recoverImmediately: boolean): Promise<void> {
    // The interruption must not take the place of a revert that somebody waits for; how that ends is not of interest.
    while (!this.closed && this.#interruption instanceof RevertSignal) await this.#interruption.settled;
    // One that rests has nothing in memory that a crash could take.
    if (!this.#interruptible || (recoverImmediately && this.idle)) return;
    if (!(this.#interruption instanceof InterruptSignal)) {
      this.#endRun(recoverImmediately ? new RestartSignal() : new InterruptSignal());
    }
    if (!recoverImmediately) await this.#driving;
  }

  get #interruptible(): boolean {
    const { status } = this.state;
    return status === "Running" || status === "Suspended" || status === "Retrying";
  }

  /**
   * Changes the worker's version: at once, by replaying its history under the new one, or in its turn, by what the old
   * version saves for it. Resolves when the wish is durable; how it went is in the worker's metadata. An exited worker
   * stays as it is.
   */
  update(targetVersion: number, mode: UpdateMode, operation?: string): Promise<void> {
    return this.#using(async () => {
      await this.#oplog.readable();
      if (operation !== undefined && this.state.operations.has(operation)) return await this.commit();
      await checkUpdate(this.id, this.state, targetVersion, this.#services);
      await this.#oplog.readable();
      this.#throwIfClosed();
      if (this.state.status === "Exited") return;
      const { writer } = this.#oplog;
      if (mode === "automatic") {
        writer.append("pending-update", {
          targetVersion,
          description: { tag: "automatic", val: undefined },
          operation,
        });
        this.#restart();
      } else {
        const invocation = { tag: "manualUpdate" as const, val: { targetVersion, operation } };
        writer.append("pending-worker-invocation", { invocation });
      }
      await writer.commit();
      this.#wake();
    });
  }

  /** Takes back what the worker has done since an earlier moment; it goes on from there. Resolves when that is durable. */
  revert(target: RevertTarget, operation?: string): Promise<void> {
    return this.#using(async () => {
      await this.#image();
      if (this.#ephemeral) throw badRequest("An ephemeral worker has no history to go back in");
      const signal = new RevertSignal(target, operation);
      while (this.#interruption !== undefined && !this.closed) await this.#driving;
      this.#throwIfClosed();
      this.#endRun(signal);
      await signal.done.promise;
    });
  }

  /** The run under way goes on in a new instance. */
  #restart(): void {
    if (this.idle || this.#interruption !== undefined) return;
    this.#endRun(new RestartSignal());
  }

  #endRun(signal: InterruptSignal | RestartSignal | RevertSignal): void {
    this.#interruption = signal;
    this.#instance?.abort(signal);
    this.#retryWait?.abort();
    this.#startDriving();
  }

  /** Continues a worker that rests in the midst of something. */
  async resume(): Promise<void> {
    const { status } = this.state;
    if (status !== "Suspended" && status !== "Interrupted" && status !== "Idle") {
      const details = `Worker ${formatWorkerId(this.id)} is not suspended, interrupted or idle`;
      throw golemError({ type: "InvalidRequest", details });
    }
    this.#wake();
  }

  /** Drops the instance and ends the object. What is durable stays; `error` goes to callers that wait. */
  async close(error: Error): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    if (this.#interruption instanceof RevertSignal) this.#interruption.done.reject(error);
    this.#retryWait?.abort();
    this.#instance?.abort(new UnloadSignal());
    await this.#driving;
    this.#unload();
    this.#rejectAll(error);
    this.events.close();
  }

  /** Resolves when everything said of the worker so far is durable. */
  async commit(): Promise<void> {
    await this.#oplog.writer.commit();
  }

  async #using<T>(work: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await work();
    } finally {
      this.#users -= 1;
    }
  }

  #throwIfClosed(): void {
    if (this.#closed !== undefined) throw this.#closed;
  }

  #rejectAll(error: Error): void {
    this.#waiters.rejectAll(error);
    this.#questions.rejectAll(error);
  }

  /** The next instance of an ephemeral worker knows nothing of how the last one ended. */
  #end(): WorkerError | undefined {
    return this.#ephemeral ? undefined : endOf(this.state);
  }

  #throwIfEnded(): void {
    const end = this.#end();
    if (end !== undefined) throw end;
  }

  /** A loaded worker at rest starts it at once; otherwise it is queued in the oplog, where a crash can't lose it. */
  #accept(invocation: AcceptedInvocation, awaitResult: boolean): void {
    const { pending } = this.state;
    const atRest = this.loaded && this.idle && this.#direct === undefined && pending.length === 0;
    if (atRest && awaitResult) {
      this.#direct = invocation;
      return;
    }
    if (pending.length >= this.#services.limits.queuedInvocationsMax) {
      throw badRequest(`${pending.length} invocations wait for this worker already: no more are accepted`);
    }
    const { functionName, idempotencyKey, request, trace } = invocation;
    const val = { functionName, idempotencyKey, request, trace };
    this.#oplog.writer.append("pending-worker-invocation", { invocation: { tag: "function", val } });
  }

  #wake(): void {
    this.#wakeRequested = true;
    this.#startDriving();
  }

  #startDriving(): void {
    if (this.#driving === undefined && this.#hasWork()) this.#driving = this.#drive();
  }

  /** Waits at least once, so that it never ends before it is noted as under way. */
  async #drive(): Promise<void> {
    while (this.#hasWork()) {
      try {
        if (this.#interruption !== undefined) throw this.#interruption;
        if (this.#instance === undefined) await this.#load();
        // The next instance is that of another version.
        else if (this.state.pendingUpdates.length > 0) throw new RestartSignal();
        else await this.#runNext();
      } catch (error) {
        await this.#settleSafely(error);
      }
    }
    // In the same turn as the last look at what there is to do: no wake can fall between the two.
    this.#driving = undefined;
    this.#host.atRest(this);
  }

  /** Whether there is anything to do. A wake is used up by the load that it leads to. */
  #hasWork(): boolean {
    if (this.#closed !== undefined) return false;
    if (this.#interruption !== undefined) return true;
    const { status, pending, pendingUpdates, jumpedOut } = this.state;
    if (this.#end() !== undefined) return false;
    if (this.#questions.size > 0) return true;
    if (this.#instance !== undefined) {
      return this.#direct !== undefined || pending.length > 0 || pendingUpdates.length > 0;
    }
    return this.#wakeRequested || jumpedOut || status === "Running";
  }

  async #load(): Promise<void> {
    await this.#waitForRetry();
    await this.#image();
    this.#throwIfStopped();
    this.#wakeRequested = false;
    const session = this.#ephemeral ? await this.#beginAnew() : await this.#oplog.toLoad();
    if (this.state.status === "Interrupted") {
      // It runs from here on, perhaps for long before it records anything: it can be interrupted again.
      session.writer.append("resumed", {});
      await session.writer.commit();
    }
    this.#output.reset();
    this.#attempted = this.state.pendingUpdates[0];
    const plan = await loadPlan(this.id, this.state, this.#services);
    await this.#host.admit();
    try {
      this.#throwIfStopped();
      this.#instance = await loadInstance({
        ...plan,
        session,
        services: this.#services,
        output: this.#output,
        retryPolicy: () => retryPolicyInForce(this.state),
        connection: () => this.#connections.get(this.state.current?.idempotencyKey ?? ""),
        onLive: () => {
          if (plan.snapshot === undefined) this.#updated(plan);
        },
      });
    } finally {
      this.#host.loadEnded(this);
    }
    this.#throwIfStopped();
    if (plan.snapshot !== undefined) {
      await loadSnapshot(this.#instance, plan.snapshot);
      this.#updated(plan);
    }
    const finished = await replay(this.#instance, this.#output, this.#recordedTypes);
    if (finished !== undefined) await this.#complete(finished.key, finished.functionName, finished.response);
  }

  /** The session for an instance of an ephemeral worker: what was under way when the last one was lost has failed. */
  async #beginAnew(): Promise<OplogSession> {
    const { session, writer } = this.#oplog;
    const { current, lastIndex } = this.state;
    if (lastIndex > 1) writer.append("restart", {});
    const lost = current?.idempotencyKey;
    if (lost !== undefined) {
      await writer.commit();
      this.#waiters.reject(lost, golemError({ type: "RuntimeError", details: lostInvocation }));
    }
    return session;
  }

  /** The version that was tried has come to the end of the history: it is the worker's from here on. */
  #updated({ image, update }: LoadPlan): void {
    if (update === undefined || this.#attempted === undefined) return;
    this.#attempted = undefined;
    const { componentSize, version: targetVersion } = image;
    const { writer } = this.#oplog;
    writer.append("successful-update", { targetVersion, componentSize });
    // An idle worker has nothing else that would make it durable; a refusal meets whoever commits next.
    writer.commit().catch(() => undefined);
  }

  /** A load is made of waits; whoever stopped it meanwhile found no instance to abort. */
  #throwIfStopped(): void {
    if (this.#closed !== undefined) throw new UnloadSignal();
    if (this.#interruption !== undefined) throw this.#interruption;
  }

  /** A failed attempt is followed by the next one no sooner than the policy says, counted from the failure itself. */
  async #waitForRetry(): Promise<void> {
    const { status, lastError, retryCount } = this.state;
    if (status !== "Retrying" || lastError === undefined) return;
    const policy = lastError.outOfMemory ? outOfMemoryPolicy : retryPolicyInForce(this.state);
    const { clock, entropy, sleep } = this.#services;
    const delayMs = retryDelayMs(policy, retryCount, entropy.fraction());
    this.#retryWait = new AbortController();
    await sleep(Math.max(lastError.timestampMs + delayMs - clock.now(), 0), this.#retryWait.signal);
    this.#retryWait = undefined;
  }

  async #runNext(): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined) return;
    this.#questions.answer(instance.context.files, this.#direct === undefined ? this.state.pending[0]?.index : 0);
    const manual = this.#direct === undefined ? this.state.pending[0]?.invocation : undefined;
    if (manual?.tag === "manualUpdate") {
      await this.#saveForUpdate(instance, manual.val.targetVersion);
      return;
    }
    const next = this.#takeNext();
    if (next === undefined) return;
    const { functionName, idempotencyKey, request, trace } = next;
    const call = await this.#prepare(instance, next);
    if (call === undefined) return;
    const { context } = instance;
    context.durable.beginInvocation({ functionName, idempotencyKey, request, trace });
    context.trace.begin({ functionName, idempotencyKey, workerName: this.id.workerName, trace });
    this.#output.startInvocation(functionName, idempotencyKey);
    const response = await instance.invoke(call);
    await this.#complete(idempotencyKey, functionName, response);
    if (!this.#ephemeral) return;
    this.#unload();
    this.#wakeRequested = this.state.pending.length > 0;
  }

  /** What the version that runs wants to keep goes with the wish for the other one; without it that has failed. */
  async #saveForUpdate(instance: WorkerInstance, targetVersion: number): Promise<void> {
    const { writer } = this.#oplog;
    try {
      const snapshot = await saveSnapshot(instance);
      const description = { tag: "snapshotBased" as const, val: snapshot };
      writer.append("pending-update", { targetVersion, description, operation: undefined });
    } catch (error) {
      if (isStoreError(error) || instance.context.signal.aborted) throw error;
      writer.append("failed-update", { targetVersion, details: failureOf(error).message });
    }
    await writer.commit();
    // Whatever saving has done to the instance, it isn't in the history.
    throw new RestartSignal();
  }

  /** Undefined for a request that can't be carried out: its caller is told, and the worker stays as it is. */
  async #prepare(
    instance: WorkerInstance,
    { functionName, idempotencyKey, request, version }: AcceptedInvocation,
  ): Promise<PreparedCall | undefined> {
    try {
      const target = invocationTarget(instance.image, functionName);
      await this.#recordedTypes.check(target, instance.image, version);
      return instance.prepare(target, request);
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      if (isQueued(this.state, idempotencyKey))
        this.#oplog.writer.append("cancel-pending-invocation", { idempotencyKey });
      this.#waiters.reject(idempotencyKey, error);
      return undefined;
    }
  }

  #takeNext(): AcceptedInvocation | undefined {
    const direct = this.#direct;
    this.#direct = undefined;
    if (direct !== undefined) return direct;
    const [queued] = this.state.pending;
    if (queued?.invocation.tag !== "function") return undefined;
    return { ...queued.invocation.val, version: this.#recordedTypes.versionAt(queued.index) };
  }

  /** The invocation returned: callers are answered when that is durable, while the next one may already run. */
  async #complete(key: string, functionName: string, response: Uint8Array): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined) return;
    const { writer } = this.#oplog;
    const growth = instance.memoryBytes() - this.state.totalMemorySize;
    if (growth > 0) writer.append("grow-memory", { delta: growth });
    writer.append("exported-function-completed", { response, consumedFuel: instance.fuelUsed() });
    this.#output.finishInvocation(functionName, key);
    const answer = (): void => {
      if (!this.#waiters.has(key)) return;
      this.#waiters.resolve(key, { target: invocationTarget(instance.image, functionName), response });
    };
    await writer.commit().then(answer);
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
    if (error instanceof SuspendSignal && this.#instance !== undefined) {
      this.#questions.answer(this.#instance.context.files);
    }
    const stderr = this.#output.stderrText();
    const progress = this.#instance?.context.durable.progress ?? 0;
    this.#unload();
    if (error instanceof UnloadSignal) return;
    // It came to its end before it could be interrupted.
    if (error instanceof InterruptSignal && !this.#interruptible) return;
    // Wakes before this had their run; what is waited for now can only wake it from here on.
    if (error instanceof SuspendSignal || error instanceof InterruptSignal) this.#wakeRequested = false;
    const goesOn = await this.#ends.settle(error, { stderr, progress, attempted, ephemeral: this.#ephemeral });
    this.#wakeRequested ||= goesOn;
    const end = error instanceof InterruptSignal ? interrupted() : this.#end();
    if (end !== undefined) this.#questions.rejectAll(end);
  }

  #abandon(error: unknown): void {
    const details = error instanceof Error ? error.message : String(error);
    this.#closed = golemError({ type: "Unknown", details });
    if (this.#interruption instanceof RevertSignal) this.#interruption.done.reject(this.#closed);
    this.#unload();
    this.#rejectAll(this.#closed);
    this.events.close();
    this.#host.abandoned(this, error);
  }

  #unload(): void {
    this.#instance?.close();
    this.#instance = undefined;
    this.events.forget();
  }

  get #recordedTypes(): RecordedTypes {
    return new RecordedTypes(this.id, this.state, this.#services);
  }

  async #image(): Promise<ComponentImage> {
    const image = await imageOf(this.id, this.state.componentVersion, this.#services);
    this.#ephemeral = image.componentType === "Ephemeral";
    return image;
  }
}
