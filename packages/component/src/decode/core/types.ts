/**
 * Types of core WebAssembly. A value type is a string (`i32`, `(ref null func)`, `(ref #7)`), where `#7` is the
 * identity of a defined type: equal types have the same identity whichever module they come from.
 */
import { invalid, malformed, unsupported } from "../reader.ts";
import type { Reader } from "../reader.ts";

export type CoreType =
  | { readonly kind: "function"; readonly parameters: readonly string[]; readonly results: readonly string[] }
  /** A struct with so many fields, an array (one), or a type that is not defined yet. */
  | { readonly kind: "other"; readonly fields: number };

const undefinedType: CoreType = { kind: "other", fields: 0 };

/** The defined types of all modules of one binary, each once. */
export class CoreTypes {
  readonly #groups = new Map<string, number>();
  readonly #types: CoreType[] = [];
  /** The declared supertype of each type, or -1. It always has a smaller identity. */
  readonly #supertypes: number[] = [];

  at(identity: number): CoreType {
    return this.#types[identity] ?? undefinedType;
  }

  /** The identity of a function type that stands alone. */
  function(parameters: readonly string[], results: readonly string[]): number {
    const identity = this.group(functionText(parameters, results), 1);
    this.define(identity, { kind: "function", parameters, results }, -1);
    return identity;
  }

  /** The identity of the first type of a group of `size` types that `key` describes; the others follow. */
  group(key: string, size: number): number {
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const identity = this.#types.length;
    this.#groups.set(key, identity);
    for (let index = 0; index < size; index++) {
      this.#types.push(undefinedType);
      this.#supertypes.push(-1);
    }
    return identity;
  }

  /** Says what `identity` is. Repeating it for an equal type changes nothing. */
  define(identity: number, type: CoreType, supertype: number): void {
    this.#types[identity] = type;
    this.#supertypes[identity] = supertype;
  }

  isSubtype(actual: number, expected: number): boolean {
    let type = actual;
    while (type > expected) type = this.#supertypes[type] ?? -1;
    return type === expected;
  }
}

function functionText(parameters: readonly string[], results: readonly string[]): string {
  return `func ${parameters.join(" ")} -> ${results.join(" ")}`;
}

const numericTypes: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
};

const heapTypes: Readonly<Record<number, string>> = {
  0x74: "noexn",
  0x73: "nofunc",
  0x72: "noextern",
  0x71: "none",
  0x70: "func",
  0x6f: "extern",
  0x6e: "any",
  0x6d: "eq",
  0x6c: "i31",
  0x6b: "struct",
  0x6a: "array",
  0x69: "exn",
};

/** Gives the name of type index `index` within a value type. */
export type TypeNamer = (index: number, offset: number) => string;

/** Names a type index by the identity that it has in `space`. */
export function namerOf(space: readonly number[]): TypeNamer {
  return (index, offset) => {
    const identity = space[index];
    return identity === undefined ? invalid(`unknown type ${index}: type index out of bounds`, offset) : `#${identity}`;
  };
}

function readHeapType(reader: Reader, namer: TypeNamer): string {
  const offset = reader.position;
  const code = reader.s33();
  if (code >= 0) return namer(code, offset);
  const name = code >= -64 ? heapTypes[code + 0x80] : undefined;
  return name ?? malformed("invalid heap type", offset);
}

/** Reads a value type. */
export function readCoreValueType(reader: Reader, namer: TypeNamer): string {
  const offset = reader.position;
  const code = reader.byte();
  const numeric = numericTypes[code];
  if (numeric !== undefined) return numeric;
  if (code === 0x63) return `(ref null ${readHeapType(reader, namer)})`;
  if (code === 0x64) return `(ref ${readHeapType(reader, namer)})`;
  const heap = heapTypes[code];
  return heap === undefined
    ? malformed(`invalid core value type 0x${code.toString(16)}`, offset)
    : `(ref null ${heap})`;
}

function readStorageType(reader: Reader, namer: TypeNamer): string {
  const code = reader.peek();
  if (code !== 0x78 && code !== 0x77) return readCoreValueType(reader, namer);
  reader.byte();
  return code === 0x78 ? "i8" : "i16";
}

