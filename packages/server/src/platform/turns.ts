/** Lets only so many of a kind of work run at a time; the others wait, in order, until they are called or given up. */
export class Turns {
  readonly #max: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Rejects with the signal's reason when it aborts before the work has begun. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#running >= this.#max) await this.#turn(signal);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      // Whoever is next takes the place over: nobody who comes meanwhile can.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const begin = (): void => {
      this.#waiting.delete(begin);
      signal?.removeEventListener("abort", giveUp);
      resolve();
    };
    const giveUp = (): void => {
      this.#waiting.delete(begin);
      reject(signal?.reason as Error);
    };
    this.#waiting.add(begin);
    signal?.addEventListener("abort", giveUp, { once: true });
    await promise;
  }
}
