/**
 * The store that durability needs for oplogs. Implementations group the appends of many workers into one durable
 * write. Indices start at 1 and have no gaps.
 */
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerRow } from "./worker-row.ts";

/** Consecutive encoded records of one worker (`oplog/encoding.ts` has the format; stores treat them as bytes). */
export interface OplogChunk {
  readonly firstIndex: number;
  readonly count: number;
  readonly records: Uint8Array;
}

export interface OplogAppend {
  readonly worker: WorkerId;
  /** The shard that the worker belongs to, and the epoch in which the writer owns it. */
  readonly shard: number;
  readonly epoch: number;
  readonly chunk: OplogChunk;
  /** The worker's row in the index after these records; visible at the same moment as they are. */
  readonly row: WorkerRow;
}

export interface OplogStore {
  /**
   * Resolves when the records are on disk. Rejects with a `StoreError`: `fenced` when a later epoch owns the shard,
   * `conflict` when `chunk.firstIndex` isn't the next index, `full` when the disk is, `failed` otherwise. After a
   * rejection nothing of this append is in the store. The bytes are copied before it returns: the caller may write others
   * in their place.
   */
  readonly append: (append: OplogAppend) => Promise<void>;
  /**
   * Chunks that cover `fromIndex` and following, in order, up to about `bytesMax` bytes and at least one chunk if there is one.
   * The first chunk may begin before `fromIndex`. `nextIndex` is where to go on, undefined at the end.
   */
  readonly read: (
    worker: WorkerId,
    fromIndex: number,
    bytesMax: number,
  ) => Promise<{ readonly chunks: readonly OplogChunk[]; readonly nextIndex: number | undefined }>;
  /** The last index, 0 for a worker without oplog. */
  readonly lastIndex: (worker: WorkerId) => Promise<number>;
  /**
   * Removes all records and the worker's row, durably, under the same fencing as `append`; not before what the same thread
   * has removed of the worker in the other stores.
   */
  readonly delete: (worker: WorkerId, shard: number, epoch: number) => Promise<void>;
  /**
   * Whether what one thread hands over for `first` can't become durable later than what it hands over for `then` after
   * that. Where it can, whoever depends on the order waits in between.
   */
  readonly inOrder: (first: WorkerId, then: WorkerId) => boolean;
  /** Takes over shards: from now on appends with a lower epoch are fenced. Returns the new epoch, durable. */
  readonly acquireEpoch: (shards: readonly number[]) => Promise<number>;
}
