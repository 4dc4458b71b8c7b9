/** Random choices that a seed repeats (mulberry32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.integer(0, items.length - 1)] ?? items[0];
  }

  /** The same of items that may be none, which is an error. */
  pickAny<T>(items: readonly T[]): T {
    const [first, ...rest] = items;
    if (first === undefined) throw new RangeError("there is nothing to choose from");
    return this.pick([first, ...rest]);
  }
}

/** What continuous integration uses, so that a change is judged by what it changed. */
const integrationSeed = 20_261_122;

/** The seed of this run: given in `EMET_SEED`, or new; in continuous integration always the same. Suites print it. */
export function seedOfRun(): number {
  const { EMET_SEED: given, CI: integration } = process.env;
  if (given !== undefined) return Number(given);
  return integration === undefined ? (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) : integrationSeed;
}
