/**
 * How a worker's invocations ended, by idempotency key. A worker keeps this for all the invocations that it ever had, in
 * memory and in every memory snapshot: so it is an array of numbers, in which keys are hashes of 128 bits.
 */
import { hash } from "node:crypto";

/** How an invocation ended; `index` is the entry that says so. */
export type InvocationOutcome =
  | { readonly kind: "completed"; readonly index: number; readonly functionName: string }
  | { readonly kind: "failed"; readonly index: number; readonly message: string }
  | { readonly kind: "exited"; readonly index: number; readonly functionName: string; readonly exitCode: number }
  | { readonly kind: "cancelled"; readonly index: number };

/** The outcomes as plain data. */
export interface SavedOutcomes {
  /** Six words each; see `entryWords`. */
  readonly entries: Uint32Array;
  readonly texts: readonly string[];
}

/** Stored by position. */
const kinds = ["completed", "failed", "exited", "cancelled"] as const;
const kindBits = 2;
const textBits = 22;

/**
 * Four words of the key's hash; the lower word of the index; its upper byte, the text's number and the kind. Indices are
 * below 2 ** 40, then: a worker that made a million entries a second would get there after twelve days.
 */
const entryWords = 6;
const [lowWord, highWord] = [4, 5];
const leastEntries = 6;

/** Words whose sign has no meaning. */
type KeyHash = readonly [number, number, number, number];

/** The value of a lower-case hexadecimal digit by its character code; 16 and more for anything else. */
const digitValues = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = "0123456789abcdef".indexOf(String.fromCharCode(code));
  return value < 0 ? 16 : value;
});

const hyphen = 0x2d;

/** Digits in groups of eight from this one on, over the hyphen that follows so many of them. */
function wordOf(key: string, start: number, beforeHyphen: number): number {
  let word = 0;
  for (let digit = 0; digit < 8; digit++) {
    const position = start + digit + (digit >= beforeHyphen ? 1 : 0);
    const value = digitValues[key.charCodeAt(position)] ?? 16;
    if (value > 15) return Number.NaN;
    word = (word << 4) | value;
  }
  return word;
}

/** The bits of a UUID in the one form that has no other; undefined for any other key. */
function bitsOfUuid(key: string): KeyHash | undefined {
  if (key.length !== 36) return undefined;
  for (const position of [8, 13, 18, 23]) if (key.charCodeAt(position) !== hyphen) return undefined;
  const words: KeyHash = [wordOf(key, 0, 8), wordOf(key, 9, 4), wordOf(key, 19, 4), wordOf(key, 28, 8)];
  return words.some(Number.isNaN) ? undefined : words;
}

/** Most keys are UUIDs, and need no other hash than their own bits. */
function hashOf(key: string): KeyHash {
  const bits = bitsOfUuid(key);
  if (bits !== undefined) return bits;
  const digest = hash("sha256", key, "buffer");
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
}

export class Outcomes {
  /** One after the other; those behind `#size` are room for more. */
  #entries: Uint32Array;
  #size: number;
  /** Numbers of entries plus one, at places that their hashes tell; 0 is free. A quarter is, so that searches are short. */
  #places = new Uint32Array(0);
  /** Names of functions, after an exit code where there is one, and messages of failures, each once. */
  readonly #texts: string[];
  #numbers: Map<string, number> | undefined;

  constructor({ entries, texts }: SavedOutcomes = { entries: new Uint32Array(0), texts: [] }) {
    // What was read back may be a view of bytes that others have, too, and of which most is of no use any more.
    this.#entries = entries.slice();
    this.#size = entries.length / entryWords;
    this.#texts = [...texts];
    this.#place();
  }

  get size(): number {
    return this.#size;
  }

