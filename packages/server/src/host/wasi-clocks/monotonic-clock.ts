import { u64, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WasiClocksMonotonicClock } from "../generated/wasi-clocks/monotonic-clock.ts";
import type { HostInterface } from "../interface.ts";
import { sync } from "../interface.ts";
import { TimerPollable } from "../wasi-io/pollable.ts";

const now = durableFunction({ name: "monotonic_clock::now", class: "local-read", request: unit, response: u64 });
const resolution = durableFunction({ ...now, name: "monotonic_clock::resolution" });
const subscribeDuration = durableFunction({ ...now, name: "monotonic_clock::subscribe_duration" });

function toNanoseconds(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6));
}

/**
 * wasi:clocks/monotonic-clock. An instant is nanoseconds since the epoch, so that it keeps its meaning across restarts
 * and machines. `subscribe-duration` records the time from which it counts, and `poll` commits before it waits: the
 * deadline stays the same whatever happens (spec/host-interfaces.md §14).
 */
export const monotonicClock: HostInterface<WasiClocksMonotonicClock> = {
  name: "wasi:clocks/monotonic-clock@0.2.0",
  durable: { now, resolution, "subscribe-duration": subscribeDuration },
  bind: (context) => {
    const { durable, clock, resources } = context;
    const readNow = (): bigint => toNanoseconds(clock.now());
    const readResolution = (): bigint => 1000n;
    const subscribeInstant = (instant: bigint): number =>
      resources.add(new TimerPollable(context, Number(instant) / 1e6));
    return {
      functions: {
        now: sync(() => durable.call(now, [], readNow)),
        resolution: sync(() => durable.call(resolution, [], readResolution)),
        "subscribe-instant": sync(subscribeInstant),
        "subscribe-duration": sync((duration: bigint) =>
          subscribeInstant(durable.call(subscribeDuration, [], readNow) + duration),
        ),
      },
      resources: {},
    };
  },
};
