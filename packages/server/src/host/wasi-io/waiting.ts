/** Waiting for pollables: in memory, or out of it where everything waited for can be armed durably. */
import { SuspendSignal } from "../../durability/errors.ts";
import type { WakeUps } from "../../durability/errors.ts";
import type { HostContext } from "../interface.ts";
import type { Pollable } from "./pollable.ts";

/** Leaving memory for less than this makes more work than it saves room. */
const leavingMsMin = 200;

/** Together; undefined when one of them would be lost with the instance. */
function wakeUpsOf(pollables: readonly Pollable[]): WakeUps | undefined {
  let atMs: number | undefined;
  const calls: { readonly settled: Promise<void> }[] = [];
  for (const { wakeUps } of pollables) {
    if (wakeUps === undefined) return undefined;
    if (wakeUps.atMs !== undefined) atMs = Math.min(atMs ?? wakeUps.atMs, wakeUps.atMs);
    if (wakeUps.calls !== undefined) calls.push(...wakeUps.calls);
  }
  return { atMs, calls };
}

/**
 * Resolves when one of them is ready. Throws `SuspendSignal` when it will be long until then: the nearest timer is
 * known to be far, and a call is not expected to end soon when it hasn't for as long.
 */
export async function waitUntilReady(context: HostContext, pollables: readonly Pollable[]): Promise<void> {
  const { clock, suspendAfterMs, durable, sleep } = context;
  const startMs = clock.now();
  const isReady = (pollable: Pollable): boolean => pollable.ready();
  while (!pollables.some(isReady)) {
    const wakeUps = wakeUpsOf(pollables);
    const patienceMs = (wakeUps?.calls?.length ?? 0) > 0 ? startMs + suspendAfterMs - clock.now() : 0;
    const farAway = (wakeUps?.atMs ?? Number.POSITIVE_INFINITY) - clock.now() >= suspendAfterMs;
    if (wakeUps !== undefined && farAway && patienceMs <= 0) throw new SuspendSignal(wakeUps);
    // While it waits it must be able to vanish without losing what led here.
    await durable.commit();
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, context.signal]);
    const waits = pollables.map((pollable) => pollable.wait(signal));
    if (wakeUps !== undefined && farAway) waits.push(sleep(patienceMs, signal));
    const left = Promise.withResolvers<void>();
    const soon = (wakeUps?.atMs ?? Number.POSITIVE_INFINITY) - clock.now() < leavingMsMin;
    let leaves = false;
    const leave = (): void => {
      leaves = true;
      left.resolve();
    };
    const waited = wakeUps === undefined || soon ? undefined : context.whileWaiting(leave);
    try {
      await Promise.race([...waits, left.promise]);
    } finally {
      waited?.();
      settled.abort();
    }
    context.signal.throwIfAborted();
    if (leaves && wakeUps !== undefined) throw new SuspendSignal(wakeUps);
  }
}
