/** Everything that crosses between the main thread and an executor thread; all of it structured-cloneable. */
import type { DryRunResult } from "@emet/contract";
import type { Caller, TraceParent } from "../durability/oplog/entry-types.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { Creator } from "../host/interface.ts";
import type { WorkerEvent } from "./events.ts";
import type { HttpRequestPart, HttpResponsePart } from "./http-parts.ts";
import type { LoadReport } from "./executor-load.ts";
import type { InvocationInput, InvocationOutput } from "./invocation-form.ts";
import type { OplogQuestion } from "./oplog-pages.ts";
import type { Question } from "./questions.ts";
import type { ShardsReleased } from "./shard-release.ts";
import type { PromiseId } from "./stores.ts";
import type { FileAnswer, FileQuestion } from "./worker-files.ts";
import type { WakeCause } from "./worker-host.ts";
import type { RevertTarget } from "./revert.ts";
import type { UpdateWish } from "./version-change.ts";
import type { WorkerErrorData } from "./worker-error.ts";

/** An invocation of a worker. */
export interface InvokeCommand {
  readonly kind: "invoke";
  readonly worker: WorkerId;
  /** The version that a worker created by this call gets. */
  readonly latestVersion: number;
  readonly functionName: string;
  readonly input: InvocationInput;
  readonly idempotencyKey: string;
  /** Whether the reply waits for the result or for the acceptance. */
  readonly awaitResult: boolean;
  /** Number of the HTTP request that it answers: parts of both messages cross while it runs. */
  readonly exchange?: number;
  /** What a worker created by this call gets from the one that calls. */
  readonly creator?: Creator;
  /** The span that it is made in. */
  readonly trace?: TraceParent | undefined;
  /** The workers that wait for it. */
  readonly callers?: readonly Caller[] | undefined;
}

export interface UpdateCommand extends UpdateWish {
  readonly kind: "update";
  readonly worker: WorkerId;
}

export interface RevertCommand {
  readonly kind: "revert";
  readonly worker: WorkerId;
  readonly target: RevertTarget;
  readonly operation?: string | undefined;
}

export interface ForkCommand {
  readonly kind: "fork";
  /** The copy, which must not exist. */
  readonly worker: WorkerId;
  readonly source: WorkerId;
  /** The last entry that is copied; everything that is durable without. */
  readonly cutOff: number | undefined;
  /** The copy exists already if an earlier attempt came so far. */
  readonly repeated: boolean;
  /** The source forks itself, by a call that belongs to this batch. */
  readonly self?: { readonly newName: string; readonly beginIndex: number } | undefined;
}

