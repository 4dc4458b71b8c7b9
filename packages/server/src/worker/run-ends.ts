/** What follows when a worker's run ends otherwise than by returning: what is recorded of it, and whom it is told. */
import { ExitSignal, HostTrap, InterruptSignal, RestartSignal, SuspendSignal } from "../durability/errors.ts";
import type { OplogRegion } from "../durability/oplog/entry-types.ts";
import type { PendingUpdate, Usage } from "../durability/worker-state.ts";
import { workerFailed, workerUpdated } from "./channels.ts";
import { failureOf } from "./failure.ts";
import { readOplog } from "./oplog-session.ts";
import { beginFurtherDeliveries } from "./plugins.ts";
import { pluginsAfterRevert, RevertSignal, revertedRegion } from "./revert.ts";
import { readOutcome } from "./read-outcome.ts";
import { armSuspension } from "./suspension.ts";
import { isQueued, isRunning } from "./state-queries.ts";
import { addUsage } from "./usage.ts";
import type { WorkerCore } from "./worker-core.ts";
import { golemError, WorkerError } from "./worker-error.ts";

const cannotSuspend = "An ephemeral worker cannot wait for a promise: it would be lost when it leaves memory";

/** The run that has ended. */
export interface EndedRun {
  readonly stderr: string;
  /** `DurableExecution.progress`. */
  readonly progress: number;
  /** By the invocation under way. */
  readonly used: Usage | undefined;
  /** The update that it tried, if it didn't come so far that this succeeded. */
  readonly attempted: PendingUpdate | undefined;
  /** There is nothing that a retry could go on with, and nothing that the next invocation finds changed. */
  readonly ephemeral: boolean;
}

export class RunEnds {
  readonly #core: WorkerCore;

  constructor(core: WorkerCore) {
    this.#core = core;
  }

  /** Resolves when it is durable; true when the worker goes on at once. Rejects with the store's error. */
  async settle(error: unknown, run: EndedRun): Promise<boolean> {
    const { attempted, ephemeral } = run;
    if (error instanceof SuspendSignal) {
      return ephemeral ? await this.#failed(new HostTrap(cannotSuspend), run) : await this.#suspended(error);
    }
    if (error instanceof RestartSignal) return true;
    if (error instanceof InterruptSignal) return await this.#interrupted();
    if (error instanceof ExitSignal) return await this.#exited(error, ephemeral);
    if (error instanceof RevertSignal) return await this.#reverted(error);
    if (attempted !== undefined) return await this.#updateFailed(attempted, error);
    return await this.#failed(error, run);
  }

