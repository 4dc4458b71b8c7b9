/** What a worker's state says of invocations and of its end. */
import type { WorkerState } from "../durability/worker-state.ts";
import { golemError } from "./worker-error.ts";
import type { WorkerError } from "./worker-error.ts";

/** How the worker ended for good; undefined if it didn't. */
export function endOf({ status, lastError }: WorkerState): WorkerError | undefined {
  if (status === "Exited") return golemError({ type: "PreviousInvocationExited" });
  if (status !== "Failed") return undefined;
  return golemError({ type: "PreviousInvocationFailed", details: lastError?.message ?? "unknown" });
}

export function interrupted(): WorkerError {
  return golemError({ type: "Interrupted", recoverImmediately: false });
}

export function cancelled(): WorkerError {
  return golemError({ type: "InvalidRequest", details: "The invocation was cancelled" });
}

export function isRunning({ current }: WorkerState, key: string): boolean {
  return current?.idempotencyKey === key;
}

export function isQueued({ pending }: WorkerState, key: string): boolean {
  return pending.some(({ invocation }) => invocation.tag === "function" && invocation.val.idempotencyKey === key);
}
