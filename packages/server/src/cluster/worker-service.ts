/** What the API does with workers: finds the owner, asks it, or answers from the index where nobody needs to be asked. */
import type { DryRunResult } from "@emet/contract";
import type { ComponentService } from "../component/component-service.ts";
import { decodeDetail } from "../durability/row.ts";
import type { TraceParent } from "../durability/oplog/entry-types.ts";
import type { WorkerDetail } from "../durability/row.ts";
import type { WorkerRow } from "../durability/worker-row.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { WorkerEvent } from "../worker/events.ts";
import type { ReplyValue, Request, UpdateCommand } from "../worker/messages.ts";
import type { OplogQuestion } from "../worker/oplog-pages.ts";
import type { Questions } from "../worker/questions.ts";
import type { PromiseId } from "../worker/stores.ts";
import type { FileQuestion, ListedFile } from "../worker/worker-files.ts";
import { noSuchVersion } from "../worker/version-change.ts";
import type { WorkerIndex, WorkerQuery } from "../worker/worker-index.ts";
import { WorkerError } from "../worker/worker-error.ts";
import type { ExecutorPool } from "./executor-pool.ts";

export interface WorkerServiceOptions {
  readonly components: ComponentService;
  readonly executors: Pick<ExecutorPool, "request">;
  readonly index: WorkerIndex;
  readonly entropy: Entropy;
}

/** A worker as the index knows it. */
export interface IndexedWorker {
  readonly id: WorkerId;
  readonly row: WorkerRow;
  readonly detail: WorkerDetail;
}

interface Subscription {
  readonly worker: WorkerId;
  readonly watch: (event: WorkerEvent) => void;
}

export interface InvokeRequest {
  readonly componentId: string;
  /** Undefined: a new worker with a random name. */
  readonly workerName: string | undefined;
  readonly functionName: string;
  readonly body: string;
  readonly idempotencyKey: string | undefined;
  /** The span of the client, by the headers of W3C's trace context. */
  readonly trace?: TraceParent | undefined;
  readonly awaitResult: boolean;
}

type Creation = Extract<Request, { readonly kind: "create" }>;

export class WorkerService {
  readonly #options: WorkerServiceOptions;
  readonly #subscriptions = new Map<number, Subscription>();
  #nextSubscription = 0;

  constructor(options: WorkerServiceOptions) {
    this.#options = options;
  }

  /** Returns the version that the worker was created with. */
  async create(id: WorkerId, given: Pick<Creation, "args" | "env" | "config">): Promise<number> {
    const latestVersion = await this.#latestVersion(id.componentId);
    await this.#ask(id, { kind: "create", worker: id, latestVersion, ...given });
    return latestVersion;
  }

  /** Rejects with a `WorkerError` (404) if there is no such component. */
  async requireComponent(componentId: string): Promise<void> {
    await this.#latestVersion(componentId);
  }

