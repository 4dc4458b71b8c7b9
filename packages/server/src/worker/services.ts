/** What the workers of one executor share. */
import type { ComponentImage } from "../component/component-image.ts";
import type { Before } from "../durability/durable-execution.ts";
import type { FinishedSpan } from "../host/golem-api/trace.ts";
import type { CommitOrder } from "../durability/oplog-writer.ts";
import type { OplogStore } from "../durability/oplog-store.ts";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { Databases } from "../platform/databases/database.ts";
import type { HttpClient } from "../platform/http/http-client.ts";
import type { Network } from "../platform/network/network.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { InvocationOutput } from "./invocation-form.ts";
import type { SnapshotLimits } from "./memory-snapshot/snapshot-policy.ts";
import type { Ask, Questions } from "./questions.ts";
import type { ObjectStore } from "../durability/object-store.ts";
import type { KeyValueStore } from "../durability/key-value-store.ts";
import type { WorkerIndex } from "./worker-index.ts";
import type { DeliveryStore } from "./delivery-store.ts";
import type { OwnedShards } from "./owned-shards.ts";
import type { RunQueue } from "./run-queue.ts";
import type { ShardCosts } from "./shard-costs.ts";
import type { BlobStore, MemorySnapshotStore, PromiseStore, TimerStore } from "./stores.ts";

export interface ExecutorServices {
  readonly oplogs: OplogStore;
  readonly workers: WorkerIndex;
  readonly promises: PromiseStore;
  readonly timers: TimerStore;
  readonly deliveries: DeliveryStore;
  readonly blobs: BlobStore;
  readonly keyValues: KeyValueStore;
  readonly objects: ObjectStore;
  readonly memorySnapshots: MemorySnapshotStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly http: HttpClient;
  readonly databases: Databases;
  readonly network: Network;
  /** Resolves after `ms` of the clock's time or when `signal` is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Lets timers and I/O of the thread have their turn. */
  readonly yieldTurn: () => Promise<void>;
  /** Takes spans that have ended; undefined where no exporter is set up. */
  readonly exportSpan: ((span: FinishedSpan) => void) | undefined;
  /** Undefined when there is no such version. */
  readonly image: (componentId: string, version: number) => Promise<ComponentImage | undefined>;
  /** Asks the main thread. */
  readonly ask: Ask;
  /** The scheduler must look at the timers again. */
  readonly timerSet: (dueMs: number) => void;
  readonly shardOf: (worker: WorkerId) => number;
  /** Those of this executor. */
  readonly shards: OwnedShards;
  readonly limits: WorkerLimits;
}

/** What the executor itself adds. */
export interface WorkerServices extends ExecutorServices {
  /** Invokes a worker, of this executor or another, so that nothing of it is durable before `before`. Rejects with a `WorkerError`. */
  readonly invoke: (command: Questions["invoke"]["asked"], before: Before) => Promise<InvocationOutput | undefined>;
  readonly commitOrder?: CommitOrder | undefined;
  readonly runQueue: RunQueue;
  readonly shardCosts: ShardCosts;
  /** What a suspended worker waits for has come. */
  readonly wake: (worker: WorkerId) => Promise<void>;
  /** Plugins may not have got what of the worker's oplog is durable. */
  readonly deliver: (worker: WorkerId) => void;
}

export interface WorkerLimits {
  readonly suspendAfterMs: number;
  readonly memorySnapshots: SnapshotLimits;
  /** How long a guest computes before others on its thread get their turn. */
  readonly sliceMs: number;
  /** Units of fuel that one invocation may use; 0 for no limit. */
  readonly invocationFuelMax: number;
  /** Accepted and not begun. */
  readonly queuedInvocationsMax: number;
  /** Bytes that the files of one worker may take together. */
  readonly fileBytesMax: number;
  /** The longest value in the key-value store. */
  readonly keyValueBytesMax: number;
  /** The longest object in the blob store. */
  readonly objectBytesMax: number;
  /** Bytes of standard error kept for the message of a failure. */
  readonly stderrBytesMax: number;
}
