/** The timer of a worker that waits for a promise. It never comes due by itself: completing the promise triggers it. */
import { formatWorkerId, parseWorkerId } from "../platform/worker-id.ts";
import type { PromiseId } from "./stores.ts";

const prefix = "promise:";

export function promiseTimer(promise: PromiseId): string {
  return `${prefix}${formatWorkerId(promise.worker)}/${promise.oplogIndex}`;
}

/** Which promise the timer of this name waits for; undefined for timers of other things. */
export function awaitedPromise(timerName: string): PromiseId | undefined {
  if (!timerName.startsWith(prefix)) return undefined;
  const end = timerName.lastIndexOf("/");
  const worker = parseWorkerId(timerName.slice(prefix.length, end));
  return { worker, oplogIndex: Number(timerName.slice(end + 1)) };
}