  async #suspended(signal: SuspendSignal): Promise<boolean> {
    const { id, oplog, services } = this.#core;
    const mayContinue = await armSuspension(id, signal, services, oplog.state.lastIndex);
    oplog.writer.append("suspend", {});
    await oplog.writer.commit();
    return mayContinue;
  }

  async #interrupted(): Promise<boolean> {
    const { oplog, events, waiters } = this.#core;
    oplog.writer.append("interrupted", {});
    events.close();
    // Before the wait: who calls during it wakes the worker again.
    waiters.rejectAll(golemError({ type: "Interrupted", recoverImmediately: false }));
    await oplog.writer.commit();
    return false;
  }

  async #exited({ exitCode }: ExitSignal, ephemeral: boolean): Promise<boolean> {
    const { oplog, waiters } = this.#core;
    const key = oplog.state.current?.idempotencyKey;
    oplog.writer.append("exited", { exitCode });
    await oplog.writer.commit();
    if (key !== undefined && waiters.has(key)) await this.#answerExit(key);
    if (ephemeral) return oplog.state.pending.length > 0;
    waiters.rejectAll(golemError({ type: "PreviousInvocationExited" }));
    return false;
  }

  async #answerExit(key: string): Promise<void> {
    const { id, oplog, waiters, services, recordedTypes } = this.#core;
    const outcome = oplog.state.outcomes.get(key);
    if (outcome === undefined) return;
    await readOutcome(id, outcome, recordedTypes, services).then(
      (result) => waiters.resolve(key, result),
      (error: Error) => waiters.reject(key, error),
    );
  }

  /** The worker itself is as before when the target can't be reached. */
  async #reverted({ target, operation, done }: RevertSignal): Promise<boolean> {
    const { id, oplog, services, waiters } = this.#core;
    try {
      await oplog.writer.commit();
      if (operation !== undefined && oplog.state.operations.has(operation)) {
        done.resolve();
        return true;
      }
      const region = revertedRegion(await readOplog(id, services), oplog.state, target);
      const activePlugins = pluginsAfterRevert(oplog.state, region);
      if (activePlugins !== undefined) await beginFurtherDeliveries(oplog, activePlugins, services);
      const waiting = new Set(oplog.state.pending.map((queued) => queued.index));
      const running = oplog.state.current?.idempotencyKey;
      this.#abandonSnapshot(region);
      oplog.writer.append("revert", { region, operation, activePlugins });
      await oplog.reopen();
      this.#cancelBegun(waiting);
      await oplog.writer.commit();
      done.resolve();
      // What is queued, and what was under way at the moment gone back to, is still to come.
      const gone = running !== undefined && !isRunning(oplog.state, running) && !isQueued(oplog.state, running);
      if (gone) waiters.reject(running, golemError({ type: "Interrupted", recoverImmediately: false }));
    } catch (error) {
      done.reject(error);
      if (!(error instanceof WorkerError)) throw error;
    }
    return true;
  }

  /** What a version saved after the moment gone back to is not to come back by an update that has not happened yet. */
  #abandonSnapshot({ start }: OplogRegion): void {
    const { state, writer } = this.#core.oplog;
    const [update] = state.pendingUpdates;
    if (update?.snapshotBased !== true || update.index < start) return;
    const { targetVersion } = update;
    writer.append("failed-update", {
      targetVersion,
      details: "the worker was reverted to a moment before its snapshot",
    });
  }

  /** What was queued and begun before the revert isn't to begin once more; `waiting` had not begun. */
  #cancelBegun(waiting: ReadonlySet<number>): void {
    const { state, writer } = this.#core.oplog;
    for (const { index, invocation } of state.pending) {
      if (waiting.has(index) || invocation.tag !== "function") continue;
      writer.append("cancel-pending-invocation", { idempotencyKey: invocation.val.idempotencyKey });
    }
  }

  /** The version before goes on. What the new one's start recorded is void. */
  async #updateFailed({ index, targetVersion, snapshotBased }: PendingUpdate, error: unknown): Promise<boolean> {
    const { writer } = this.#core.oplog;
    if (snapshotBased) writer.append("jump", { region: { start: index + 1, end: writer.nextIndex } });
    const { message } = failureOf(error);
    const details = snapshotBased ? message : `Automatic update failed: ${message}`;
    writer.append("failed-update", { targetVersion, details });
    workerUpdated.publish({ worker: this.#core.id, targetVersion, failure: details });
    await writer.commit();
    return true;
  }

  async #failed(error: unknown, { stderr, progress, used, ephemeral }: EndedRun): Promise<boolean> {
    const { oplog, waiters } = this.#core;
    const failure = failureOf(error);
    const message = stderr === "" ? failure.message : `${failure.message}\n\n${stderr}`;
    const key = oplog.state.current?.idempotencyKey;
    const retriable = failure.retriable && !ephemeral;
    const outOfMemory = failure.outOfMemory && !ephemeral;
    const usage = used === undefined ? undefined : addUsage(oplog.state.usage, used);
    oplog.writer.append("error", { message, retriable, outOfMemory, progress, usage });
    const { status, retryCount } = oplog.state;
    workerFailed.publish({ worker: this.#core.id, message, retried: status === "Retrying", retryCount });
    await oplog.writer.commit();
    if (oplog.state.status === "Retrying") return true;
    if (key !== undefined) waiters.reject(key, golemError({ type: "RuntimeError", details: message }));
    // Others wait for instances of their own, unless none can be made.
    if (ephemeral && key !== undefined) return oplog.state.pending.length > 0;
    waiters.rejectAll(golemError({ type: "PreviousInvocationFailed", details: message }));
    return false;
  }
}
