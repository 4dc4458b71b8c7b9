/** What a worker is asked, and what it asks of the executor that holds it. */
import type { Caller, TraceParent } from "../durability/oplog/entry-types.ts";
import type { ClientConnection } from "../host/wasi-http/client-connection.ts";
import type { InvocationInput } from "./invocation-form.ts";
import type { Admission } from "./loaded-workers.ts";
import type { Worker } from "./worker.ts";

/** An invocation that was accepted. */
export interface AcceptedInvocation {
  readonly functionName: string;
  readonly idempotencyKey: string;
  readonly request: Uint8Array;
  readonly trace: TraceParent | undefined;
  readonly callers: readonly Caller[] | undefined;
  /** The version by whose types the request is encoded. */
  readonly version: number;
}

/** Why a worker is activated: its time has come, its promise was completed, or the server started. */
export type WakeCause = "timer" | "promise" | "recovery";

export interface InvokeOptions {
  readonly functionName: string;
  readonly input: InvocationInput;
  /** Where an HTTP request came from. */
  readonly connection?: ClientConnection;
  readonly idempotencyKey: string;
  readonly awaitResult: boolean;
  readonly trace?: TraceParent | undefined;
  /** Who waits for it, as far as workers do. */
  readonly callers?: readonly Caller[] | undefined;
}

/** What a worker asks of the executor that holds it. */
export interface WorkerHost {
  /** Resolves when the worker may be loaded; `loadEnded` follows. */
  readonly admit: (admission: Admission) => Promise<void>;
  readonly loadEnded: (worker: Worker, admission: Admission) => void;
  /** The worker has something to do. */
  readonly begins: (worker: Worker) => void;
  readonly unloaded: (worker: Worker) => void;
  /** The guest had its turn: its memory may have grown. */
  readonly measured: (worker: Worker) => void;
  /**
   * It waits for something that wakes it when it has left memory, and `leave` makes it leave. What is returned is to be
   * called when it waits no more.
   */
  readonly waits: (worker: Worker, leave: () => void) => () => void;
  /** The worker has nothing more to do for now. */
  readonly atRest: (worker: Worker) => void;
  /** The store refused: this object has ended, and only a new one, read from the store, can go on. */
  readonly abandoned: (worker: Worker, reason: unknown) => void;
}

/** Thrown into a run whose result nobody may use any more: the worker was deleted, evicted, or its executor stops. */
export class UnloadSignal extends Error {
  override readonly name = "UnloadSignal";
}
