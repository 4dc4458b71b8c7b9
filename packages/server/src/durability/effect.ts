/** On whose behalf a store outside the oplog is changed, and what makes the change happen once. */
import type { WorkerId } from "../platform/worker-id.ts";

export interface EffectOrigin {
  readonly worker: WorkerId;
  /** As of an append: a change by a worker's former owner is refused. */
  readonly shard: number;
  readonly epoch: number;
  /**
   * `DurableExecution.operationId`. The store remembers the last operation of each worker with its result: repeated, it
   * changes nothing and gives the same result. One is enough, since a worker begins an operation only when the record of
   * the one before is durable. Undefined where nothing is recorded, and so every attempt counts.
   */
  readonly operation: string | undefined;
}
