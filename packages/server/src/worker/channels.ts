/** What is told of workers (`platform/channel.ts`). */
import type { Channel } from "../platform/channel.ts";
import { openChannel } from "../platform/channel.ts";
import type { WorkerId } from "../platform/worker-id.ts";

/** An invocation was answered; one that isn't awaited, when it was accepted. */
export interface InvocationAnswered {
  readonly worker: WorkerId;
  readonly functionName: string;
  readonly idempotencyKey: string;
  /** `refused`: it was wrong, or what it names doesn't exist; it didn't run. */
  readonly outcome: "completed" | "failed" | "refused";
  readonly durationMs: number;
}

/** A worker came into memory, its history replayed. */
export interface WorkerLoaded {
  readonly worker: WorkerId;
  readonly version: number;
  /** Of its oplog, those that a memory snapshot stands for not counted. */
  readonly entries: number;
  readonly restored: boolean;
  readonly durationMs: number;
}

/** A run ended with an error. */
export interface WorkerFailed {
  readonly worker: WorkerId;
  readonly message: string;
  /** Whether another attempt follows. */
  readonly retried: boolean;
  readonly retryCount: number;
}

export interface WorkerUpdated {
  readonly worker: WorkerId;
  readonly targetVersion: number;
  /** Why the worker stays with its version; undefined when it has the new one. */
  readonly failure: string | undefined;
}

/** A worker left memory: it was idle for long, or another one needed the room of one that was idle or waited. */
export interface WorkerEvicted {
  readonly worker: WorkerId;
  readonly reason: "idle" | "room" | "waiting";
}

/** A plugin did not take what it was given of an oplog, or has complained of it. */
export interface DeliveryTroubled {
  readonly worker: WorkerId;
  readonly message: string;
}

/** A worker's memory was saved. */
export interface MemorySnapshotTaken {
  readonly worker: WorkerId;
  /** As it is stored. */
  readonly bytes: number;
  /** For which the worker, and all others of the thread, waited. */
  readonly durationMs: number;
}

/** A worker's memory was to be saved and couldn't be, or what was saved couldn't be used. */
export interface MemorySnapshotSkipped {
  readonly worker: WorkerId;
  readonly step: "save" | "load" | "delete";
  readonly reason: string;
}

/** A guest computed: what it used since it was told last. */
export interface GuestRan {
  readonly worker: WorkerId;
  readonly fuel: number;
  readonly cpuMs: number;
}

export const guestRan: Channel<GuestRan> = openChannel("emet:guest-ran");
export const invocationAnswered: Channel<InvocationAnswered> = openChannel("emet:invocation-answered");
export const workerLoaded: Channel<WorkerLoaded> = openChannel("emet:worker-loaded");
export const workerFailed: Channel<WorkerFailed> = openChannel("emet:worker-failed");
export const workerUpdated: Channel<WorkerUpdated> = openChannel("emet:worker-updated");
export const workerEvicted: Channel<WorkerEvicted> = openChannel("emet:worker-evicted");
export const deliveryTroubled: Channel<DeliveryTroubled> = openChannel("emet:delivery-troubled");
export const memorySnapshotTaken: Channel<MemorySnapshotTaken> = openChannel("emet:memory-snapshot-taken");
export const memorySnapshotSkipped: Channel<MemorySnapshotSkipped> = openChannel("emet:memory-snapshot-skipped");
