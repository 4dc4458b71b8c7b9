/** Workers are spread over shards, shards over executors; a shard is owned in an epoch (design: fencing). */
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";

export const shardCount = 1024;

export const allShards: readonly number[] = Array.from({ length: shardCount }, (_, shard) => shard);

/** FNV-1a of the worker's id. Stored oplogs depend on it: it can't change. */
export function shardOf(worker: WorkerId): number {
  const text = formatWorkerId(worker);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % shardCount;
}

export function executorOf(shard: number, executors: number): number {
  return shard % executors;
}