  /** The text of the result when it is awaited. */
  async invoke(request: InvokeRequest): Promise<string> {
    const { componentId, functionName, body, awaitResult, trace } = request;
    const { components, entropy } = this.#options;
    const latestVersion = components.knownLatest(componentId)?.version ?? (await this.#latestVersion(componentId));
    const worker = { componentId, workerName: request.workerName ?? entropy.uuid() };
    const idempotencyKey = request.idempotencyKey ?? entropy.uuid();
    const result = await this.#ask(worker, {
      kind: "invoke",
      worker,
      latestVersion,
      functionName,
      input: body,
      idempotencyKey,
      awaitResult,
      trace,
    });
    return typeof result === "string" ? result : "{}";
  }

  /** An invocation on behalf of a worker. */
  async invokeFor(asked: Questions["invoke"]["asked"]): Promise<Questions["invoke"]["answered"]> {
    const { version, ...command } = asked;
    const latestVersion = version ?? (await this.#latestVersion(asked.worker.componentId));
    const result = await this.#ask(asked.worker, { kind: "invoke", latestVersion, ...command });
    return result as Questions["invoke"]["answered"];
  }

  /** What a directory of the worker holds. */
  async listFiles(worker: WorkerId, path: string): Promise<readonly ListedFile[]> {
    return (await this.#readFiles(worker, "list", path)) as readonly ListedFile[];
  }

  async fileContent(worker: WorkerId, path: string): Promise<Uint8Array> {
    return (await this.#readFiles(worker, "read", path)) as Uint8Array;
  }

  async #readFiles(worker: WorkerId, question: FileQuestion, path: string): Promise<ReplyValue> {
    const latestVersion = await this.#latestVersion(worker.componentId);
    return await this.#ask(worker, { kind: "read-files", worker, latestVersion, question, path });
  }

  /** Reading it neither loads nor wakes the worker. */
  async get(id: WorkerId): Promise<IndexedWorker> {
    const row = await this.#options.index.get(id);
    if (row === undefined) throw workerNotFound(id);
    return { id, row, detail: decodeDetail(row) };
  }

  async list(
    query: WorkerQuery,
  ): Promise<{ readonly workers: readonly IndexedWorker[]; readonly nextPosition: number | undefined }> {
    await this.#latestVersion(query.componentId);
    const page = await this.#options.index.list(query);
    return {
      workers: page.workers.map(({ id, row }) => ({ id, row, detail: decodeDetail(row) })),
      nextPosition: page.nextPosition,
    };
  }

  /** The name at a position of an enumeration; undefined if it was never given out, or too long ago. */
  nameAt(componentId: string, position: number): Promise<string | undefined> {
    return this.#options.index.nameAt(componentId, position);
  }

  /** JSON text of an `OplogPageJson`. A search ends when `signal` aborts. */
  async oplog(worker: WorkerId, question: OplogQuestion, signal?: AbortSignal): Promise<string> {
    return (await this.#options.executors.request(worker, { kind: "read-oplog", worker, question }, signal)) as string;
  }

  async completePromise(promise: PromiseId, data: Uint8Array): Promise<boolean> {
    return (await this.#ask(promise.worker, { kind: "complete-promise", promise, data })) === true;
  }

  async interrupt(worker: WorkerId, recoverImmediately: boolean): Promise<void> {
    await this.#ask(worker, { kind: "interrupt", worker, recoverImmediately });
  }

  /** What an automatic update would come to. */
  async dryRun(worker: WorkerId, targetVersion: number): Promise<DryRunResult> {
    return (await this.#ask(worker, { kind: "dry-run", worker, targetVersion })) as DryRunResult;
  }

  /** True if the invocation was taken out of the queue. */
  async cancel(worker: WorkerId, idempotencyKey: string): Promise<boolean> {
    return (await this.#ask(worker, { kind: "cancel", worker, idempotencyKey })) === true;
  }

  async resume(worker: WorkerId): Promise<void> {
    await this.#ask(worker, { kind: "resume", worker });
  }

  /** Carries out what is to be done to a worker, on behalf of another or of a client. */
  async command(command: Questions["command"]["asked"]): Promise<undefined> {
    if (command.kind === "update") await this.#checkVersion(command);
    await this.#ask(command.worker, command);
  }

  /** Switches a plugin of the worker on or off. */
  async switchPlugin(worker: WorkerId, installationId: string, active: boolean): Promise<void> {
    await this.#ask(worker, { kind: "switch-plugin", worker, installationId, active });
  }

  async delete(worker: WorkerId): Promise<void> {
    await this.#ask(worker, { kind: "delete", worker });
  }

  async deleteIfThere(worker: WorkerId): Promise<void> {
    await this.delete(worker).catch((error: unknown) => {
      if (!(error instanceof WorkerError) || error.data.kind !== "not-found") throw error;
    });
  }

  /** Watches a worker; the returned function ends it. Rejects when the worker can't be watched. */
  async connect(worker: WorkerId, watch: (event: WorkerEvent) => void): Promise<() => void> {
    const subscription = this.#nextSubscription++;
    this.#subscriptions.set(subscription, { worker, watch });
    const disconnect = (): void => {
      this.#subscriptions.delete(subscription);
      this.#ask(worker, { kind: "disconnect", worker, subscription }).catch(() => undefined);
    };
    try {
      await this.#ask(worker, { kind: "connect", worker, subscription });
      return disconnect;
    } catch (error) {
      this.#subscriptions.delete(subscription);
      throw error;
    }
  }

  /** An event of a subscription arrived from an executor. */
  deliver(subscription: number, event: WorkerEvent): void {
    this.#subscriptions.get(subscription)?.watch(event);
  }

  /** The executor of these workers was replaced: who watched them watches them again. */
  reconnect(include: (worker: WorkerId) => boolean): void {
    for (const [subscription, { worker, watch }] of this.#subscriptions) {
      if (!include(worker)) continue;
      this.#ask(worker, { kind: "connect", worker, subscription }).catch(() => watch({ kind: "close" }));
    }
  }

  #ask(worker: WorkerId, request: Request): Promise<ReplyValue> {
    return this.#options.executors.request(worker, request);
  }

  /** An executor may still have a version that was removed. */
  async #checkVersion({ worker, targetVersion }: UpdateCommand): Promise<void> {
    const known = await this.#options.components.get(worker.componentId, targetVersion);
    if (known !== undefined) return;
    // A worker that isn't there is the greater mistake.
    await this.get(worker);
    throw noSuchVersion(worker.componentId, targetVersion);
  }

  async #latestVersion(componentId: string): Promise<number> {
    const latest = await this.#options.components.latest(componentId);
    if (latest !== undefined) return latest.version;
    const message = `Couldn't retrieve the component ${componentId}: there is no such component`;
    throw new WorkerError({ kind: "not-found", message });
  }
}

function workerNotFound(id: WorkerId): WorkerError {
  return new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(id)}` });
}
