/** Oplogs and worker rows in memory. */
import type { OplogAppend, OplogChunk, OplogStore } from "../../durability/oplog-store.ts";
import type { WorkerRow } from "../../durability/worker-row.ts";
import type { ComponentVersion } from "../../worker/stores.ts";
import { StoreError } from "../../platform/store-error.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { WorkerIndex, WorkerQuery } from "../../worker/worker-index.ts";
import { compareCodePoints, compareIds } from "../code-points.ts";
import { matchesFilter } from "../filter-match.ts";
import { statusCode } from "../journal-format.ts";
import { forgetDeliveries } from "./memory-deliveries.ts";
import type { DeliveryData } from "./memory-deliveries.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface StoredWorker {
  readonly id: WorkerId;
  readonly chunks: OplogChunk[];
  row: WorkerRow;
}

export interface OplogData {
  /** The worker of each position; a position is a place in this list. */
  readonly positions: WorkerId[];
  readonly workers: Map<string, StoredWorker>;
  readonly epochs: Map<number, number>;
  /** Components that were deleted, and whether nothing of them is left. */
  readonly ended: Map<string, boolean>;
  /** The same for single versions, as JSON of component id and version. */
  readonly removedVersions: Map<string, boolean>;
  readonly deliveries: DeliveryData;
}

export function lastIndexOf(worker: StoredWorker | undefined): number {
  const last = worker?.chunks.at(-1);
  return last === undefined ? 0 : last.firstIndex + last.count - 1;
}

/** What a version is known by among the removed ones. */
export function versionKey(componentId: string, version: number): string {
  return JSON.stringify([componentId, version]);
}

export function versionOfKey(key: string): ComponentVersion {
  const [componentId, version] = JSON.parse(key) as [string, number];
  return { componentId, version };
}

/** Throws for a writer whose shard a later epoch owns. */
export function checkEpoch(data: OplogData, shard: number, epoch: number): void {
  const current = data.epochs.get(shard) ?? 0;
  if (epoch < current) throw new StoreError("fenced", `shard ${shard} is owned in epoch ${current}, not ${epoch}`);
}

function append(data: OplogData, { worker, shard, epoch, chunk, row }: OplogAppend): void {
  const key = formatWorkerId(worker);
  checkEpoch(data, shard, epoch);
  const known = data.workers.get(key);
  const expected = lastIndexOf(known) + 1;
  if (chunk.firstIndex !== expected) {
    throw new StoreError("conflict", `the next index of ${key} is ${expected}, not ${chunk.firstIndex}`);
  }
  if (chunk.count === 0) throw new StoreError("failed", `cannot append to ${key}: the chunk has no records`);
  if (known === undefined && data.ended.has(worker.componentId)) {
    throw new StoreError("failed", `cannot create ${key}: its component was deleted`);
  }
  const changed = known?.row.componentVersion !== row.componentVersion;
  if (changed && data.removedVersions.has(versionKey(worker.componentId, row.componentVersion))) {
    throw new StoreError("failed", `cannot append to ${key}: its component's version was deleted`);
  }
  if (known === undefined) data.workers.set(key, { id: worker, chunks: [chunk], row });
  else {
    known.chunks.push(chunk);
    known.row = row;
  }
}

/** Copies what the caller may change after the call; a `Buffer`'s own `slice` would not. */
function copyOf(request: OplogAppend): OplogAppend {
  const { chunk, row } = request;
  return {
    ...request,
    chunk: { ...chunk, records: new Uint8Array(chunk.records) },
    row: { ...row, detail: new Uint8Array(row.detail) },
  };
}

function readChunks(
  worker: StoredWorker | undefined,
  fromIndex: number,
  bytesMax: number,
): { readonly chunks: readonly OplogChunk[]; readonly nextIndex: number | undefined } {
  const chunks: OplogChunk[] = [];
  let bytes = 0;
  for (const chunk of worker?.chunks ?? []) {
    if (chunk.firstIndex + chunk.count <= fromIndex) continue;
    if (chunks.length > 0 && bytes + chunk.records.length > bytesMax) return { chunks, nextIndex: chunk.firstIndex };
    bytes += chunk.records.length;
    chunks.push({ ...chunk, records: new Uint8Array(chunk.records) });
  }
  return { chunks, nextIndex: undefined };
}

export function memoryOplogStore(data: OplogData, queue: WriteQueue): OplogStore {
  return {
    append: (request) => {
      const copy = copyOf(request);
      return queue.add(() => append(data, copy));
    },
    read: (worker, fromIndex, bytesMax) =>
      queue.read(() => readChunks(data.workers.get(formatWorkerId(worker)), fromIndex, bytesMax)),
    lastIndex: (worker) => queue.read(() => lastIndexOf(data.workers.get(formatWorkerId(worker)))),
    delete: (worker, shard, epoch) =>
      queue.add(() => {
        checkEpoch(data, shard, epoch);
        data.workers.delete(formatWorkerId(worker));
        forgetDeliveries(data.deliveries, worker);
      }),
    inOrder: () => true,
    acquireEpoch: (shards) =>
      queue.add(() => {
        const epoch = Math.max(0, ...data.epochs.values()) + 1;
        for (const shard of shards) data.epochs.set(shard, epoch);
        return epoch;
      }),
  };
}

function listWorkers(
  data: OplogData,
  workers: readonly StoredWorker[],
  query: WorkerQuery,
): Awaited<ReturnType<WorkerIndex["list"]>> {
  const { componentId, filter, afterName = "", count } = query;
  const found = workers.filter(({ id, row }) => {
    if (id.componentId !== componentId || compareCodePoints(id.workerName, afterName) <= 0) return false;
    const subject = { ...row, name: id.workerName, status: statusCode(row.status) };
    return filter === undefined || matchesFilter(filter, subject);
  });
  const page = found.slice(0, count);
  const last = found.length > count ? page.at(-1)?.id : undefined;
  const nextPosition = last === undefined ? undefined : data.positions.push(last) - 1;
  return { workers: page.map(({ id, row }) => ({ id, row })), nextName: last?.workerName, nextPosition };
}

export function memoryWorkerIndex(data: OplogData, queue: WriteQueue): WorkerIndex {
  const sorted = (): StoredWorker[] => [...data.workers.values()].sort((left, right) => compareIds(left.id, right.id));
  return {
    get: (worker) => queue.read(() => data.workers.get(formatWorkerId(worker))?.row),
    list: (query) => queue.read(() => listWorkers(data, sorted(), query)),
    nameAt: (componentId, position) =>
      queue.read(() => {
        const id = data.positions[position];
        return id?.componentId === componentId ? id.workerName : undefined;
      }),
    needingRecovery: (after, count) =>
      queue.read(() =>
        sorted()
          .filter(({ id, row }) => row.needsRecovery && (after === undefined || compareIds(id, after) > 0))
          .slice(0, count)
          .map(({ id, row }) => ({ id, row })),
      ),
  };
}
