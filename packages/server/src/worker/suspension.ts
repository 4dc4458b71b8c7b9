/** What wakes a suspended worker is durable before the worker leaves memory. */
import type { SuspendSignal, WakeUps } from "../durability/errors.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { promiseTimer } from "./promise-timer.ts";
import type { WorkerServices } from "./services.ts";
import type { PromiseId, Timer } from "./stores.ts";

/** The timer of a sleeping worker. */
export const sleepTimer = "sleep";

const never = Number.MAX_SAFE_INTEGER;

/**
 * Calls that a suspended worker waits for are lost with the process or thread. When the next one starts it triggers this
 * timer, and the worker makes them again.
 */
export const callsTimer = "calls";

/**
 * Arms the wake-ups. True when what is waited for came meanwhile, so that the worker needn't leave at all. `lastIndex`
 * is where its oplog ends: no two suspensions have the same.
 */
export async function armSuspension(
  worker: WorkerId,
  { wakeUps }: SuspendSignal,
  services: WorkerServices,
  lastIndex: number,
): Promise<boolean> {
  const { atMs, promise, calls = [] } = wakeUps;
  const armed = await Promise.all([
    atMs === undefined ? false : armSleep(worker, atMs, services),
    promise === undefined ? false : armPromise(worker, promise, services),
    calls.length === 0 ? false : armCalls({ worker, name: callsTimer, dueMs: never - lastIndex }, calls, services),
  ]);
  return armed.includes(true);
}

async function armSleep(
  worker: WorkerId,
  dueMs: number,
  { timers, timerSet, clock }: WorkerServices,
): Promise<boolean> {
  await timers.set({ worker, name: sleepTimer, dueMs });
  timerSet(dueMs);
  return clock.now() >= dueMs;
}

async function armPromise(worker: WorkerId, promise: PromiseId, services: WorkerServices): Promise<boolean> {
  const { timers, promises } = services;
  const timer = { worker, name: promiseTimer(promise), dueMs: never };
  await timers.set(timer);
  // A completion before the timer was there could not trigger it; one after it can.
  const state = await promises.get(promise);
  if (state?.kind === "pending") return false;
  await timers.remove(timer);
  return true;
}

async function armCalls(
  timer: Timer,
  calls: NonNullable<WakeUps["calls"]>,
  { timers, wake }: WorkerServices,
): Promise<boolean> {
  await timers.set(timer);
  // The timer stays until the wake is done: should the process end before, the next start finds it.
  const woken = Promise.race(calls.map((call) => call.settled)).then(async () => {
    await wake(timer.worker);
    // By its time it is told from that of the next suspension, which came to rest before this one was done with.
    await timers.remove(timer);
  });
  woken.catch(() => undefined);
  return false;
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
