/** The one shape that every host interface has, and what it may use. */
import type { HostFunction, HostResource } from "@emet/component";
import type { AnyDurableFunction } from "../durability/durable-function.ts";
import type { Before, DurableExecution } from "../durability/durable-execution.ts";
import type { EntryKind, RetryPolicy, TraceParent } from "../durability/oplog/entry-types.ts";
import type { PayloadSource } from "../durability/oplog/decode-entry.ts";
import type { Signature } from "../durability/oplog/shown-entry.ts";
import type { OplogStore } from "../durability/oplog-store.ts";
import type { WorkerDetail } from "../durability/row.ts";
import type { WorkerRow, WorkerStatus } from "../durability/worker-row.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { Databases } from "../platform/databases/database.ts";
import type { HttpClient } from "../platform/http/http-client.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { Trace } from "./golem-api/trace.ts";
import type { WitValue } from "./golem-rpc/wit-value.ts";
import type { ResourceTable } from "./resource-table.ts";
import type { ClientConnection } from "./wasi-http/client-connection.ts";
import type { Result } from "./results.ts";
import type { ObjectAccess } from "../durability/object-store.ts";
import type { KeyValueAccess } from "../durability/key-value-store.ts";
import type { FileSystem } from "./wasi-filesystem/file-system.ts";
import type { WorkerSockets } from "./wasi-sockets/worker-sockets.ts";

