/** What wakes a suspended worker is durable before the worker leaves memory. */
import type { SuspendSignal } from "../durability/errors.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { WorkerServices } from "./services.ts";
import type { PromiseId } from "./stores.ts";

/** The timer of a sleeping worker. */
const sleepTimer = "sleep";

/** A timer that never comes due by itself: completing the promise triggers it. */
export function promiseTimer(promise: PromiseId): string {
  return `promise:${formatWorkerId(promise.worker)}/${promise.oplogIndex}`;
}

const never = Number.MAX_SAFE_INTEGER;

/** Arms the wake-up. True when what is waited for came meanwhile, so that the worker needn't leave at all. */
export async function armSuspension(
  worker: WorkerId,
  signal: SuspendSignal,
  services: WorkerServices,
): Promise<boolean> {
  const { timers, promises, clock, timerSet } = services;
  if (signal.wakeAtMs !== undefined) {
    await timers.set({ worker, name: sleepTimer, dueMs: signal.wakeAtMs });
    timerSet(signal.wakeAtMs);
    return clock.now() >= signal.wakeAtMs;
  }
  if (signal.promise === undefined) return false;
  const timer = { worker, name: promiseTimer(signal.promise), dueMs: never };
  await timers.set(timer);
  // A completion before the timer was there could not trigger it; one after it can.
  const state = await promises.get(signal.promise);
  if (state?.kind === "pending") return false;
  await timers.remove(timer);
  return true;
}

/** Completes a promise and makes all who wait for it due, in one durable step. */
export async function completePromise(
  promise: PromiseId,
  data: Uint8Array,
  services: WorkerServices,
): Promise<boolean | undefined> {
  const { promises, timers, clock, timerSet } = services;
  const dueMs = Math.floor(clock.now());
  // Sent together, and triggered even when it was completed before: should a crash part them, repeating it mends that.
  const [completed, triggered] = await Promise.all([
    promises.complete(promise, data),
    timers.trigger(promiseTimer(promise), dueMs),
  ]);
  if (triggered > 0) timerSet(dueMs);
  return completed;
}
