/**
 * A hash table of entries that are numbers only: a key's hash of 128 bits and two words of what it stands for. Entries lie
 * one after the other in the order in which they came.
 */

import { getRandomValues } from "node:crypto";

/** Words whose sign has no meaning. */
export type KeyHash = readonly [number, number, number, number];

/** A table as plain data. Without places it takes a moment to be made of it. */
export interface SavedTable {
  /** Six words each: four of the hash, and the two others. */
  readonly entries: Uint32Array;
  readonly places: Uint32Array;
  /** Of the places. */
  readonly seed: number;
}

export const entryWords = 6;
const [lowWord, highWord] = [4, 5];
const leastEntries = 6;

/** Whoever chooses keys must not know which of them come to one place. */
const [processSeed = 0] = getRandomValues(new Uint32Array(1));

/**
 * A number for the hash whose words begin at `at`. Every bit of it counts, also where keys are numbered or begin with the
 * time.
 */
function mixed(seed: number, words: ArrayLike<number>, at = 0): number {
  let mix = seed;
  mix = Math.imul(mix ^ (words[at] ?? 0), 0x85eb_ca6b);
  mix = Math.imul(mix ^ (mix >>> 13) ^ (words[at + 1] ?? 0), 0xc2b2_ae35);
  mix = Math.imul(mix ^ (mix >>> 16) ^ (words[at + 2] ?? 0), 0x85eb_ca6b);
  mix = Math.imul(mix ^ (mix >>> 13) ^ (words[at + 3] ?? 0), 0xc2b2_ae35);
  mix = Math.imul(mix ^ (mix >>> 16), 0x85eb_ca6b);
  return mix ^ (mix >>> 13);
}

export class OutcomeTable {
  /** Those behind `#size` are room for more. */
  #entries: Uint32Array;
  #size: number;
  /** Numbers of entries plus one, at places that their hashes tell; 0 is free. A quarter is, so that searches are short. */
  #places: Uint32Array;
  readonly #seed: number;

  constructor(entries: Uint32Array = new Uint32Array(0), saved?: Pick<SavedTable, "places" | "seed">) {
    this.#entries = entries;
    this.#size = entries.length / entryWords;
    this.#seed = saved?.seed ?? processSeed;
    this.#places = saved?.places ?? placesFor(entries, this.#size, this.#seed);
  }

  get size(): number {
    return this.#size;
  }

  /** The entries alone. */
  get entries(): Uint32Array {
    return this.#entries.subarray(0, this.#size * entryWords);
  }

  save(): SavedTable {
    return { entries: this.entries, places: this.#places, seed: this.#seed };
  }

  /** The number of the entry with this hash; -1 when there is none. */
  find(hash: KeyHash): number {
    return this.#size === 0 ? -1 : (this.#places[this.#placeOf(hash)] ?? 0) - 1;
  }

  hash(number: number): KeyHash {
    const at = number * entryWords;
    const [first = 0, second = 0, third = 0, fourth = 0] = this.#entries.subarray(at, at + lowWord);
    return [first, second, third, fourth];
  }

  low(number: number): number {
    return this.#entries[number * entryWords + lowWord] ?? 0;
  }

  high(number: number): number {
    return this.#entries[number * entryWords + highWord] ?? 0;
  }

  set(hash: KeyHash, low: number, high: number): void {
    if (this.#size * entryWords === this.#entries.length) this.#grow();
    const place = this.#placeOf(hash);
    const known = this.#places[place] ?? 0;
    if (known === 0) {
      this.#size += 1;
      this.#places[place] = this.#size;
    }
    const at = ((known === 0 ? this.#size : known) - 1) * entryWords;
    this.#entries.set(hash, at);
    this.#entries[at + lowWord] = low;
    this.#entries[at + highWord] = high;
  }

  #grow(): void {
    const entries = new Uint32Array(Math.max(this.#size * 2, leastEntries) * entryWords);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#places = placesFor(entries, this.#size, this.#seed);
  }

  /** Where the number of the entry with this hash is or would be. */
  #placeOf(hash: KeyHash): number {
    const [first, second, third, fourth] = hash;
    const count = this.#places.length;
    for (let place = mixed(this.#seed, hash) & (count - 1); ; place = (place + 1) & (count - 1)) {
      const number = this.#places[place] ?? 0;
      if (number === 0) return place;
      const at = (number - 1) * entryWords;
      const same =
        this.#entries[at] === first >>> 0 &&
        this.#entries[at + 1] === second >>> 0 &&
        this.#entries[at + 2] === third >>> 0 &&
        this.#entries[at + 3] === fourth >>> 0;
      if (same) return place;
    }
  }
}

/** Places for so many of these entries, with room for all that there is room for. */
function placesFor(entries: Uint32Array, size: number, seed: number): Uint32Array {
  const room = entries.length / entryWords;
  let count = 1;
  while (count * 3 < room * 4) count *= 2;
  const places = new Uint32Array(count);
  for (let number = 0; number < size; number++) {
    const at = number * entryWords;
    let place = mixed(seed, entries, at) & (count - 1);
    while (places[place] !== 0) place = (place + 1) & (count - 1);
    places[place] = number + 1;
  }
  return places;
}
