/** What a loaded instance does next: the invocation whose turn it is, from its request to the answers of its callers. */
import { isStoreError } from "../platform/store-error.ts";
import { RestartSignal } from "../durability/errors.ts";
import type { PendingInvocation } from "../durability/oplog/entry-types.ts";
import { carryFiles } from "../host/wasi-filesystem/carried-files.ts";
import type { FileSystem } from "../host/wasi-filesystem/file-system.ts";
import { workerUpdated } from "./channels.ts";
import { failureOf } from "./failure.ts";
import type { PreparedCall, WorkerInstance } from "./instance.ts";
import { invocationTarget } from "./invocation-target.ts";
import type { Output } from "./output.ts";
import type { FinishedInvocation } from "./replay.ts";
import { saveSnapshot } from "./snapshot-exports.ts";
import { isQueued } from "./state-queries.ts";
import type { WorkerCore } from "./worker-core.ts";
import type { AcceptedInvocation } from "./worker-host.ts";
import { addUsage } from "./usage.ts";
import { WorkerError } from "./worker-error.ts";
import { initialFileSystem } from "./worker-files.ts";

/** Then others have their turn: short invocations may follow each other without any wait. */
const aheadMax = 64;

type ManualUpdate = Extract<PendingInvocation, { readonly tag: "manualUpdate" }>["val"];

export class InvocationTurn {
  readonly #core: WorkerCore;
  readonly #output: Output;
  /** Invocations that returned since the worker last waited for the store. */
  #ahead = 0;

  constructor(core: WorkerCore, output: Output) {
    this.#core = core;
    this.#output = output;
  }

  /** Runs `direct`, or else what is first in the queue; true when the guest was entered. Throws what ends a run. */
  async take(instance: WorkerInstance, direct: AcceptedInvocation | undefined): Promise<boolean> {
    const [queued] = this.#core.state.pending;
    this.#core.questions.answer(instance.context, direct === undefined ? queued?.index : 0);
    if (direct === undefined && queued?.invocation.tag === "manualUpdate") {
      await this.#saveForUpdate(instance, queued.invocation.val);
      return false;
    }
    const next = direct ?? this.#firstQueued();
    if (next === undefined) return false;
    const { functionName, idempotencyKey, request, trace, callers } = next;
    const fits = next.version === instance.image.version || (await this.#canRead(instance, next));
    const call = fits ? this.#prepare(instance, next) : undefined;
    if (call === undefined) return false;
    const { context } = instance;
    context.durable.beginInvocation({ functionName, idempotencyKey, request, trace, callers });
    context.trace.begin({ functionName, idempotencyKey, workerName: this.#core.id.workerName, trace });
    this.#output.startInvocation(functionName, idempotencyKey);
    const response = await instance.invoke(call);
    await this.complete(instance, { key: idempotencyKey, functionName, response });
    return true;
  }

  /** The invocation returned: callers are answered when that is durable, while the next one may already run. */
  async complete(instance: WorkerInstance, { key, functionName, response }: FinishedInvocation): Promise<void> {
    const { oplog, state, waiters } = this.#core;
    const { writer } = oplog;
    const growth = instance.memoryBytes() - state.totalMemorySize;
    if (growth > 0) writer.append("grow-memory", { delta: growth });
    const used = instance.usage.ofInvocation;
    instance.usage.tell();
    const usage = addUsage(state.usage, used);
    writer.append("exported-function-completed", { response, consumedFuel: used.fuel, usage });
    this.#output.finishInvocation(functionName, key);
    const answer = (): void => {
      if (!waiters.has(key)) return;
      waiters.resolve(key, { target: invocationTarget(instance.image, functionName), response });
    };
    const answered = writer.commit().then(answer);
    if (this.#mayRunAhead()) {
      this.#ahead += 1;
      // A store that refused ends whatever runs by then.
      answered.catch((error: unknown) => instance.abort(error instanceof Error ? error : new Error(String(error))));
      return;
    }
    await answered;
    this.#ahead = 0;
  }

  /** Whether the next invocation may run before this one is durable. What it does to others waits for that by itself. */
  #mayRunAhead(): boolean {
    const { state, ephemeral } = this.#core;
    return !ephemeral && state.pending.length > 0 && state.pendingUpdates.length === 0 && this.#ahead < aheadMax;
  }

  /** What the version that runs wants to keep goes with the wish for the other one; without it that has failed. */
  async #saveForUpdate(instance: WorkerInstance, { targetVersion, keepFiles }: ManualUpdate): Promise<void> {
    const { writer } = this.#core.oplog;
    try {
      const snapshot = await saveSnapshot(instance);
      const description = { tag: "snapshotBased" as const, val: snapshot };
      const initial = (): FileSystem => initialFileSystem(instance.image, this.#core.services);
      const files = keepFiles === true ? carryFiles(instance.context.files, initial()) : undefined;
      writer.append("pending-update", { targetVersion, description, operation: undefined, files });
    } catch (error) {
      if (isStoreError(error) || instance.context.signal.aborted) throw error;
      const details = `failed to get a snapshot for manual update: ${failureOf(error).message}`;
      writer.append("failed-update", { targetVersion, details });
      workerUpdated.publish({ worker: this.#core.id, targetVersion, failure: details });
    }
    await writer.commit();
    // Whatever saving has done to the instance, it isn't in the history.
    throw new RestartSignal();
  }

  /** Whether this version can read what another one has written. */
  async #canRead({ image }: WorkerInstance, next: AcceptedInvocation): Promise<boolean> {
    const { state, recordedTypes } = this.#core;
    const queued = isQueued(state, next.idempotencyKey);
    try {
      await recordedTypes.check(invocationTarget(image, next.functionName), image, next.version);
    } catch (error) {
      this.#refuse(next, error);
      return false;
    }
    // It may have been cancelled meanwhile.
    return !queued || isQueued(state, next.idempotencyKey);
  }

  #prepare(instance: WorkerInstance, next: AcceptedInvocation): PreparedCall | undefined {
    try {
      return instance.prepare(invocationTarget(instance.image, next.functionName), next.request);
    } catch (error) {
      this.#refuse(next, error);
      return undefined;
    }
  }

  /** A request that can't be carried out: its caller is told, and the worker stays as it is. */
  #refuse({ idempotencyKey }: AcceptedInvocation, error: unknown): void {
    const { state, oplog, waiters } = this.#core;
    if (!(error instanceof WorkerError)) throw error;
    if (isQueued(state, idempotencyKey)) oplog.writer.append("cancel-pending-invocation", { idempotencyKey });
    waiters.reject(idempotencyKey, error);
  }

  #firstQueued(): AcceptedInvocation | undefined {
    const [queued] = this.#core.state.pending;
    if (queued?.invocation.tag !== "function") return undefined;
    return { ...queued.invocation.val, version: this.#core.recordedTypes.versionAt(queued.index) };
  }
}
