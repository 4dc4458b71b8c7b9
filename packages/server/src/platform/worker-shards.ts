/** Workers are spread over shards, which executors own and partitions of the storage hold. */
import type { WorkerId } from "./worker-id.ts";
import { formatWorkerId } from "./worker-id.ts";

export const shardCount = 1024;

/** FNV-1a of the worker's id. Stored oplogs depend on it: it can't change. */
export function shardOf(worker: WorkerId): number {
  const text = formatWorkerId(worker);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % shardCount;
}
