import type { FileNode, WorkerMetadata } from "../rest/worker.ts";
import { invokeBatch } from "./batch.ts";
import type { BatchOptions } from "./batch.ts";
import { connect } from "./connect.ts";
import type { WorkerEvent } from "./events.ts";
import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";
import type {
  BatchAnswer,
  BatchInvocation,
  CreatedWorker,
  DryRun,
  IndexedOplogEntry,
  InvocationOptions,
  InvocationTarget,
  NewWorker,
  OplogCursor,
  OplogPage,
  OplogQuery,
  RevertTarget,
  TypedValue,
  WorkerId,
  WorkerPage,
  WorkerQuery,
  WorkerUpdate,
} from "./worker-types.ts";

const oplogPageEntries = 100;

/** The path of a worker, without what follows. */
export function workerPath({ componentId, workerName }: WorkerId): string {
  return path`/v1/components/${componentId}/workers/${workerName}`;
}

/** Workers: creation, calls, and what can be done to them. */
export class WorkersApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Creates a worker on the latest version. */
  async create(componentId: string, worker: NewWorker): Promise<CreatedWorker> {
    return await this.#transport.json({
      method: "POST",
      path: path`/v1/components/${componentId}/workers`,
      json: worker,
    });
  }

  async get(id: WorkerId): Promise<WorkerMetadata> {
    return await this.#transport.json({ method: "GET", path: workerPath(id) });
  }

  async delete(id: WorkerId): Promise<void> {
    await this.#transport.json({ method: "DELETE", path: workerPath(id) });
  }

  /** One page; `cursor` in the answer leads to the next. */
  async page(componentId: string, query: WorkerQuery = {}): Promise<WorkerPage> {
    const workers = path`/v1/components/${componentId}/workers`;
    const { filters, filter, count, cursor, precise } = query;
    if (filter !== undefined) {
      const json = { filter, count, cursor, precise };
      return await this.#transport.json({ method: "POST", path: `${workers}/find`, json, repeatable: true });
    }
    const cursorText = cursor === undefined ? undefined : `${cursor.layer}/${cursor.cursor}`;
    const parameters = { filter: filters, count, cursor: cursorText, precise };
    return await this.#transport.json({ method: "GET", path: workers, query: parameters });
  }

  /** All workers that the query asks for, page after page. */
  async *list(componentId: string, query: WorkerQuery = {}): AsyncGenerator<WorkerMetadata, void, undefined> {
    let { cursor } = query;
    do {
      const page = await this.page(componentId, { ...query, cursor });
      yield* page.workers;
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** Calls a function and waits for its result. It runs once, however often the connection fails meanwhile. */
  async invoke(
    target: InvocationTarget,
    functionName: string,
    params: readonly unknown[],
    options: InvocationOptions = {},
  ): Promise<TypedValue> {
    const answer = await this.#invocation<{ readonly result: TypedValue }>("invoke-and-await", {
      target,
      functionName,
      params,
      options,
    });
    return answer.result;
  }

  /** Calls a function without waiting for it; resolves when the call is stored. */
  async enqueue(
    target: InvocationTarget,
    functionName: string,
    params: readonly unknown[],
    options: InvocationOptions = {},
  ): Promise<void> {
    await this.#invocation("invoke", { target, functionName, params, options });
  }

  /**
   * Calls functions of many workers over one connection. Answers come as soon as they are durable, in any order; calls of
   * one worker run in the order in which they are given. Reads the next call when the server takes more. Throws when the
   * connection fails: then calls without an answer may have run, and those with keys may be made again.
   *
   * @example
   * const calls = names.map((workerName, id) => ({ id, workerName, functionName: "api.{run}", params: [] }));
   * for await (const { id, result, error } of emet.workers.invokeBatch(componentId, calls)) console.log(id, result ?? error);
   */
  invokeBatch(
    componentId: string,
    invocations: Iterable<BatchInvocation> | AsyncIterable<BatchInvocation>,
    options: BatchOptions = {},
  ): AsyncGenerator<BatchAnswer, void, undefined> {
    return invokeBatch(this.#transport, componentId, invocations, options);
  }

  /** Stops what the worker does until it is resumed. */
  async interrupt(id: WorkerId): Promise<void> {
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/interrupt`, repeatable: true });
  }

  /** Drops the worker from memory as a crash would, and recovers it at once. */
  async simulateCrash(id: WorkerId): Promise<void> {
    const query = { "recovery-immediately": true };
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/interrupt`, query, repeatable: true });
  }

  async resume(id: WorkerId): Promise<void> {
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/resume` });
  }

  /** Enqueues an update; what becomes of it is seen in the worker's metadata. */
  async update(id: WorkerId, update: WorkerUpdate): Promise<void> {
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/update`, json: update });
  }

  /** Replays the worker on another version without touching it. */
  async updateDryRun(id: WorkerId, targetVersion: number): Promise<DryRun> {
    const dryRun = `${workerPath(id)}/update-dry-run`;
    return await this.#transport.json({ method: "POST", path: dryRun, json: { targetVersion }, repeatable: true });
  }

  async revert(id: WorkerId, target: RevertTarget): Promise<void> {
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/revert`, json: target });
  }

  /** Copies a worker's history, up to an index if one is given, into a new worker. */
  async fork(id: WorkerId, targetWorkerName: string, oplogIndexCutOff?: number): Promise<WorkerId> {
    const json = { targetWorkerName, oplogIndexCutOff };
    const { workerId } = await this.#transport.json<{ readonly workerId: WorkerId }>({
      method: "POST",
      path: `${workerPath(id)}/fork`,
      json,
    });
    return workerId;
  }

  /** True if the invocation was still waiting for its turn, and will never run. */
  async cancelInvocation(id: WorkerId, idempotencyKey: string): Promise<boolean> {
    const invocation = `${workerPath(id)}${path`/invocations/${idempotencyKey}`}`;
    const { canceled } = await this.#transport.json<{ readonly canceled: boolean }>({
      method: "DELETE",
      path: invocation,
    });
    return canceled;
  }

  /** One page of the oplog; `next` in the answer leads to the next. */
  async oplogPage(id: WorkerId, query: OplogQuery & { readonly cursor?: OplogCursor | undefined }): Promise<OplogPage> {
    const { from, query: search, count = oplogPageEntries, cursor } = query;
    const cursorText =
      cursor === undefined ? undefined : `${cursor.next_oplog_index}-${cursor.current_component_version}`;
    // A cursor goes on where the last page ended, wherever the first began.
    const start = cursor === undefined ? from : undefined;
    const parameters = { from: start, query: search, count, cursor: cursorText };
    return await this.#transport.json({ method: "GET", path: `${workerPath(id)}/oplog`, query: parameters });
  }

  /** The entries of the oplog, page after page, up to its end. */
  async *oplog(id: WorkerId, query: OplogQuery = {}): AsyncGenerator<IndexedOplogEntry, void, undefined> {
    let cursor: OplogCursor | undefined;
    do {
      const page = await this.oplogPage(id, { ...query, cursor });
      yield* page.entries;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  /** What a directory holds. */
  async files(id: WorkerId, directory: string): Promise<readonly FileNode[]> {
    const list = `${workerPath(id)}${path`/files/${directory}`}`;
    const { nodes } = await this.#transport.json<{ readonly nodes: readonly FileNode[] }>({
      method: "GET",
      path: list,
    });
    return nodes;
  }

  async fileContents(id: WorkerId, file: string): Promise<Uint8Array> {
    return await this.#transport.bytes({
      method: "GET",
      path: `${workerPath(id)}${path`/file-contents/${file}`}`,
    });
  }

  async activatePlugin(id: WorkerId, installationId: string): Promise<void> {
    const query = { "plugin-installation-id": installationId };
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/activate-plugin`, query });
  }

  async deactivatePlugin(id: WorkerId, installationId: string): Promise<void> {
    const query = { "plugin-installation-id": installationId };
    await this.#transport.json({ method: "POST", path: `${workerPath(id)}/deactivate-plugin`, query });
  }

  /** What the worker does and says, until it is interrupted or deleted, or the caller stops. */
  connect(id: WorkerId, options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<WorkerEvent> {
    return connect(this.#transport, workerPath(id), options.signal);
  }

  async #invocation<T>(verb: string, invocation: Invocation): Promise<T> {
    const { target, functionName, params, options } = invocation;
    const { componentId, workerName } = target;
    const owner =
      workerName === undefined ? path`/v1/components/${componentId}` : workerPath({ componentId, workerName });
    return await this.#transport.json({
      method: "POST",
      path: `${owner}/${verb}`,
      query: { function: functionName },
      headers: { ...options.headers, "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() },
      json: { params },
      signal: options.signal,
      // The key makes one invocation of all attempts; without a name each would go to a worker of its own.
      repeatable: workerName !== undefined,
    });
  }
}

interface Invocation {
  readonly target: InvocationTarget;
  readonly functionName: string;
  readonly params: readonly unknown[];
  readonly options: InvocationOptions;
}
