/** What operators, and other workers, do to a worker: interrupt, resume, update, revert (spec/service.md §8.5, §8.8, §8.9). */
import { InterruptSignal, RestartSignal } from "../durability/errors.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { beginFurtherDeliveries, pluginsOf } from "./plugins.ts";
import { RevertSignal } from "./revert.ts";
import type { RevertTarget } from "./revert.ts";
import { refuseRepeated, updateTarget } from "./version-change.ts";
import type { UpdateWish } from "./version-change.ts";
import { cancelled, isQueued, isRunning } from "./state-queries.ts";
import type { WorkerCore } from "./worker-core.ts";
import { invalidRequest, WorkerError } from "./worker-error.ts";
import type { WorkerRun } from "./worker-run.ts";

export class OperatorCommands {
  readonly #core: WorkerCore;
  readonly #run: WorkerRun;

  constructor(core: WorkerCore, run: WorkerRun) {
    this.#core = core;
    this.#run = run;
  }

  /** With `recoverImmediately` it imitates a crash: callers keep waiting. */
  async interrupt(recoverImmediately: boolean): Promise<void> {
    const run = this.#run;
    // The interruption must not take the place of a revert that somebody waits for; how that ends is not of interest.
    while (!run.closed && run.interruption instanceof RevertSignal) await run.interruption.settled;
    // One that rests has nothing in memory that a crash could take.
    if (!run.interruptible || (recoverImmediately && run.idle)) return;
    if (!(run.interruption instanceof InterruptSignal)) {
      run.end(recoverImmediately ? new RestartSignal() : new InterruptSignal());
    }
    if (!recoverImmediately) await run.rest();
  }

  /** Continues a worker that rests in the midst of something. */
  resume(): void {
    const { id, state } = this.#core;
    const { status } = state;
    if (status !== "Suspended" && status !== "Interrupted" && status !== "Idle") {
      throw invalidRequest(`Worker ${formatWorkerId(id)} is not suspended, interrupted or idle`);
    }
    this.#run.wake();
  }

  /**
   * Changes the worker's version: at once, by replaying its history under the new one, or in its turn, by what the old
   * version saves for it. Resolves when the wish is durable; how it went is in the worker's metadata. An exited worker
   * stays as it is.
   */
  async update({ targetVersion, mode, operation, keepFiles }: UpdateWish): Promise<void> {
    const { id, oplog, services } = this.#core;
    await oplog.readable();
    if (operation !== undefined && this.#core.state.operations.has(operation)) return await oplog.writer.commit();
    await updateTarget(id, this.#core.state.componentVersion, targetVersion, services);
    await oplog.readable();
    this.#run.throwIfClosed();
    // Only now: the same may have been asked for meanwhile.
    refuseRepeated(this.#core.state, targetVersion);
    if (this.#core.state.status === "Exited") return;
    const { writer } = oplog;
    if (mode === "automatic") {
      writer.append("pending-update", {
        targetVersion,
        description: { tag: "automatic", val: undefined },
        operation,
        files: undefined,
      });
      this.#run.restart();
    } else {
      const invocation = { tag: "manualUpdate" as const, val: { targetVersion, operation, keepFiles } };
      writer.append("pending-worker-invocation", { invocation });
    }
    await writer.commit();
    this.#run.wake();
  }

  /**
   * Takes an invocation out of the queue, for good; true if it never runs. What has begun, or has ended otherwise, is
   * left alone. Resolves when that is durable.
   */
  async cancel(idempotencyKey: string): Promise<boolean> {
    const { oplog, waiters } = this.#core;
    await oplog.readable();
    this.#run.throwIfClosed();
    const { state } = this.#core;
    const queued = isQueued(state, idempotencyKey);
    if (queued) oplog.writer.append("cancel-pending-invocation", { idempotencyKey });
    const outcome = state.outcomes.get(idempotencyKey);
    const begun = isRunning(state, idempotencyKey) || this.#run.direct?.idempotencyKey === idempotencyKey;
    if (outcome === undefined && !begun) {
      throw new WorkerError({ kind: "not-found", message: `Invocation not found: ${idempotencyKey}` });
    }
    // Also when somebody else has cancelled it just now.
    await oplog.writer.commit();
    if (queued) waiters.reject(idempotencyKey, cancelled());
    return outcome?.kind === "cancelled";
  }

  /** Takes back what the worker has done since an earlier moment; it goes on from there. Resolves when that is durable. */
  async revert(target: RevertTarget, operation?: string): Promise<void> {
    await this.#core.image();
    if (this.#core.ephemeral) throw invalidRequest("An ephemeral worker has no history to go back in");
    const signal = new RevertSignal(target, operation);
    while (this.#run.interruption !== undefined && !this.#run.closed) await this.#run.rest();
    this.#run.throwIfClosed();
    this.#run.end(signal);
    await signal.done.promise;
  }

  /** Switches a plugin that the component has installed on or off. Resolves when that is durable. */
  async switchPlugin(installationId: string, active: boolean): Promise<void> {
    const { id, oplog, services } = this.#core;
    const installed = pluginsOf(await this.#core.image());
    // One that is active may be of a version that was reverted.
    const known = active ? installed : [...installed, ...this.#core.state.activePlugins];
    const plugin = known.find((candidate) => candidate.installationId === installationId);
    if (plugin === undefined) {
      const message = `Plugin installation not found in the worker's component version: ${installationId}`;
      throw new WorkerError({ kind: "not-found", message });
    }
    await oplog.readable();
    if (active) await beginFurtherDeliveries(oplog, [plugin], services);
    await oplog.readable();
    this.#run.throwIfClosed();
    const { state, writer } = oplog;
    if (state.activePlugins.some((other) => other.installationId === installationId) !== active) {
      writer.append(active ? "activate-plugin" : "deactivate-plugin", { plugin });
    }
    await writer.commit();
    services.deliver(id);
  }
}
