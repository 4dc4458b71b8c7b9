/**
 * The storage is made of partitions, each with a thread and a database of its own. What a worker writes together lies in
 * the partition of its shard: oplog and index row, promises, timers, deliveries. What belongs to no worker lies in the
 * first: components, routes, plugins, key-value store and objects, with what makes their changes happen once.
 *
 * Within a partition what one thread hands over is stored in that order, or together. Between partitions there is no order
 * but by waiting. Most of it is waited for anyway; the rest is in `timer-place.ts` (promises and who waits for them),
 * `oplog-client.ts` (deletion, epochs, calls between workers) and `component-client.ts` (ended components).
 */
import type { WorkerId } from "../platform/worker-id.ts";
import { shardOf } from "../platform/worker-shards.ts";
import type { ClientChannel } from "./client-channel.ts";

/**
 * The smallest call takes an executor 30 µs and the storage 18 (`docs/internals/performance.md`); most calls take executors
 * longer. More partitions than are busy have smaller groups, and wait for the same disk.
 */
const executorsPerPartition = 4;

/** How many partitions a new data directory gets if nobody says so. */
export function partitionsFor(executors: number): number {
  return Math.max(1, Math.floor(executors / executorsPerPartition));
}

/** Data directories depend on it: it can't change. */
export function partitionOf(worker: WorkerId, count: number): number {
  return count === 1 ? 0 : shardOf(worker) % count;
}

/** One thread's connections to all of them. */
export class Partitions {
  readonly all: readonly ClientChannel[];
  readonly first: ClientChannel;
  readonly others: readonly ClientChannel[];

  constructor(all: readonly ClientChannel[]) {
    const [first, ...others] = all;
    if (first === undefined) throw new Error("a storage has at least one partition");
    this.all = all;
    this.first = first;
    this.others = others;
  }

  get count(): number {
    return this.all.length;
  }

  numberOf(worker: WorkerId): number {
    return partitionOf(worker, this.all.length);
  }

  /** The one that holds a worker. */
  of(worker: WorkerId): ClientChannel {
    return this.others.length === 0 ? this.first : (this.all[this.numberOf(worker)] ?? this.first);
  }

  close(): void {
    for (const channel of this.all) channel.close();
  }
}