function readFieldType(reader: Reader, namer: TypeNamer): string {
  const type = readStorageType(reader, namer);
  const offset = reader.position;
  const mutability = reader.byte();
  if (mutability > 1) malformed("malformed mutability", offset);
  return mutability === 1 ? `(mut ${type})` : type;
}

interface CompositeType {
  readonly text: string;
  readonly fields: number;
  readonly function?: { readonly parameters: readonly string[]; readonly results: readonly string[] };
}

function readCompositeType(reader: Reader, namer: TypeNamer): CompositeType {
  const offset = reader.position;
  const code = reader.byte();
  if (code === 0x60) {
    const parameters = reader.list("parameter", () => readCoreValueType(reader, namer));
    const results = reader.list("result", () => readCoreValueType(reader, namer));
    return { text: functionText(parameters, results), fields: 0, function: { parameters, results } };
  }
  if (code === 0x5f) {
    const fields = reader.list("field", () => readFieldType(reader, namer));
    return { text: `struct ${fields.join(" ")}`, fields: fields.length };
  }
  if (code === 0x5e) return { text: `array ${readFieldType(reader, namer)}`, fields: 1 };
  if (code === 0x65) unsupported("shared core types", offset);
  return malformed(`invalid core type 0x${code.toString(16)}`, offset);
}

interface Subtype extends CompositeType {
  readonly supertype?: string;
  readonly offset: number;
}

function readSubtype(reader: Reader, namer: TypeNamer): Subtype {
  const offset = reader.position;
  const code = reader.peek();
  if (code !== 0x50 && code !== 0x4f) return { ...readCompositeType(reader, namer), offset };
  reader.byte();
  const [supertype, ...others] = reader.list("supertype", () => namer(reader.u32(), offset));
  if (others.length > 0) invalid("a type has more than one supertype", offset);
  const type = readCompositeType(reader, namer);
  const text = `${code === 0x50 ? "sub" : "sub final"} ${supertype ?? ""} ${type.text}`;
  return { ...type, text, offset, ...(supertype === undefined ? {} : { supertype }) };
}

/** Reads a group of types that may refer to each other, and appends their identities to `space`. */
export function readRecursionGroup(reader: Reader, types: CoreTypes, space: number[]): void {
  const start = space.length;
  const isGroup = reader.peek() === 0x4e;
  if (isGroup) reader.byte();
  const count = isGroup ? reader.count("type") : 1;
  const outer = namerOf(space);
  const namer: TypeNamer = (index, offset) =>
    index >= start && index < start + count ? `#rec${index - start}` : outer(index, offset);
  const members: Subtype[] = [];
  for (let index = 0; index < count; index++) members.push(readSubtype(reader, namer));
  const first = types.group(members.map((member) => member.text).join(";"), count);
  const resolve = (text: string): string =>
    text.replaceAll(/#rec([0-9]+)/g, (_, index: string) => `#${first + Number(index)}`);
  for (const [index, { function: signature, fields, supertype, offset }] of members.entries()) {
    const parent = supertype === undefined ? -1 : Number(resolve(supertype).slice(1));
    if (parent >= first + index) invalid("a supertype must be defined before its subtypes", offset);
    const type: CoreType =
      signature === undefined
        ? { kind: "other", fields }
        : {
            kind: "function",
            parameters: signature.parameters.map(resolve),
            results: signature.results.map(resolve),
          };
    types.define(first + index, type, parent);
    space.push(first + index);
  }
}

const codes: ReadonlyMap<string, number> = new Map(
  [...Object.entries(numericTypes), ...Object.entries(heapTypes)].map(([code, name]) => [name, Number(code)]),
);

/** The binary form of a value type of a module whose types have the identities in `space`. */
export function encodeValueType(type: string, space: readonly number[]): number[] {
  const numeric = codes.get(type);
  if (numeric !== undefined) return [numeric];
  const [, nullable, heap = ""] = /^\(ref (null )?([^)]*)\)$/.exec(type) ?? [];
  const code = codes.get(heap);
  const heapType = code === undefined ? signedLeb(space.indexOf(Number(heap.slice(1)))) : [code];
  return [nullable === undefined ? 0x64 : 0x63, ...heapType];
}

/** A number from 0 on as signed LEB128. */
function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x40; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
