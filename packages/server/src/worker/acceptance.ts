/** How invocations reach a worker: what is known already is answered, what is new begins at once or is queued durably. */
import { encodeInput } from "./invocation-form.ts";
import type { InvocationResult } from "./invocation-form.ts";
import { invocationTarget } from "./invocation-target.ts";
import { readOutcome } from "./read-outcome.ts";
import { interrupted, isQueued, isRunning } from "./state-queries.ts";
import type { WorkerCore } from "./worker-core.ts";
import { badRequest } from "./worker-error.ts";
import type { AcceptedInvocation, InvokeOptions } from "./worker-host.ts";
import type { WorkerRun } from "./worker-run.ts";

export class Acceptance {
  readonly #core: WorkerCore;
  readonly #run: WorkerRun;

  constructor(core: WorkerCore, run: WorkerRun) {
    this.#core = core;
    this.#run = run;
  }

  /** Resolves with the result, or with nothing once accepted when it isn't awaited. */
  async invoke(options: InvokeOptions): Promise<InvocationResult | undefined> {
    const { connections } = this.#core;
    const { connection, idempotencyKey: key } = options;
    const connected = connection !== undefined && !connections.has(key);
    if (connected) connections.set(key, connection);
    try {
      return await this.#invoke(options);
    } finally {
      if (connected) connections.delete(key);
    }
  }

  async #invoke(options: InvokeOptions): Promise<InvocationResult | undefined> {
    const { functionName, input, idempotencyKey, awaitResult, trace } = options;
    const { id, oplog, services, waiters } = this.#core;
    const image = await this.#core.image();
    // What was appended while the oplog is read back would be missing in what was read.
    await oplog.readable();
    this.#run.throwIfClosed();
    const known = this.#core.state.outcomes.get(idempotencyKey);
    if (known !== undefined) {
      // The state is ahead of the store by what is being committed.
      await oplog.writer.commit();
      return awaitResult ? await readOutcome(id, known, this.#core.recordedTypes, services) : undefined;
    }
    const { state } = this.#core;
    // Asking for its result again doesn't continue what a user has interrupted.
    if (awaitResult && state.status === "Interrupted" && isRunning(state, idempotencyKey)) throw interrupted();
    const begun = this.#run.direct?.idempotencyKey === idempotencyKey || isRunning(state, idempotencyKey);
    if (!begun && !isQueued(state, idempotencyKey)) {
      this.#core.throwIfEnded();
      const target = invocationTarget(image, functionName);
      this.#accept(
        { functionName, idempotencyKey, request: encodeInput(id, target, input), trace, version: image.version },
        awaitResult,
      );
    }
    // Waiting comes first: a request that turns out to be wrong is answered while the wake is under way.
    const result = awaitResult ? waiters.wait(idempotencyKey) : undefined;
    this.#run.wake();
    if (result !== undefined) return await result;
    await oplog.writer.commit();
    return undefined;
  }

  /** A loaded worker at rest starts it at once; otherwise it is queued in the oplog, where a crash can't lose it. */
  #accept(invocation: AcceptedInvocation, awaitResult: boolean): void {
    const { oplog, services } = this.#core;
    const { pending } = this.#core.state;
    const { direct, idle, instance } = this.#run;
    const atRest = instance !== undefined && idle && direct === undefined && pending.length === 0;
    if (atRest && awaitResult) {
      this.#run.beginAtOnce(invocation);
      return;
    }
    if (pending.length >= services.limits.queuedInvocationsMax) {
      throw badRequest(`${pending.length} invocations wait for this worker already: no more are accepted`);
    }
    const { functionName, idempotencyKey, request, trace } = invocation;
    const val = { functionName, idempotencyKey, request, trace };
    oplog.writer.append("pending-worker-invocation", { invocation: { tag: "function", val } });
  }
}
