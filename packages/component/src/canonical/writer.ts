/** Where lowering code puts core values: into flat variables, or into memory. */
import type { ValueType } from "../types/value-type.ts";
import type { Emitter } from "./emitter.ts";
import type { FlatType } from "./layout.ts";
import { discriminantSize, fieldOffsets, layoutOf, payloadOffset } from "./layout.ts";
import type { ScalarKind } from "./reader.ts";
import { addressAt, scalarFlat, unsignedKinds } from "./reader.ts";

/** Emits the stores of core values of a type; flat values are written once each, in order. */
export interface Writer {
  readonly scalar: (kind: ScalarKind, code: string) => void;
  /** Pointer and length of a list or string. */
  readonly pair: (pointer: string, length: string) => void;
  readonly flags: (count: number, words: readonly string[]) => void;
  readonly members: (types: readonly ValueType[]) => readonly Writer[];
  /** A writer for each case: of the discriminant, and of the payload. */
  readonly variant: (cases: readonly (ValueType | undefined)[]) => VariantWriter;
  readonly address: string | undefined;
}

/** Writes a variant; both functions are called inside the branch of the case. */
export interface VariantWriter {
  readonly discriminant: (code: string) => void;
  readonly payload: () => Writer;
}

/** A variable for a flat value. */
export interface FlatVariable {
  readonly name: string;
  readonly type: FlatType;
}

/** Declares variables for flat values; they start as zero, which is what unused payload slots of a variant must be. */
export function declareFlat(emitter: Emitter, types: readonly FlatType[]): readonly FlatVariable[] {
  return types.map((type) => {
    const name = emitter.name("f");
    emitter.line(`let ${name} = ${type === "i64" ? "0n" : "0"};`);
    return { name, type };
  });
}

interface Cursor {
  next: number;
}

/** Writes flat variables. */
export function flatWriter(emitter: Emitter, variables: readonly FlatVariable[], cursor: Cursor = { next: 0 }): Writer {
  const put = (have: FlatType, code: string): void => {
    const variable = variables[cursor.next++];
    if (variable === undefined) throw new Error("Can't write a flat value: there are no more");
    emitter.line(`${variable.name} = ${coerce(emitter, code, have, variable.type)};`);
  };
  const writer: Writer = {
    scalar: (kind, code) => put(scalarFlat[kind], scalarToCore(kind, code)),
    pair: (pointer, length) => {
      put("i32", pointer);
      put("i32", length);
    },
    flags: (_count, words) => {
      for (const word of words) put("i32", word);
    },
    members: (types) => types.map(() => writer),
    variant: (cases) => {
      const discriminant: Cursor = { next: cursor.next };
      const start = cursor.next + 1;
      cursor.next = start + Math.max(0, ...cases.map((one) => (one === undefined ? 0 : layoutOf(one).flat.length)));
      return {
        discriminant: (code) => flatWriter(emitter, variables, { ...discriminant }).scalar("u32", code),
        payload: () => flatWriter(emitter, variables, { next: start }),
      };
    },
    address: undefined,
  };
  return writer;
}

function scalarToCore(kind: ScalarKind, code: string): string {
  if (kind === "bool") return `${code} ? 1 : 0`;
  return kind === "f32" || kind === "f64" ? canonicalNaN(code) : code;
}

// The canonical ABI lets no NaN payload pass, so that results don't depend on the processor.
function canonicalNaN(code: string): string {
  return `${code} === ${code} ? ${code} : NaN`;
}

function coerce(emitter: Emitter, code: string, have: FlatType, want: FlatType): string {
  if (have === want) return code;
  if (have === "f64") return `${emitter.support("f64ToBits")}(${code})`;
  const low = have === "f32" ? `${emitter.support("f32ToBits")}(${code})` : code;
  return want === "i64" ? `BigInt((${low}) >>> 0)` : low;
}

const setters: { readonly [kind in ScalarKind]: string } = {
  bool: "setUint8",
  u8: "setUint8",
  u16: "setUint16",
  u32: "setUint32",
  u64: "setBigUint64",
  s8: "setInt8",
  s16: "setInt16",
  s32: "setInt32",
  s64: "setBigInt64",
  f32: "setFloat32",
  f64: "setFloat64",
};

/** Where values are written in memory. */
export interface MemoryPlace {
  /** Name of the memory. */
  readonly memory: string;
  /** Name of the address. */
  readonly base: string;
  readonly offset: number;
}

/** Writes values in memory. */
export function memoryWriter(emitter: Emitter, { memory, base, offset }: MemoryPlace): Writer {
  const store = (kind: ScalarKind, at: number, code: string): void =>
    emitter.line(
      `${memory}.view.${setters[kind]}(${addressAt(base, offset + at)}, ${scalarToCore(kind, code)}, true);`,
    );
  const at = (further: number): Writer => memoryWriter(emitter, { memory, base, offset: offset + further });
  return {
    scalar: (kind, code) => store(kind, 0, code),
    pair: (pointer, length) => {
      store("u32", 0, pointer);
      store("u32", 4, length);
    },
    flags: (count, words) => {
      for (const [index, word] of words.entries()) {
        store(count <= 8 ? "u8" : count <= 16 ? "u16" : "u32", index * 4, word);
      }
    },
    members: (types) => fieldOffsets(types).map(at),
    variant: (cases) => ({
      discriminant: (code) => store(unsignedKinds[discriminantSize(cases.length)], 0, code),
      payload: () => at(payloadOffset(cases)),
    }),
    address: addressAt(base, offset),
  };
}
