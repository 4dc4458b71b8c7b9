/** Where lifting code finds core values: in flat parameters, or in memory. */
import type { ValueType } from "../types/value-type.ts";
import type { Emitter } from "./emitter.ts";
import type { FlatType } from "./layout.ts";
import { discriminantSize, fieldOffsets, flagsWords, layoutOf, payloadOffset } from "./layout.ts";

/** Kinds of a single core value. */
export type ScalarKind = "bool" | "u8" | "u16" | "u32" | "u64" | "s8" | "s16" | "s32" | "s64" | "f32" | "f64";

/** Core types of scalars. */
export const scalarFlat: { readonly [kind in ScalarKind]: FlatType } = {
  bool: "i32",
  u8: "i32",
  u16: "i32",
  u32: "i32",
  u64: "i64",
  s8: "i32",
  s16: "i32",
  s32: "i32",
  s64: "i64",
  f32: "f32",
  f64: "f64",
};

/** Gives the code of core values of a type; for flat values each is read once, in order. */
export interface Reader {
  /** A value of one core value. */
  readonly scalar: (kind: ScalarKind) => string;
  /** Pointer and length of a list or string, both unsigned. */
  readonly pair: () => readonly [pointer: string, length: string];
  /** The words of flags, unsigned. */
  readonly flags: (count: number) => readonly string[];
  /** Readers of the members of a record or tuple, to be used in order. */
  readonly members: (types: readonly ValueType[]) => readonly Reader[];
  /** Discriminant (unsigned) and, for each case, a reader of the payload. */
  readonly variant: (cases: readonly (ValueType | undefined)[]) => VariantReader;
  /** The address of the value, when it lies in memory. */
  readonly address: string | undefined;
}

/** Reads a variant. */
export interface VariantReader {
  readonly discriminant: string;
  readonly payload: (index: number) => Reader;
}

/** A flat value and its core type. */
export interface FlatValue {
  readonly code: string;
  readonly type: FlatType;
}

/** Position in a list of flat values, shared by the readers of the members of one record. */
interface Cursor {
  next: number;
}

/** Reads flat values. */
export function flatReader(emitter: Emitter, values: readonly FlatValue[], cursor: Cursor = { next: 0 }): Reader {
  const take = (want: FlatType): string => coerce(emitter, values[cursor.next++], want);
  const reader: Reader = {
    scalar: (kind) => scalarFromCore(kind, take(scalarFlat[kind])),
    pair: () => [`${take("i32")} >>> 0`, `${take("i32")} >>> 0`],
    flags: (count) => Array.from({ length: flagsWords(count) }, () => `${take("i32")} >>> 0`),
    members: (types) => types.map(() => reader),
    variant: (cases) => {
      const discriminant = `${take("i32")} >>> 0`;
      const start = cursor.next;
      cursor.next += Math.max(0, ...cases.map((one) => (one === undefined ? 0 : layoutOf(one).flat.length)));
      return { discriminant, payload: () => flatReader(emitter, values, { next: start }) };
    },
    address: undefined,
  };
  return reader;
}

function scalarFromCore(kind: ScalarKind, code: string): string {
  switch (kind) {
    case "bool":
      return `${code} !== 0`;
    case "u8":
      return `${code} & 255`;
    case "u16":
      return `${code} & 65535`;
    case "u32":
      return `${code} >>> 0`;
    case "s8":
      return `${code} << 24 >> 24`;
    case "s16":
      return `${code} << 16 >> 16`;
    case "s32":
      return `${code} | 0`;
    case "u64":
      return `BigInt.asUintN(64, ${code})`;
    case "s64":
    case "f32":
    case "f64":
      return code;
  }
}

// Variants join the flat types of their cases; a case reads its own type out of the joined one.
function coerce(emitter: Emitter, value: FlatValue | undefined, want: FlatType): string {
  if (value === undefined) throw new Error("Can't read a flat value: there are no more");
  const { code, type } = value;
  if (type === want) return code;
  const low = type === "i64" ? `Number(BigInt.asIntN(32, ${code}))` : code;
  if (want === "i32") return low;
  if (want === "f32") return `${emitter.support("f32FromBits")}(${low})`;
  return `${emitter.support("f64FromBits")}(${code})`;
}

const getters: { readonly [kind in ScalarKind]: string } = {
  bool: "getUint8",
  u8: "getUint8",
  u16: "getUint16",
  u32: "getUint32",
  u64: "getBigUint64",
  s8: "getInt8",
  s16: "getInt16",
  s32: "getInt32",
  s64: "getBigInt64",
  f32: "getFloat32",
  f64: "getFloat64",
};

/** Kinds of unsigned numbers by their bytes. */
export const unsignedKinds: { readonly [bytes in 1 | 2 | 4]: ScalarKind } = { 1: "u8", 2: "u16", 4: "u32" };

/** `base + offset`, where `base` is a name. */
export function addressAt(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** Reads values at `base + offset` in the memory named `memory`. */
export function memoryReader(memory: string, base: string, offset = 0): Reader {
  const load = (kind: ScalarKind, at: number): string =>
    `${memory}.view.${getters[kind]}(${addressAt(base, offset + at)}, true)`;
  return {
    scalar: (kind) => (kind === "bool" ? `${load(kind, 0)} !== 0` : load(kind, 0)),
    pair: () => [load("u32", 0), load("u32", 4)],
    flags: (count) => {
      if (count <= 16) return count === 0 ? [] : [load(count <= 8 ? "u8" : "u16", 0)];
      return Array.from({ length: flagsWords(count) }, (_, index) => load("u32", index * 4));
    },
    members: (types) => fieldOffsets(types).map((at) => memoryReader(memory, base, offset + at)),
    variant: (cases) => ({
      discriminant: load(unsignedKinds[discriminantSize(cases.length)], 0),
      payload: () => memoryReader(memory, base, offset + payloadOffset(cases)),
    }),
    address: addressAt(base, offset),
  };
}
