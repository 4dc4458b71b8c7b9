/** Which executor owns a shard (`platform/worker-shards.ts`); it does so in an epoch (design: fencing). */
import { shardCount } from "../platform/worker-shards.ts";

export const allShards: readonly number[] = Array.from({ length: shardCount }, (_, shard) => shard);

export function executorOf(shard: number, executors: number): number {
  return shard % executors;
}
