/** What the index of workers holds of each worker, written together with the oplog records that it follows from. */

/** In the order in which filters compare them (spec/service.md §5.1). */
export const workerStatuses = ["Running", "Idle", "Suspended", "Interrupted", "Retrying", "Failed", "Exited"] as const;
export type WorkerStatus = (typeof workerStatuses)[number];

export interface WorkerRow {
  readonly status: WorkerStatus;
  readonly componentVersion: number;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  readonly env: readonly (readonly [name: string, value: string])[];
  /**
   * True when the worker must be loaded after a restart without being asked: it was running or retrying, or has pending
   * invocations or updates.
   */
  readonly needsRecovery: boolean;
  /** The encoded status fold (`durability/status.ts`); opaque to stores. */
  readonly detail: Uint8Array;
}
