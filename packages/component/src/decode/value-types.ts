/** Reads value types and function types. */
import type { Case, Field, FunctionType, ValueType } from "../types/value-type.ts";
import { checkLabel } from "./extern-names.ts";
import { limits } from "./limits.ts";
import { invalid, malformed, unsupported } from "./reader.ts";
import type { Reader } from "./reader.ts";
import { lookup } from "./scope.ts";
import type { Decoding, Scope } from "./scope.ts";
import { primitives } from "./types.ts";

export interface TypeReading {
  readonly reader: Reader;
  readonly scope: Scope;
  readonly decoding: Decoding;
}

const primitiveCodes: Readonly<Record<number, string>> = {
  0x7f: "bool",
  0x7e: "s8",
  0x7d: "u8",
  0x7c: "s16",
  0x7b: "u16",
  0x7a: "s32",
  0x79: "u32",
  0x78: "s64",
  0x77: "u64",
  0x76: "f32",
  0x75: "f64",
  0x74: "char",
  0x73: "string",
};

/** Types outside WASI 0.2, by their codes. */
const unsupportedCodes: Readonly<Record<number, string>> = {
  0x67: "lists of fixed length",
  0x66: "streams",
  0x65: "futures",
  0x64: "error-context",
  0x63: "maps",
};

/** The primitive type with this code, if it is one. */
export function primitiveType(code: number, offset: number): ValueType | undefined {
  const type = primitives.get(primitiveCodes[code] ?? "");
  if (type === undefined && code === 0x64) unsupported("error-context", offset);
  return type;
}

/** Reads a primitive type or the index of a value type. */
export function readValueType({ reader, scope }: TypeReading): ValueType {
  const offset = reader.position;
  const code = reader.peek();
  if (code >= 0x40 && code < 0x80) {
    reader.byte();
    return primitiveType(code, offset) ?? malformed(`invalid value type 0x${code.toString(16)}`, offset);
  }
  const index = reader.s33();
  if (index < 0) malformed("invalid value type", offset);
  const type = lookup(scope.types, index, { what: "type", offset });
  return type.kind === "value" ? type.type : invalid(`type ${index} is not a value type`, offset);
}

function readOptionalType(at: TypeReading): ValueType | undefined {
  const offset = at.reader.position;
  const present = at.reader.byte();
  if (present > 1) malformed("invalid leading byte for an optional type", offset);
  return present === 1 ? readValueType(at) : undefined;
}

function readLabel(reader: Reader): string {
  const offset = reader.position;
  const label = reader.name();
  checkLabel(label, offset);
  return label;
}

/** Labels are compared without case, like the names of imports and exports. */
function uniqueLabels(what: string): (name: string, offset: number) => void {
  const seen = new Set<string>();
  return (name, offset) => {
    const key = name.toLowerCase();
    if (seen.has(key)) invalid(`${what} name \`${name}\` conflicts with a previous name`, offset);
    seen.add(key);
  };
}

function readFields(at: TypeReading, what: string): Field[] {
  const { reader } = at;
  const check = uniqueLabels(what);
  return reader.list(what, () => {
    const offset = reader.position;
    const name = readLabel(reader);
    check(name, offset);
    return { name, type: readValueType(at) };
  });
}

function readCases(at: TypeReading): Case[] {
  const { reader } = at;
  const check = uniqueLabels("variant case");
  return reader.list("variant case", () => {
    const offset = reader.position;
    const name = readLabel(reader);
    check(name, offset);
    const type = readOptionalType(at);
    const end = reader.position;
    if (reader.byte() !== 0) malformed("invalid byte at the end of a variant case", end);
    return type === undefined ? { name } : { name, type };
  });
}

function readLabels(reader: Reader, what: string): string[] {
  const check = uniqueLabels(what);
  return reader.list(what, () => {
    const offset = reader.position;
    const name = readLabel(reader);
    check(name, offset);
    return name;
  });
}

function readHandle(at: TypeReading, kind: "own" | "borrow"): ValueType {
  const offset = at.reader.position;
  const index = at.reader.u32();
  const type = lookup(at.scope.types, index, { what: "type", offset });
  if (type.kind !== "resource") return invalid(`type index ${index} is not a resource type`, offset);
  return { kind, resource: type.reference };
}

function nonEmpty<T>(items: readonly T[], what: string, offset: number): readonly T[] {
  return items.length === 0 ? invalid(`${what} must have at least one member`, offset) : items;
}

function readResult(at: TypeReading): ValueType {
  const ok = readOptionalType(at);
  const err = readOptionalType(at);
  return { kind: "result", ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
}

function readConstructed(at: TypeReading, code: number, offset: number): ValueType | undefined {
  const { reader } = at;
  switch (code) {
    case 0x72:
      return { kind: "record", fields: nonEmpty(readFields(at, "record field"), "a record type", offset) };
    case 0x71:
      return { kind: "variant", cases: nonEmpty(readCases(at), "a variant type", offset) };
    case 0x70:
      return { kind: "list", element: readValueType(at) };
    case 0x6f:
      return {
        kind: "tuple",
        items: nonEmpty(
          reader.list("tuple item", () => readValueType(at)),
          "a tuple type",
          offset,
        ),
      };
    case 0x6e: {
      const names = nonEmpty(readLabels(reader, "flag"), "a flags type", offset);
      return names.length > limits.flags ? invalid("cannot have more than 32 flags", offset) : { kind: "flags", names };
    }
    case 0x6d:
      return { kind: "enum", cases: nonEmpty(readLabels(reader, "enum case"), "an enum type", offset) };
    case 0x6b:
      return { kind: "option", some: readValueType(at) };
    case 0x6a:
      return readResult(at);
    case 0x69:
      return readHandle(at, "own");
    case 0x68:
      return readHandle(at, "borrow");
    default:
      return undefined;
  }
}

/** Reads a value type definition whose `code` was read; undefined when the code is none of a value type. */
export function readDefinedType(at: TypeReading, code: number, offset: number): ValueType | undefined {
  const primitive = primitiveType(code, offset);
  if (primitive !== undefined) return primitive;
  const what = unsupportedCodes[code];
  if (what !== undefined) unsupported(what, offset);
  const type = readConstructed(at, code, offset);
  return type && at.decoding.facts.add(type, offset);
}

/** Reads a function type after its code. */
export function readFunctionType(at: TypeReading, offset: number): FunctionType {
  const { reader, decoding } = at;
  const parameters = readFields(at, "function parameter");
  const resultOffset = reader.position;
  const form = reader.byte();
  if (form > 1 || (form === 1 && reader.byte() !== 0)) malformed("invalid result list", resultOffset);
  const result = form === 0 ? readValueType(at) : undefined;
  if (result !== undefined && decoding.facts.of(result).hasBorrow) {
    invalid("function result cannot contain a `borrow` type", resultOffset);
  }
  return decoding.facts.add({ parameters, ...(result === undefined ? {} : { result }) }, offset);
}
