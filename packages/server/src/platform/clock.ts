/** The clock that everything reads, so that tests can simulate time. */
import { performance } from "node:perf_hooks";

export interface Clock {
  /** Milliseconds since the epoch with a fraction, never going back within a process. */
  readonly now: () => number;
}

/** Where the system's clock gets its time from: the time of day, and one that only counts on, in finer steps. */
export interface ClockSources {
  readonly wall: () => number;
  readonly steady: () => number;
}

const systemSources: ClockSources = { wall: () => Date.now(), steady: () => performance.now() };

/** How often the steady clock is compared with the time of day, and by how much they may differ. */
const correctionMs = 50;
const driftMsMax = 50;

/**
 * Reads the system's clock. Steps of the time of day are followed, since instants must mean the same after a restart:
 * forward at once, back at half the speed of time. Time that stood still would stop whoever waits or counts slices.
 */
export function systemClock({ wall, steady }: ClockSources = systemSources): Clock {
  let correctedAt = steady();
  let offset = wall() - correctedAt;
  let last = 0;
  return {
    now: () => {
      const elapsed = steady();
      const since = elapsed - correctedAt;
      if (since > correctionMs) {
        correctedAt = elapsed;
        const drift = wall() - (elapsed + offset);
        if (drift > driftMsMax) offset += drift;
        else if (drift < -driftMsMax) offset -= Math.min(-drift, since / 2);
      }
      last = Math.max(last, elapsed + offset);
      return last;
    },
  };
}
