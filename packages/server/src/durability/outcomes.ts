/**
 * How a worker's invocations ended, by idempotency key. A worker keeps this for all the invocations that it ever had, in
 * memory and in every memory snapshot: so it is one array of numbers, in which keys are hashes of 128 bits.
 */
import { hash } from "node:crypto";

/** How an invocation ended; `index` is the entry that says so. */
export type InvocationOutcome =
  | { readonly kind: "completed"; readonly index: number; readonly functionName: string }
  | { readonly kind: "failed"; readonly index: number; readonly message: string }
  | { readonly kind: "exited"; readonly index: number; readonly functionName: string; readonly exitCode: number }
  | { readonly kind: "cancelled"; readonly index: number };

/** The table as plain data. */
export interface SavedOutcomes {
  readonly size: number;
  readonly slots: Uint32Array;
  readonly texts: readonly string[];
}

/** Stored by position. */
const kinds = ["completed", "failed", "exited", "cancelled"] as const;

/**
 * Words of a slot: four of the key's hash; the index, low and high; the text's number plus one, 0 where the slot is free;
 * kind and exit code.
 */
const slotWords = 8;
const [lowWord, highWord, textWord, kindWord] = [4, 5, 6, 7];
const leastSlots = 8;
/** Those of programs are a byte. */
const exitCodesMax = 2 ** 30;

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
  #slots: Uint32Array;
  #size: number;
  /** Names of functions and messages of failures, each once. */
  readonly #texts: string[];
  readonly #numbers = new Map<string, number>();

  constructor(saved: SavedOutcomes = { size: 0, slots: new Uint32Array(0), texts: [] }) {
    this.#size = saved.size;
    // What was read back may be a view of bytes that others have, too.
    this.#slots = saved.slots.slice();
    this.#texts = [...saved.texts];
    for (const [number, text] of this.#texts.entries()) this.#numbers.set(text, number);
  }

  get size(): number {
    return this.#size;
  }

  save(): SavedOutcomes {
    return { size: this.#size, slots: this.#slots, texts: this.#texts };
  }

  get(key: string): InvocationOutcome | undefined {
    if (this.#size === 0) return undefined;
    const at = find(this.#slots, hashOf(key));
    return isFree(this.#slots, at) ? undefined : this.#outcomeAt(at);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, outcome: InvocationOutcome): void {
    // A quarter stays free, so that looking for a key is short.
    if ((this.#size + 1) * slotWords * 4 > this.#slots.length * 3) this.#grow();
    const keyHash = hashOf(key);
    const at = find(this.#slots, keyHash);
    if (isFree(this.#slots, at)) this.#size += 1;
    const exitCode = outcome.kind === "exited" ? outcome.exitCode % exitCodesMax : 0;
    this.#slots.set(keyHash, at);
    this.#slots[at + lowWord] = outcome.index % 2 ** 32;
    this.#slots[at + highWord] = Math.floor(outcome.index / 2 ** 32);
    this.#slots[at + textWord] = this.#numberOf(textOf(outcome)) + 1;
    this.#slots[at + kindWord] = kinds.indexOf(outcome.kind) + exitCode * kinds.length;
  }

  /** Takes out those that are `deleted`; returns them. */
  deleteWhere(deleted: (outcome: InvocationOutcome) => boolean): readonly InvocationOutcome[] {
    const gone: InvocationOutcome[] = [];
    const kept: number[] = [];
    for (let at = 0; at < this.#slots.length; at += slotWords) {
      if (isFree(this.#slots, at)) continue;
      const outcome = this.#outcomeAt(at);
      if (deleted(outcome)) gone.push(outcome);
      else kept.push(at);
    }
    if (gone.length > 0) this.#rebuild(kept, this.#slots.length);
    return gone;
  }

  #outcomeAt(at: number): InvocationOutcome {
    const index = (this.#slots[at + highWord] ?? 0) * 2 ** 32 + (this.#slots[at + lowWord] ?? 0);
    const text = this.#texts[(this.#slots[at + textWord] ?? 0) - 1] ?? "";
    const word = this.#slots[at + kindWord] ?? 0;
    const kind = kinds[word % kinds.length] ?? "completed";
    switch (kind) {
      case "completed":
        return { kind, index, functionName: text };
      case "failed":
        return { kind, index, message: text };
      case "exited":
        return { kind, index, functionName: text, exitCode: Math.floor(word / kinds.length) };
      case "cancelled":
        return { kind, index };
    }
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  #grow(): void {
    const used: number[] = [];
    for (let at = 0; at < this.#slots.length; at += slotWords) if (!isFree(this.#slots, at)) used.push(at);
    this.#rebuild(used, Math.max(this.#slots.length * 2, leastSlots * slotWords));
  }

  #rebuild(kept: readonly number[], length: number): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(length);
    this.#size = kept.length;
    for (const at of kept) {
      const slot = before.subarray(at, at + slotWords);
      const [first = 0, second = 0, third = 0, fourth = 0] = slot;
      this.#slots.set(slot, find(this.#slots, [first, second, third, fourth]));
    }
  }
}

function textOf(outcome: InvocationOutcome): string {
  if (outcome.kind === "failed") return outcome.message;
  return outcome.kind === "cancelled" ? "" : outcome.functionName;
}

function isFree(slots: Uint32Array, at: number): boolean {
  return slots[at + textWord] === 0;
}

/** Where the slot of this hash is or would be. There is a free one. */
function find(slots: Uint32Array, [first, second, third, fourth]: KeyHash): number {
  const count = slots.length / slotWords;
  for (let slot = (first ^ second) & (count - 1); ; slot = (slot + 1) & (count - 1)) {
    const at = slot * slotWords;
    if (isFree(slots, at)) return at;
    const same =
      slots[at] === first >>> 0 &&
      slots[at + 1] === second >>> 0 &&
      slots[at + 2] === third >>> 0 &&
      slots[at + 3] === fourth >>> 0;
    if (same) return at;
  }
}
