import * as monotonicClock from "wasi:clocks/monotonic-clock@0.2.0";
import * as wallClock from "wasi:clocks/wall-clock@0.2.0";
import { poll } from "wasi:io/poll@0.2.0";

const seen = [];

function look() {
  const { seconds, nanoseconds } = wallClock.now();
  seen.push(monotonicClock.now(), seconds * 1_000_000_000n + BigInt(nanoseconds));
}

export function sleep(times, ms) {
  for (let time = 0; time < times; time++) {
    look();
    monotonicClock.subscribeDuration(BigInt(ms) * 1_000_000n).block();
    look();
  }
  return times;
}

export function agree() {
  const start = monotonicClock.now();
  const late = monotonicClock.subscribeInstant(start + 60_000_000n);
  const soon = monotonicClock.subscribeDuration(10_000_000n);
  const never = monotonicClock.subscribeDuration(3_600_000_000_000n);
  const first = poll([late, soon, never]);
  late.block();
  const end = monotonicClock.now();
  look();
  return (
    first.includes(1) &&
    late.ready() &&
    !never.ready() &&
    end - start >= 60_000_000n &&
    monotonicClock.resolution() > 0n &&
    wallClock.resolution().nanoseconds > 0
  );
}

export function observe() {
  return BigUint64Array.from(seen);
}
