/**
 * Whose turn it is among the guests that compute for long. What is new or short doesn't wait in it: between any two turns
 * the thread deals with all that has arrived meanwhile, which is why one turn is given out at a time. Those that have run
 * for long share what is left: each gets turns by its weight, which falls with the time that its call has taken.
 */

/** A guest's call as the queue knows it. */
export interface Runner {
  /** Milliseconds that its call has run so far. */
  ranMs: number;
  /** The time that it has had, by its weight; the one with the least is next. */
  virtualMs: number;
}

export function newRunner(): Runner {
  return { ranMs: 0, virtualMs: 0 };
}

/**
 * The longest slice while others are about: what they wait for comes in several messages, and each may meet a slice. So
 * long after the last request of theirs the thread counts as the runners' own again.
 */
const sharedSliceMs = 1;
const aboutMs = 50;

interface Waiting {
  readonly runner: Runner;
  readonly resolve: () => void;
}

/** Calls that haven't run for so many milliseconds have that weight. */
const weights: readonly { readonly ranMs: number; readonly weight: number }[] = [
  { ranMs: 50, weight: 16 },
  { ranMs: 1000, weight: 4 },
  { ranMs: Number.POSITIVE_INFINITY, weight: 1 },
];

function weightOf({ ranMs }: Runner): number {
  return weights.find((each) => ranMs < each.ranMs)?.weight ?? 1;
}

export class RunQueue {
  readonly #yieldTurn: () => Promise<void>;
  readonly #waiting = new Set<Waiting>();
  /** The virtual time of the runner whose turn came last: who comes anew starts there, so that nobody catches up. */
  #virtualMs = 0;
  #giving = false;
  readonly #now: () => number;
  /** When a request came last. */
  #requestedMs = Number.NEGATIVE_INFINITY;

  /** `yieldTurn` lets timers and I/O of the thread have their turn; `now` is the time in milliseconds. */
  constructor(yieldTurn: () => Promise<void>, now: () => number) {
    this.#yieldTurn = yieldTurn;
    this.#now = now;
  }

  /** A request came, or was answered. */
  requested(): void {
    this.#requestedMs = this.#now();
  }

  /** How long a runner may run at a time, where it may for `sliceMs` at most. */
  sliceMs(sliceMs: number): number {
    const shared = this.#now() - this.#requestedMs < aboutMs;
    return shared ? Math.min(sliceMs, sharedSliceMs) : sliceMs;
  }

  /** Those that wait for their turn. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is the runner's turn; it has run for `sliceMs` since the last one. */
  turn(runner: Runner, sliceMs: number): Promise<void> {
    runner.virtualMs = Math.max(runner.virtualMs, this.#virtualMs) + sliceMs / weightOf(runner);
    runner.ranMs += sliceMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add({ runner, resolve });
    if (!this.#giving) void this.#give();
    return promise;
  }

  async #give(): Promise<void> {
    this.#giving = true;
    while (this.#waiting.size > 0) {
      await this.#yieldTurn();
      const next = this.#next();
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#virtualMs = Math.max(this.#virtualMs, next.runner.virtualMs);
      next.resolve();
    }
    this.#giving = false;
  }

  #next(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (next === undefined || waiting.runner.virtualMs < next.runner.virtualMs) next = waiting;
    }
    return next;
  }
}
