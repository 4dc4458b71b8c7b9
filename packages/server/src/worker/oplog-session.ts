/** A worker's oplog opened by its owner: the folded state and the writer that goes on where the store ends. */
import type { OplogChunk } from "../durability/oplog-store.ts";
import { OplogWriter } from "../durability/oplog-writer.ts";
import { foldOplog } from "../durability/fold.ts";
import { ReplayCursor } from "../durability/replay-cursor.ts";
import { emptyState } from "../durability/worker-state.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerServices } from "./services.ts";

/** How much of an oplog is asked of the store at a time. */
const readBytesMax = 4 * 1024 * 1024;

export interface CursorOptions {
  /** The history up to this entry is not replayed: a snapshot stands for it. */
  readonly snapshotIndex?: number | undefined;
}

export interface OplogSession {
  readonly state: WorkerState;
  readonly writer: OplogWriter;
  /** For the one instance that is loaded from what was read, which isn't kept for longer than that. */
  readonly cursor: (options?: CursorOptions) => ReplayCursor;
}

/** The blobs of a worker lie under this name. */
export function payloadPrefix(worker: WorkerId): string {
  return `oplog/${worker.componentId}/${encodeURIComponent(worker.workerName)}`;
}

/** Reads the whole oplog; undefined when the worker has none. */
export async function openOplog(worker: WorkerId, services: WorkerServices): Promise<OplogSession | undefined> {
  const chunks = await readOplog(worker, services);
  return chunks.length === 0 ? undefined : startSession(worker, services, chunks);
}

/** The session of a worker that doesn't exist yet; the first entry must be `create`. */
export function newOplog(worker: WorkerId, services: WorkerServices): OplogSession {
  return startSession(worker, services, []);
}

function startSession(worker: WorkerId, services: WorkerServices, chunks: readonly OplogChunk[]): OplogSession {
  const payloads = services.blobs.getSync;
  let unread = chunks;
  const state = chunks.length === 0 ? emptyState(worker) : foldOplog(worker, chunks, payloads);
  const writer = new OplogWriter({
    state,
    store: services.oplogs,
    putPayload: services.blobs.put,
    payloadName: () => `${payloadPrefix(worker)}/${services.entropy.uuid()}`,
    shard: services.shardOf(worker),
    epoch: services.epoch,
    clock: services.clock,
    order: services.commitOrder,
    onProcessed: () => services.deliver(worker),
  });
  return {
    state,
    writer,
    cursor: ({ snapshotIndex } = {}) => {
      const { deletedRegions } = state;
      const replaced = snapshotIndex === undefined ? [] : [{ start: 2, end: snapshotIndex }];
      const cursor = new ReplayCursor(unread, [...deletedRegions, ...replaced], payloads);
      unread = [];
      return cursor;
    },
  };
}

/** All chunks of a worker's oplog; none when it has none. */
export async function readOplog(worker: WorkerId, services: WorkerServices): Promise<readonly OplogChunk[]> {
  const chunks: OplogChunk[] = [];
  let from: number | undefined = 1;
  while (from !== undefined) {
    const page: Awaited<ReturnType<typeof services.oplogs.read>> = await services.oplogs.read(
      worker,
      from,
      readBytesMax,
    );
    chunks.push(...page.chunks);
    from = page.nextIndex;
  }
  return chunks;
}