/** What a worker tells of itself; `get-self-metadata` and the environment are made from it. */
export interface WorkerFacts {
  readonly id: WorkerId;
  readonly args: readonly string[];
  /** As given at creation. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** As given at creation. */
  readonly config: readonly (readonly [key: string, value: string])[];
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

/** What a worker inherits from the one whose call creates it. */
export interface Creator {
  readonly args: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly parent: WorkerId;
  /** The plugin installation that the new worker takes in oplogs for. */
  readonly processes?: string;
}

export interface RemoteCall {
  readonly worker: WorkerId;
  readonly functionName: string;
  readonly parameters: readonly WitValue[];
  /** The other side runs the function once for it, however often it is called. */
  readonly idempotencyKey: string;
  /** The span that the call is made in. */
  readonly trace: TraceParent | undefined;
}

/** golem:rpc's rpc-error. */
export interface RpcError {
  readonly tag: "protocol-error" | "denied" | "not-found" | "remote-internal-error";
  readonly val: string;
}

/** A call that was made. */
export interface PendingCall {
  /** Undefined while it runs. */
  readonly result: Result<WitValue, RpcError> | undefined;
  readonly settled: Promise<void>;
}

/** Calls of other workers. */
export interface RpcAccess {
  /** Nothing of the call becomes durable before `before`. With `blocks` the caller does nothing until it has come back. */
  readonly invokeAndAwait: (call: RemoteCall, before: Before, blocks: boolean) => PendingCall;
  /** Resolves when the call is accepted, durably. */
  readonly invoke: (call: RemoteCall, before: Before) => Promise<Result<undefined, RpcError>>;
  /** The call is made at `dueMs`, milliseconds since the epoch; resolves when that is certain. */
  readonly schedule: (call: RemoteCall, dueMs: number) => Promise<void>;
  /** Takes back what was scheduled with this key; too late, it changes nothing. */
  readonly cancel: (call: Pick<RemoteCall, "worker" | "idempotencyKey">, dueMs: number) => Promise<void>;
  /** The id of the component with this name. */
  readonly component: (name: string) => Promise<string | undefined>;
}

/** Other workers, as what they are and not as what they can be called for. */
export interface WorkersAccess {
  /** As of now; undefined when there is no such worker. */
  readonly get: (worker: WorkerId) => Promise<{ readonly row: WorkerRow; readonly detail: WorkerDetail } | undefined>;
  readonly list: WorkerIndex["list"];
  /** Entries from `index` on, as they are stored; none behind the end. */
  readonly readOplog: (worker: WorkerId, index: number, bytesMax: number) => ReturnType<OplogStore["read"]>;
  /** Lets others on the thread have their turn. */
  readonly pause: () => Promise<void>;
  /** Fetches what was too large for its record. */
  readonly payload: PayloadSource;
  /** The types of an exported function; undefined when the version has no such function. */
  readonly signature: (componentId: string, version: number, functionName: string) => Promise<Signature | undefined>;
  /**
   * Resolves when the wish is durable. An `operation` that was carried out isn't again. These three reject with an error
   * whose message says what is wrong.
   */
  readonly update: (
    worker: WorkerId,
    targetVersion: number,
    mode: "automatic" | "snapshot-based",
    operation: string | undefined,
  ) => Promise<void>;
  readonly revert: (
    worker: WorkerId,
    target:
      | { readonly kind: "oplog-index"; readonly index: number }
      | { readonly kind: "last-invocations"; readonly count: number },
    operation: string | undefined,
  ) => Promise<void>;
  readonly fork: (fork: {
    readonly source: WorkerId;
    /** The copy, which must not exist, unless an attempt that is `repeated` came so far. */
    readonly target: WorkerId;
    readonly cutOff: number;
    readonly repeated: boolean;
    /** The worker forks itself, by a call of this batch. */
    readonly self?: { readonly newName: string; readonly beginIndex: number };
  }) => Promise<void>;
}

export type LogLevel = "stdout" | "stderr" | "trace" | "debug" | "info" | "warn" | "error" | "critical";

/** What an interface works with: one per loaded instance. */
export interface HostContext {
  readonly durable: DurableExecution;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly http: HttpClient;
  /** Relational databases. */
  readonly databases: Databases;
  readonly sockets: WorkerSockets;
  /** That of the client whose HTTP request the current invocation handles. */
  readonly connection: () => ClientConnection | undefined;
  readonly resources: ResourceTable;
  readonly promises: PromiseAccess;
  /** Shared by all workers. */
  readonly keyValues: KeyValueAccess;
  /** Shared by all workers. */
  readonly objects: ObjectAccess;
  readonly rpc: RpcAccess;
  readonly trace: Trace;
  readonly workers: WorkersAccess;
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
  /**
   * The guest waits for something that wakes the worker when it has left memory. `leave` is called when others need the
   * room; what is returned is to be called when it waits no more.
   */
  readonly whileWaiting: (leave: () => void) => () => void;
  /** The worker's files, private to this instance. */
  readonly files: FileSystem;
  /** The same, undefined as long as nobody has asked for them. */
  readonly usedFiles: FileSystem | undefined;
}

/** What `generated/` has of each interface of `packages/sdk/wit`. */
export interface WitInterface {
  readonly name: string;
  readonly functions: { readonly [name: string]: (...parameters: never[]) => unknown };
  /** Names of the resources that the interface defines. */
  readonly resources: string;
}

type ImplementationOf<WitFunction> = WitFunction extends (...parameters: infer Parameters) => infer Result
  ? | { readonly kind: "sync"; readonly call: (...parameters: Parameters) => Result }
    | { readonly kind: "suspending"; readonly call: (...parameters: Parameters) => MaybePromise<Result> }
  : never;

/** A table of functions, or of the named ones only, that is checked against WIT: complete, and each of the right type. */
export type FunctionsOf<Wit extends WitInterface, Name extends keyof Wit["functions"] = keyof Wit["functions"]> = {
  readonly [Each in Name]: ImplementationOf<Wit["functions"][Each]>;
};

/** The functions of some of the resources of an interface. */
export type ResourceFunctions<Wit extends WitInterface, Resource extends Wit["resources"]> = FunctionsOf<
  Wit,
  Extract<keyof Wit["functions"], `[${string}]${Resource}` | `[${string}]${Resource}.${string}`>
>;

/** What a call leaves in the oplog: the record of a durable function, or an entry of a kind of its own. */
export type Recorded = AnyDurableFunction | EntryKind;

/** What each function records; a function may record several things. */
export type RecordsOf<Wit extends WitInterface> = {
  readonly [Name in keyof Wit["functions"]]?: Recorded | readonly Recorded[];
};

/** The type argument is the interface's type in `generated/`; a change in WIT then fails to compile. */
export interface HostInterface<Wit extends WitInterface = WitInterface> {
  /** As in WIT, with the version that this host serves: `wasi:clocks/wall-clock@0.2.0`. */
  readonly name: Wit["name"];
  /** What its functions record, for the views of the oplog; those that are not named run again at replay. */
  readonly durable: RecordsOf<Wit>;
  /** `importName` is the name with the version that the component was built with. */
  readonly bind: (
    context: HostContext,
    importName: string,
  ) => {
    readonly functions: FunctionsOf<Wit>;
    readonly resources: { readonly [Name in Wit["resources"]]: HostResource };
  };
}

/** What a function that may wait returns: the value itself where it is at hand, which is much cheaper for the guest. */
export type MaybePromise<T> = T | Promise<T>;

/** A function that returns at once. */
export function sync<Call extends HostFunction["call"]>(call: Call): { readonly kind: "sync"; readonly call: Call } {
  return { kind: "sync", call };
}

/** A function that may wait. It costs thirty times a `sync` one: only where waiting can really happen. */
export function suspending<Call extends HostFunction["call"]>(
  call: Call,
): { readonly kind: "suspending"; readonly call: Call } {
  return { kind: "suspending", call };
}

export function resource(drop: (representation: number) => void): HostResource {
  return { kind: "resource", drop };
}
