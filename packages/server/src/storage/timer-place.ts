/** Where timers lie: beside what makes them due, so that both change in one transaction. */
import { isWatchTimer } from "../durability/watch-event.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { awaitedPromise } from "../worker/promise-timer.ts";

/**
 * One that waits for a promise lies in the partition of that promise: its completion and the wake-up of who waits, which
 * are handed over together, must not be parted by a crash, and a look at the promise that follows the setting of the
 * timer must not miss what the completion didn't find. One that tells of a change in the key-value store is set by that
 * change, in the first partition. All others lie with their worker.
 */
export function timerPlace<W extends WorkerId | undefined>(worker: W, name: string): WorkerId | W | "first" {
  if (isWatchTimer(name)) return "first";
  return awaitedPromise(name)?.worker ?? worker;
}
