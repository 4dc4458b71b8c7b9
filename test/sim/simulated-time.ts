/** Time that stands still until the simulation moves it. */
import type { Clock } from "../../packages/server/src/platform/clock.ts";

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Who waits as long as a timer can is not waiting for time. */
const endlessMs = 2 ** 31 - 1;

export class SimulatedTime {
  #nowMs = Date.UTC(2026, 0, 1);
  #sleepers = new Set<Sleeper>();

  readonly clock: Clock = { now: () => this.#nowMs };

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.resolve();
    if (ms >= endlessMs) return new Promise(() => undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { atMs: this.#nowMs + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", () => {
      this.#sleepers.delete(sleeper);
      resolve();
    });
    return promise;
  };

  /** Moves to the moment for which the next one sleeps; false when nobody sleeps. */
  advance(): boolean {
    const next = Math.min(...Array.from(this.#sleepers, (sleeper) => sleeper.atMs));
    if (next === Number.POSITIVE_INFINITY) return false;
    this.#nowMs = Math.max(this.#nowMs, next);
    for (const sleeper of this.#sleepers) {
      if (sleeper.atMs > this.#nowMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    return true;
  }

  /** The process has ended: nobody sleeps any more. */
  forgetSleepers(): void {
    this.#sleepers = new Set();
  }
}
