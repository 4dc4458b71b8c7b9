/** A worker's oplog opened by its owner: the folded state and the writer that goes on where the store ends. */
import type { OplogChunk } from "../durability/oplog-store.ts";
import { OplogWriter } from "../durability/oplog-writer.ts";
import { foldOn, foldOplog } from "../durability/fold.ts";
import type { OplogRegion } from "../durability/oplog/entry-types.ts";
import { chunkFrom, framesOf } from "../durability/oplog/decode-entry.ts";
import { ReplayCursor } from "../durability/replay-cursor.ts";
import { emptyState } from "../durability/worker-state.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { MemorySnapshot } from "./memory-snapshot/memory-snapshot.ts";
import { readSnapshot } from "./memory-snapshot/memory-snapshot.ts";
import type { WorkerServices } from "./services.ts";
import type { SnapshotGeneration } from "./stores.ts";

/** How much of an oplog is asked of the store at a time. */
const readBytesMax = 4 * 1024 * 1024;

export interface CursorOptions {
  /** The history up to this entry is not replayed: a snapshot that the guest has made stands for it. */
  readonly snapshotIndex?: number | undefined;
}

/** What a memory snapshot says beside the state, which is folded on. */
export interface RestoredMemory extends Omit<MemorySnapshot, "state"> {
  /** Where it stands in the oplog. */
  readonly lastIndex: number;
  /** How many regions were void by then. */
  readonly voidRegions: number;
}

export interface OplogSession {
  readonly state: WorkerState;
  readonly writer: OplogWriter;
  /** What the instance begins with; the cursor gives what follows. Undefined: it begins at the beginning. */
  readonly memory: RestoredMemory | undefined;
  /** The instance has it: it needn't be kept any longer. */
  readonly releaseMemory: () => void;
  /** Bytes that were read, and those appended since. */
  readonly bytes: () => number;
  /** For the one instance that is loaded from what was read, which isn't kept for longer than that. */
  readonly cursor: (options?: CursorOptions) => ReplayCursor;
}

/** The blobs of a worker lie under this name. */
export function payloadPrefix(worker: WorkerId): string {
  return `oplog/${worker.componentId}/${encodeURIComponent(worker.workerName)}`;
}

/** Opens the oplog from the newest memory snapshot that is of use, else from its beginning; undefined when there is none. */
export async function openOplog(worker: WorkerId, services: WorkerServices): Promise<OplogSession | undefined> {
  const generations = services.limits.memorySnapshots.enabled ? (["latest", "previous"] as const) : [];
  for (const generation of generations) {
    const session = await openFromMemory(worker, generation, services);
    if (session !== undefined) return session;
  }
  return await openWholeOplog(worker, services);
}

/** Reads the whole oplog; undefined when the worker has none. */
export async function openWholeOplog(worker: WorkerId, services: WorkerServices): Promise<OplogSession | undefined> {
  const chunks = await readOplog(worker, services);
  if (chunks.length === 0) return undefined;
  const state = foldOplog(worker, chunks, services.blobs.getSync);
  return startSession(state, services, { chunks, skipped: [], memory: undefined });
}

/** The session of a worker that doesn't exist yet; the first entry must be `create`. */
export function newOplog(worker: WorkerId, services: WorkerServices): OplogSession {
  return startSession(emptyState(worker), services, { chunks: [], skipped: [], memory: undefined });
}

/** Undefined where there is no such snapshot, or it isn't of what the oplog says. */
async function openFromMemory(
  worker: WorkerId,
  generation: SnapshotGeneration,
  services: WorkerServices,
): Promise<OplogSession | undefined> {
  const stored = await services.memorySnapshots.get(worker, generation);
  const snapshot = stored === undefined ? undefined : readSnapshot(stored);
  if (snapshot === undefined || formatWorkerId(snapshot.state.workerId) !== formatWorkerId(worker)) return undefined;
  const { state, startIndex, instance } = snapshot;
  const { lastIndex, deletedRegions } = state;
  const memory = { startIndex, instance, lastIndex, voidRegions: deletedRegions.length };
  const [first, ...others] = await readOplog(worker, services, lastIndex);
  if (first === undefined) return undefined;
  const chunks = [startIndex === 0 ? chunkFrom(first, lastIndex) : first, ...others];
  if (!endsAlike(state, chunks) || !foldOn(state, chunks, services.blobs.getSync)) return undefined;
  const start = startIndex === 0 ? [] : await readOplog(worker, services, 1, startIndex);
  const skipped = [{ start: startIndex + 1, end: lastIndex }];
  const before = start.filter(({ firstIndex }) => firstIndex < (chunks[0]?.firstIndex ?? 0));
  return startSession(state, services, { chunks: [...before, ...chunks], skipped, memory });
}

/**
 * Whether the oplog is the one that was folded: a worker may have been deleted, and another one has its name; or the
 * store is an older one, of which a backup was made.
 */
function endsAlike(folded: WorkerState, chunks: readonly OplogChunk[]): boolean {
  const [chunk] = chunks;
  if (chunk === undefined) return false;
  for (const { index, frame } of framesOf(chunk)) {
    if (index >= folded.lastIndex) return frame.timestampMs === folded.lastEntryMs;
  }
  return false;
}

interface ReadOplog {
  readonly chunks: readonly OplogChunk[];
  /** Regions of them that stand in the memory snapshot. */
  readonly skipped: readonly OplogRegion[];
  readonly memory: RestoredMemory | undefined;
}

function startSession(state: WorkerState, services: WorkerServices, read: ReadOplog): OplogSession {
  const { workerId: worker } = state;
  const payloads = services.blobs.getSync;
  const readBytes = read.chunks.reduce((sum, { records }) => sum + records.length, 0);
  let unread = read.chunks;
  let { memory } = read;
  const shard = services.shardOf(worker);
  const writer = new OplogWriter({
    state,
    store: services.oplogs,
    putPayload: services.blobs.put,
    payloadName: () => `${payloadPrefix(worker)}/${services.entropy.uuid()}`,
    shard,
    epoch: services.shards.epochOf(shard),
    clock: services.clock,
    order: services.commitOrder,
    onProcessed: () => services.deliver(worker),
  });
  return {
    state,
    writer,
    get memory() {
      return memory;
    },
    releaseMemory: () => {
      memory = undefined;
    },
    bytes: () => readBytes + writer.appendedBytes,
    cursor: ({ snapshotIndex } = {}) => {
      const replaced = snapshotIndex === undefined ? [] : [{ start: 2, end: snapshotIndex }];
      const cursor = new ReplayCursor(unread, [...state.deletedRegions, ...replaced, ...read.skipped], payloads);
      unread = [];
      return cursor;
    },
  };
}

/** The chunks of a worker's oplog that hold the entries from one to another; none when it has none there. */
export async function readOplog(
  worker: WorkerId,
  services: Pick<WorkerServices, "oplogs">,
  fromIndex = 1,
  toIndex = Number.POSITIVE_INFINITY,
): Promise<readonly OplogChunk[]> {
  const chunks: OplogChunk[] = [];
  let from: number | undefined = fromIndex;
  while (from !== undefined && from <= toIndex) {
    const page: Awaited<ReturnType<typeof services.oplogs.read>> = await services.oplogs.read(
      worker,
      from,
      readBytesMax,
    );
    chunks.push(...page.chunks.filter(({ firstIndex }) => firstIndex <= toIndex));
    from = page.nextIndex;
  }
  return chunks;
}