/** What the main thread asks of an executor; each is answered by one `Reply` with the same `call`. */
export type Request =
  | InvokeCommand
  | UpdateCommand
  | RevertCommand
  | ForkCommand
  | {
      readonly kind: "create";
      readonly worker: WorkerId;
      readonly latestVersion: number;
      readonly args: readonly string[];
      readonly env: readonly (readonly [string, string])[];
      /** What wasi:config gives. */
      readonly config?: readonly (readonly [string, string])[];
    }
  /** Loads the worker if it has anything to go on with; answered when it came to rest again. */
  | {
      readonly kind: "activate";
      readonly worker: WorkerId;
      readonly cause: WakeCause;
      /** The timer's time: clocks of threads differ, and one that is behind must not find the worker still asleep. */
      readonly dueMs?: number;
    }
  /** Activates the worker after a start; answered when it has been opened and goes on by itself. */
  | { readonly kind: "recover"; readonly worker: WorkerId }
  | { readonly kind: "interrupt"; readonly worker: WorkerId; readonly recoverImmediately: boolean }
  | { readonly kind: "resume"; readonly worker: WorkerId }
  /** Takes an invocation out of the queue; answered with whether it never runs. */
  | { readonly kind: "cancel"; readonly worker: WorkerId; readonly idempotencyKey: string }
  | { readonly kind: "delete"; readonly worker: WorkerId }
  /** Deletes the worker if it is ephemeral and has done nothing since `beforeMs`. */
  | { readonly kind: "retire"; readonly worker: WorkerId; readonly beforeMs: number }
  /** Switches a plugin that the worker's component has installed on or off. */
  | {
      readonly kind: "switch-plugin";
      readonly worker: WorkerId;
      readonly installationId: string;
      readonly active: boolean;
    }
  /** Its plugins may not have got all of its oplog; answered at once. */
  | { readonly kind: "deliver"; readonly worker: WorkerId }
  | {
      readonly kind: "read-files";
      readonly worker: WorkerId;
      /** The version that a worker created by this gets. */
      readonly latestVersion: number;
      readonly question: FileQuestion;
      readonly path: string;
    }
  /** What an automatic update would come to. */
  | { readonly kind: "dry-run"; readonly worker: WorkerId; readonly targetVersion: number }
  /** Answered with the JSON text of a page. */
  | { readonly kind: "read-oplog"; readonly worker: WorkerId; readonly question: OplogQuestion }
  | { readonly kind: "complete-promise"; readonly promise: PromiseId; readonly data: Uint8Array }
  | { readonly kind: "connect"; readonly worker: WorkerId; readonly subscription: number }
  | { readonly kind: "disconnect"; readonly worker: WorkerId; readonly subscription: number }
  /** Gives away those of these shards that can leave within the time; none of them is asked for meanwhile. */
  | { readonly kind: "release-shards"; readonly shards: readonly number[]; readonly withinMs: number }
  /** The executor owns them from here on, in that epoch. */
  | { readonly kind: "own-shards"; readonly shards: readonly number[]; readonly epoch: number }
  /** What it has to do. */
  | { readonly kind: "load" }
  /** Its part of what all executors may have in memory. Answered with whether it takes it; a larger one it always does. */
  | { readonly kind: "share"; readonly share: number }
  /** Answered when nothing acknowledged is unfinished; no request follows. */
  | { readonly kind: "stop" }
  /** Answered at once: the thread is alive. */
  | { readonly kind: "ping" }
  | { readonly kind: "metrics" };

/** The result for `invoke` with `awaitResult`; whether a promise was completed or an invocation cancelled; JSON text; files; numbers for `metrics`; what else the kind says; or nothing. */
export type ReplyValue =
  | InvocationOutput
  | DryRunResult
  | FileAnswer
  | boolean
  | MetricFamilies
  | ShardsReleased
  | LoadReport
  | undefined;

/** What an executor holds at the moment. */
export interface ExecutorGauges {
  readonly loadedWorkers: number;
  /** Those of them that run or wait. */
  readonly runningWorkers: number;
  /** Those that wait to be loaded. */
  readonly waitingWorkers: number;
  readonly knownWorkers: number;
  readonly linearMemoryBytes: number;
  /** All that is counted of loaded workers. */
  readonly loadedBytes: number;
  /** Of the kernel. */
  readonly mappings: number;
}

export type MainToExecutor =
  | { readonly kind: "request"; readonly call: number; readonly request: Request }
  /** Nobody waits for the answer to that request any more; it may end without one. */
  | { readonly kind: "abandon"; readonly call: number }
  | { readonly kind: "http"; readonly exchange: number; readonly part: HttpRequestPart }
  /** To a question, with its `call`. */
  | { readonly kind: "answer"; readonly call: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly call: number; readonly error: WorkerErrorData };

export type ExecutorToMain =
  | { readonly kind: "ready" }
  | { readonly kind: "reply"; readonly call: number; readonly value: ReplyValue }
  | { readonly kind: "error"; readonly call: number; readonly error: WorkerErrorData }
  /** The worker's shard has left this executor: the call has had no effect that repeating it would double. */
  | { readonly kind: "moved"; readonly call: number }
  | { readonly kind: "http"; readonly exchange: number; readonly part: HttpResponsePart }
  | { readonly kind: "event"; readonly subscription: number; readonly event: WorkerEvent }
  | { readonly kind: "question"; readonly call: number; readonly question: Question }
  /** A timer was set or triggered: the scheduler must look again. */
  | { readonly kind: "timer-set"; readonly dueMs: number }
  /** The store refused for good: the process can't keep its promises any more. */
  | { readonly kind: "fatal"; readonly message: string };
