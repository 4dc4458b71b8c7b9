/** What happens when a timer is due. */
import type { Questions } from "../worker/questions.ts";
import { watchInvocation } from "../worker/handle-watch.ts";
import { awaitedPromise } from "../worker/promise-timer.ts";
import { scheduledInvocation } from "../worker/scheduled-call.ts";
import type { Timer } from "../worker/stores.ts";
import { WorkerError } from "../worker/worker-error.ts";
import type { ExecutorPool } from "./executor-pool.ts";

export interface TimerEffects {
  readonly request: ExecutorPool["request"];
  readonly invoke: (asked: Questions["invoke"]["asked"]) => Promise<unknown>;
  /** A scheduled call that was refused: there is nobody to tell. */
  readonly onRefused: (timer: Timer, error: WorkerError) => void;
}

/** Resolves when its effect is durable. */
export async function runTimer(timer: Timer, { request, invoke, onRefused }: TimerEffects): Promise<void> {
  const { worker, name, dueMs } = timer;
  const invocation = scheduledInvocation(timer) ?? watchInvocation(timer);
  if (invocation === undefined) {
    const cause = awaitedPromise(name) === undefined ? "timer" : "promise";
    await request(worker, { kind: "activate", worker, cause, dueMs });
    return;
  }
  try {
    await invoke(invocation);
  } catch (error) {
    // What is wrong with the call itself stays wrong; other failures are tried again.
    if (!(error instanceof WorkerError) || !isFinal(error)) throw error;
    onRefused(timer, error);
  }
}

function isFinal({ data }: WorkerError): boolean {
  return data.kind !== "golem" || data.error.type !== "Unknown";
}
