/** Runs persistent timers in the order of time, also those that fell due while the server was down. */
import type { Clock } from "../platform/clock.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { Timer, TimerStore } from "./stores.ts";

/** How many due timers are taken at a time, and how many activations may be under way. */
const batchMax = 1000;

/** Node's timers take no more than this. */
const delayMsMax = 2 ** 31 - 1;

/** When to try again what failed: the store was full, or an executor ended. */
const retryDelayMs = 1000;

export interface TimerServiceOptions {
  readonly timers: TimerStore;
  readonly clock: Clock;
  /** Resolves after `ms` of the clock's time or when `signal` is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Resolves when the timer's effect is durable; it is removed then, and not before. */
  readonly run: (timer: Timer) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

function runKey({ worker, name, dueMs }: Timer): string {
  return `${formatWorkerId(worker)} ${name} ${dueMs}`;
}

export class TimerService {
  readonly #options: TimerServiceOptions;
  readonly #running = new Set<string>();
  readonly #toTrigger = new Set<string>();
  #wait = new AbortController();
  #armedForMs = Number.POSITIVE_INFINITY;
  readonly #stop = new AbortController();

  constructor(options: TimerServiceOptions) {
    this.#options = options;
  }

  /** Looks at the store now, and from then on when the earliest timer is due. */
  start(): void {
    this.notify(0);
  }

  /** All timers of this name are due now; tried until the store has it. */
  trigger(name: string): void {
    this.#toTrigger.add(name);
    this.notify(0);
  }

  /** A timer was set for `dueMs`. */
  notify(dueMs: number): void {
    if (this.#stop.signal.aborted || dueMs >= this.#armedForMs) return;
    this.#armedForMs = dueMs;
    this.#wait.abort();
    this.#wait = new AbortController();
    const { signal } = this.#wait;
    const { clock, sleep } = this.#options;
    const delayMs = Math.min(Math.max(dueMs - clock.now(), 0), delayMsMax);
    void sleep(Math.ceil(delayMs), signal).then(async () => {
      if (signal.aborted) return;
      this.#armedForMs = Number.POSITIVE_INFINITY;
      await this.#look().catch((error: unknown) => this.#fail(error));
    });
  }

  /** Removes a timer that has not run; false when there is none, or its effect is under way. */
  async cancel(worker: WorkerId, name: string): Promise<boolean> {
    const { timers } = this.#options;
    const timer = await timers.get(worker, name);
    if (timer === undefined || this.#running.has(runKey(timer))) return false;
    // No look may take it meanwhile.
    this.#running.add(runKey(timer));
    try {
      return await timers.remove(timer);
    } finally {
      this.#running.delete(runKey(timer));
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#wait.abort();
  }

  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#options.onError(error);
    this.notify(this.#options.clock.now() + retryDelayMs);
  }

  async #look(): Promise<void> {
    const { timers, clock } = this.#options;
    // One moment for both questions: what falls due between two would be found by neither.
    const nowMs = clock.now();
    for (const name of this.#toTrigger) {
      await timers.trigger(name, Math.floor(nowMs));
      this.#toTrigger.delete(name);
    }
    const due = await timers.due(nowMs, batchMax + this.#running.size);
    let started = 0;
    for (const timer of due) {
      const key = runKey(timer);
      if (this.#running.has(key)) continue;
      started += 1;
      this.#running.add(key);
      void this.#run(timer, key);
    }
    const next = started > 0 ? nowMs : await timers.next(nowMs);
    if (next !== undefined) this.notify(next);
  }

  async #run(timer: Timer, key: string): Promise<void> {
    try {
      await this.#options.run(timer);
      await this.#options.timers.remove(timer);
      this.#running.delete(key);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.onError(error);
      // It counts as running until it is tried again: no look that others cause may take it at once.
      await this.#options.sleep(retryDelayMs, this.#stop.signal);
      this.#running.delete(key);
      this.notify(this.#options.clock.now());
    }
  }
}
