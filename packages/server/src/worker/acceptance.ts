/** How invocations reach a worker: what is known already is answered, what is new begins at once or is queued durably. */
import type { Caller } from "../durability/oplog/entry-types.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { encodeInput } from "./invocation-form.ts";
import type { InvocationResult } from "./invocation-form.ts";
import { invocationTarget } from "./invocation-target.ts";
import { readOutcome } from "./read-outcome.ts";
import { interrupted, isQueued, isRunning } from "./state-queries.ts";
import type { WorkerCore } from "./worker-core.ts";
import { badRequest, WorkerError } from "./worker-error.ts";
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
  invoke(options: InvokeOptions): Promise<InvocationResult | undefined> {
    const { connection, idempotencyKey: key } = options;
    if (connection === undefined || !this.#core.connect(key, connection)) return this.#invoke(options);
    return this.#invoke(options).finally(() => this.#core.disconnect(key));
  }

  async #invoke(options: InvokeOptions): Promise<InvocationResult | undefined> {
    const { functionName, input, idempotencyKey, awaitResult, trace, callers } = options;
    const { id, oplog, services, waiters } = this.#core;
    const image = this.#core.knownImage ?? (await this.#core.image());
    // What was appended while the oplog is read back would be missing in what was read.
    if (oplog.reopening) await oplog.readable();
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
      if (awaitResult) refuseCircle(id, state, callers);
      const target = invocationTarget(image, functionName);
      const request = encodeInput(id, target, input);
      const { version } = image;
      this.#accept({ functionName, idempotencyKey, request, trace, callers, version }, awaitResult);
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
    const { functionName, idempotencyKey, request, trace, callers } = invocation;
    const val = { functionName, idempotencyKey, request, trace, callers };
    oplog.writer.append("pending-worker-invocation", { invocation: { tag: "function", val } });
  }
}

/** It would wait for the end of an invocation that itself waits for it. */
function refuseCircle(id: WorkerId, state: WorkerState, callers: readonly Caller[] = []): void {
  const own = formatWorkerId(id);
  const waits = callers.some(
    ({ worker, idempotencyKey }) => formatWorkerId(worker) === own && isRunning(state, idempotencyKey),
  );
  if (!waits) return;
  const message = `worker ${id.workerName} waits for this call to end, and can't be waited for by it`;
  throw new WorkerError({ kind: "denied", message });
}
