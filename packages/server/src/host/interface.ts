/** The one shape that every host interface has, and what it may use. */
import type { HostFunction, HostInstance, HostResource } from "@emet/component";
import type { AnyDurableFunction } from "../durability/durable-function.ts";
import type { DurableExecution } from "../durability/durable-execution.ts";
import type { RetryPolicy } from "../durability/oplog/entry-types.ts";
import type { WorkerStatus } from "../durability/worker-row.ts";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { ResourceTable } from "./resource-table.ts";
import type { FileSystem } from "./wasi-filesystem/file-system.ts";

/** What a worker tells of itself; `get-self-metadata` and the environment are made from it. */
export interface WorkerFacts {
  readonly id: WorkerId;
  readonly args: readonly string[];
  /** As given at creation. */
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly componentVersion: number;
  readonly status: WorkerStatus;
  readonly retryCount: number;
  readonly retryPolicy: RetryPolicy;
  /** Key of the invocation that runs, undefined between invocations. */
  readonly idempotencyKey: string | undefined;
}

export interface PromiseReference {
  readonly worker: WorkerId;
  readonly oplogIndex: number;
}

/** Promises as hosts see them; every write is durable when it resolves, and a completion wakes the worker that waits. */
export interface PromiseAccess {
  readonly create: (id: PromiseReference) => Promise<void>;
  /** True if this call completed it, false if it was completed before, undefined if there is no such promise. */
  readonly complete: (id: PromiseReference, data: Uint8Array) => Promise<boolean | undefined>;
  readonly get: (
    id: PromiseReference,
  ) => Promise<{ readonly kind: "pending" } | { readonly kind: "completed"; readonly data: Uint8Array } | undefined>;
  readonly delete: (id: PromiseReference) => Promise<void>;
}

export type LogLevel = "stdout" | "stderr" | "trace" | "debug" | "info" | "warn" | "error" | "critical";

/** What an interface works with: one per loaded instance. */
export interface HostContext {
  readonly durable: DurableExecution;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly resources: ResourceTable;
  readonly promises: PromiseAccess;
  /** The worker's facts at this moment. */
  readonly facts: () => WorkerFacts;
  /** Emits a line or chunk of output: event, `log` entry, and for stderr the text that goes with an error. */
  readonly output: (level: LogLevel, context: string, message: string, bytes: Uint8Array) => void;
  /** Aborted when the instance ends: whatever waits stops waiting. */
  readonly signal: AbortSignal;
  /** Resolves after `ms` milliseconds of the clock's time, or when `signal` is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A sleep of at least this long takes the worker out of memory. */
  readonly suspendAfterMs: number;
  /** The worker's files, private to this instance. */
  readonly files: FileSystem;
}

export type HostFunctions = HostInstance["functions"];

export interface HostInterface {
  /** As in WIT, with the version that this host serves: `wasi:clocks/wall-clock@0.2.0`. */
  readonly name: string;
  /** Every recorded function that it uses, for the views of the oplog. */
  readonly durable: readonly AnyDurableFunction[];
  readonly bind: (context: HostContext) => HostInstance;
}

/** What a function that may wait returns: the value itself where it is at hand, which is much cheaper for the guest. */
export type MaybePromise<T> = T | Promise<T>;

/** A function that returns at once. */
export function sync(call: HostFunction["call"]): HostFunction {
  return { kind: "sync", call };
}

/** A function that may wait. It costs thirty times a `sync` one: only where waiting can really happen. */
export function suspending(call: HostFunction["call"]): HostFunction {
  return { kind: "suspending", call };
}

export function resource(drop: (representation: number) => void): HostResource {
  return { kind: "resource", drop };
}
