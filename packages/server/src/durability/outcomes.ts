/**
 * How a worker's invocations ended, by idempotency key. A worker keeps this for all the invocations that it ever had, in
 * memory and in every memory snapshot: so it is arrays of numbers, in which keys are hashes of 128 bits. What lies in a
 * snapshot is used as it lies there: a worker with a million invocations is to be loaded as fast as any other.
 */
import { hash } from "node:crypto";
import type { KeyHash, SavedTable } from "./outcome-table.ts";
import { entryWords, OutcomeTable } from "./outcome-table.ts";

/** How an invocation ended; `index` is the entry that says so. */
export type InvocationOutcome =
  | { readonly kind: "completed"; readonly index: number; readonly functionName: string }
  | { readonly kind: "failed"; readonly index: number; readonly message: string }
  | { readonly kind: "exited"; readonly index: number; readonly functionName: string; readonly exitCode: number }
  | { readonly kind: "cancelled"; readonly index: number };

/** The outcomes as plain data. */
export interface SavedOutcomes {
  /** Undefined while there are few. */
  readonly settled: SavedTable | undefined;
  /** The entries that came since, which go before those. */
  readonly recent: Uint32Array;
  readonly texts: readonly string[];
}

/** Stored by position. */
const kinds = ["completed", "failed", "exited", "cancelled"] as const;
const kindBits = 2;
/**
 * An entry's words: the lower one of the index; its upper byte, the text's number and the kind. Indices are below 2 ** 40,
 * then: a worker that made a million entries a second would get there after twelve days.
 */
const textBits = 22;

/** So many are made a table of in no time. */
const recentMin = 4096;

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

/** Where the second word of a UUID has its version, which is never 0. */
const versionMask = 0xf000;

/** The bits of a UUID in the one form that has no other; undefined for any other key. */
function bitsOfUuid(key: string): KeyHash | undefined {
  if (key.length !== 36) return undefined;
  for (const position of [8, 13, 18, 23]) if (key.charCodeAt(position) !== hyphen) return undefined;
  const words: KeyHash = [wordOf(key, 0, 8), wordOf(key, 9, 4), wordOf(key, 19, 4), wordOf(key, 28, 8)];
  return words.some(Number.isNaN) || (words[1] & versionMask) === 0 ? undefined : words;
}

/** Most keys are UUIDs, and need no other hash than their own bits. What others give is none of a UUID. */
function hashOf(key: string): KeyHash {
  const bits = bitsOfUuid(key);
  if (bits !== undefined) return bits;
  const digest = hash("sha256", key, "buffer");
  const second = digest.readInt32LE(4) & ~versionMask;
  return [digest.readInt32LE(0), second, digest.readInt32LE(8), digest.readInt32LE(12)];
}

/** A view of what was read keeps all of that: it may where it is most of it. */
function keep(words: Uint32Array, bytesOfAll: number): Uint32Array {
  return words.buffer.byteLength <= 2 * bytesOfAll ? words : words.slice();
}

function keepTable({ entries, places, seed }: SavedTable): OutcomeTable {
  const bytes = entries.byteLength + places.byteLength;
  return new OutcomeTable(keep(entries, bytes), { places: keep(places, bytes), seed });
}

export class Outcomes {
  /** Of the last snapshot; nothing is written there any more. */
  #settled: OutcomeTable | undefined;
  /** Those since, which go before those. */
  #recent: OutcomeTable;
  /** Recent ones in whose place there is a settled one, too. */
  #replaced = 0;
  /** Names of functions, after an exit code where there is one, and messages of failures, each once. */
  readonly #texts: string[];
  #numbers: Map<string, number> | undefined;

  constructor(saved?: SavedOutcomes) {
    this.#settled = saved?.settled === undefined ? undefined : keepTable(saved.settled);
    this.#recent = new OutcomeTable(saved?.recent.slice());
    this.#texts = [...(saved?.texts ?? [])];
    for (let number = 0; number < this.#recent.size; number++) {
      if (this.#isSettled(this.#recent.hash(number))) this.#replaced += 1;
    }
  }

  get size(): number {
    return (this.#settled?.size ?? 0) + this.#recent.size - this.#replaced;
  }

  save(): SavedOutcomes {
    // As often as it doubles, so that what this takes is little for each.
    if (this.#recent.size > Math.max(recentMin, (this.#settled?.size ?? 0) / 2)) this.#settle();
    return { settled: this.#settled?.save(), recent: this.#recent.entries, texts: this.#texts };
  }

  get(key: string): InvocationOutcome | undefined {
    if (this.size === 0) return undefined;
    const keyHash = hashOf(key);
    for (const table of [this.#recent, this.#settled]) {
      const number = table?.find(keyHash) ?? -1;
      if (table !== undefined && number >= 0) return this.#outcome(table, number);
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, outcome: InvocationOutcome): void {
    const keyHash = hashOf(key);
    if (this.#isSettled(keyHash) && this.#recent.find(keyHash) < 0) this.#replaced += 1;
    const upper = Math.floor(outcome.index / 2 ** 32);
    const text = this.#numberOf(textOf(outcome));
    const high = (upper << (textBits + kindBits)) | (text << kindBits) | kinds.indexOf(outcome.kind);
    this.#recent.set(keyHash, outcome.index % 2 ** 32, high);
  }

  /** Takes out those that are `deleted`; returns them. */
  deleteWhere(deleted: (outcome: InvocationOutcome) => boolean): readonly InvocationOutcome[] {
    const gone: InvocationOutcome[] = [];
    const kept = this.#all((table, number) => {
      const outcome = this.#outcome(table, number);
      if (!deleted(outcome)) return true;
      gone.push(outcome);
      return false;
    });
    if (gone.length === 0) return gone;
    this.#settled = undefined;
    this.#recent = kept;
    this.#replaced = 0;
    return gone;
  }

  #isSettled(keyHash: KeyHash): boolean {
    return this.#settled !== undefined && this.#settled.find(keyHash) >= 0;
  }

  #settle(): void {
    this.#settled = this.#replaced > 0 ? this.#all(() => true) : this.#together();
    this.#recent = new OutcomeTable();
    this.#replaced = 0;
  }

  /** All entries, of which none takes the place of another. */
  #together(): OutcomeTable {
    const settled = this.#settled?.entries ?? new Uint32Array(0);
    const words = new Uint32Array(settled.length + this.#recent.entries.length);
    words.set(settled);
    words.set(this.#recent.entries, settled.length);
    return new OutcomeTable(words);
  }

  /** A table of all entries that `wanted` tells. */
  #all(wanted: (table: OutcomeTable, number: number) => boolean): OutcomeTable {
    const words = new Uint32Array(this.size * entryWords);
    let size = 0;
    for (const table of [this.#settled, this.#recent]) {
      if (table === undefined) continue;
      const { entries } = table;
      for (let number = 0; number < table.size; number++) {
        const replaced = table !== this.#recent && this.#replaced > 0 && this.#recent.find(table.hash(number)) >= 0;
        if (replaced || !wanted(table, number)) continue;
        words.set(entries.subarray(number * entryWords, (number + 1) * entryWords), size * entryWords);
        size += 1;
      }
    }
    return new OutcomeTable(words.subarray(0, size * entryWords));
  }

  #outcome(table: OutcomeTable, number: number): InvocationOutcome {
    const word = table.high(number);
    const index = (word >>> (textBits + kindBits)) * 2 ** 32 + table.low(number);
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