  save(): SavedOutcomes {
    return { entries: this.#entries.subarray(0, this.#size * entryWords), texts: this.#texts };
  }

  get(key: string): InvocationOutcome | undefined {
    if (this.#size === 0) return undefined;
    const number = this.#places[this.#placeOf(hashOf(key))] ?? 0;
    return number === 0 ? undefined : this.#outcome(number - 1);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, outcome: InvocationOutcome): void {
    if (this.#size * entryWords === this.#entries.length) this.#grow();
    const keyHash = hashOf(key);
    const place = this.#placeOf(keyHash);
    const known = this.#places[place] ?? 0;
    if (known === 0) {
      this.#size += 1;
      this.#places[place] = this.#size;
    }
    const at = ((known === 0 ? this.#size : known) - 1) * entryWords;
    this.#entries.set(keyHash, at);
    this.#entries[at + lowWord] = outcome.index % 2 ** 32;
    const upper = Math.floor(outcome.index / 2 ** 32);
    const text = this.#numberOf(textOf(outcome));
    this.#entries[at + highWord] = (upper << (textBits + kindBits)) | (text << kindBits) | kinds.indexOf(outcome.kind);
  }

  /** Takes out those that are `deleted`; returns them. */
  deleteWhere(deleted: (outcome: InvocationOutcome) => boolean): readonly InvocationOutcome[] {
    const gone: InvocationOutcome[] = [];
    let kept = 0;
    for (let number = 0; number < this.#size; number++) {
      const outcome = this.#outcome(number);
      if (deleted(outcome)) {
        gone.push(outcome);
        continue;
      }
      if (kept < number) this.#entries.copyWithin(kept * entryWords, number * entryWords, (number + 1) * entryWords);
      kept += 1;
    }
    if (gone.length === 0) return gone;
    this.#size = kept;
    this.#place();
    return gone;
  }

  #outcome(number: number): InvocationOutcome {
    const at = number * entryWords;
    const word = this.#entries[at + highWord] ?? 0;
    const index = (word >>> (textBits + kindBits)) * 2 ** 32 + (this.#entries[at + lowWord] ?? 0);
    const text = this.#texts[(word >>> kindBits) & (2 ** textBits - 1)] ?? "";
    const kind = kinds[word & (2 ** kindBits - 1)] ?? "completed";
    switch (kind) {
      case "completed":
        return { kind, index, functionName: text };
      case "failed":
        return { kind, index, message: text };
      case "exited": {
        const space = text.indexOf(" ");
        return { kind, index, functionName: text.slice(space + 1), exitCode: Number(text.slice(0, space)) };
      }
      case "cancelled":
        return { kind, index };
    }
  }

  #numberOf(text: string): number {
    this.#numbers ??= new Map(this.#texts.map((each, number) => [each, number]));
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  #grow(): void {
    const entries = new Uint32Array(Math.max(this.#size * 2, leastEntries) * entryWords);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#place();
  }

  /** Finds places for all entries anew. */
  #place(): void {
    const room = this.#entries.length / entryWords;
    let count = 1;
    while (count * 3 < room * 4) count *= 2;
    this.#places = new Uint32Array(count);
    const entries = this.#entries;
    for (let number = 0; number < this.#size; number++) {
      const at = number * entryWords;
      let place = ((entries[at] ?? 0) ^ (entries[at + 1] ?? 0)) & (count - 1);
      while (this.#places[place] !== 0) place = (place + 1) & (count - 1);
      this.#places[place] = number + 1;
    }
  }

  /** Where the number of the entry with this hash is or would be. */
  #placeOf([first, second, third, fourth]: KeyHash): number {
    const count = this.#places.length;
    for (let place = (first ^ second) & (count - 1); ; place = (place + 1) & (count - 1)) {
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

function textOf(outcome: InvocationOutcome): string {
  switch (outcome.kind) {
    case "completed":
      return outcome.functionName;
    case "failed":
      return outcome.message;
    case "exited":
      return `${outcome.exitCode} ${outcome.functionName}`;
    case "cancelled":
      return "";
  }
}
