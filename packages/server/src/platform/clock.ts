/** The clock that everything reads, so that tests can simulate time. */
export interface Clock {
  /** Milliseconds since the epoch with a fraction, never going back within a process. */
  readonly now: () => number;
}

/** Reads the system's clock. `performance.now` has finer steps than `Date.now`; its drift is corrected every second. */
export function systemClock(): Clock {
  let offset = Date.now() - performance.now();
  let correctedAt = performance.now();
  let last = 0;
  return {
    now: () => {
      const elapsed = performance.now();
      if (elapsed - correctedAt > 1000) {
        correctedAt = elapsed;
        const drift = Date.now() - (elapsed + offset);
        // Steps of the system clock are followed; below that the finer clock is the better one.
        if (Math.abs(drift) > 50) offset += drift;
      }
      last = Math.max(last, elapsed + offset);
      return last;
    },
  };
}
