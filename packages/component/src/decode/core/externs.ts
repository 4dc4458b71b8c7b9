/** What core modules import and export, and when one thing may stand for another. */
import { invalid, malformed, unsupported } from "../reader.ts";
import type { Reader } from "../reader.ts";
import { namerOf, readCoreValueType } from "./types.ts";
import type { CoreTypes } from "./types.ts";

interface Bounds {
  readonly minimum: bigint;
  readonly maximum?: bigint;
  readonly is64: boolean;
  readonly shared: boolean;
}

export type CoreExtern =
  /** `type` is an identity in `CoreTypes`. */
  | { readonly kind: "function"; readonly type: number }
  | { readonly kind: "table"; readonly element: string; readonly bounds: Bounds }
  | { readonly kind: "memory"; readonly bounds: Bounds }
  | { readonly kind: "global"; readonly type: string; readonly mutable: boolean }
  | { readonly kind: "tag"; readonly type: number };

export interface CoreImport {
  readonly module: string;
  readonly name: string;
  readonly type: CoreExtern;
}

export interface CoreModule {
  readonly imports: readonly CoreImport[];
  readonly exports: ReadonlyMap<string, CoreExtern>;
}

/** Reads the limits of a memory, in pages, or of a table. */
export function readBounds(reader: Reader, isMemory: boolean): Bounds {
  const offset = reader.position;
  const flags = reader.byte();
  if (flags > (isMemory ? 15 : 7)) malformed("invalid limits flags", offset);
  if (flags & 8) unsupported("memories with pages of another size", offset);
  const is64 = (flags & 4) !== 0;
  const read = (): bigint => (is64 ? reader.u64() : BigInt(reader.u32()));
  const minimum = read();
  const maximum = flags & 1 ? read() : undefined;
  if (maximum !== undefined && maximum < minimum) {
    invalid("size minimum must not be greater than maximum", offset);
  }
  if (isMemory && !is64 && (maximum ?? minimum) > 0x10000n) invalid("memory size must be at most 65536 pages", offset);
  return { minimum, is64, shared: (flags & 2) !== 0, ...(maximum === undefined ? {} : { maximum }) };
}

export function readTableType(reader: Reader, space: readonly number[]): CoreExtern {
  const element = readCoreValueType(reader, namerOf(space));
  return { kind: "table", element, bounds: readBounds(reader, false) };
}

export function readMemoryType(reader: Reader): CoreExtern {
  return { kind: "memory", bounds: readBounds(reader, true) };
}

export function readGlobalType(reader: Reader, space: readonly number[]): CoreExtern {
  const type = readCoreValueType(reader, namerOf(space));
  const offset = reader.position;
  const mutability = reader.byte();
  if (mutability > 1) malformed("malformed mutability", offset);
  return { kind: "global", type, mutable: mutability === 1 };
}

/** Reads the index of a function type and gives the type's identity. */
export function readFunctionTypeIndex(reader: Reader, space: readonly number[], types: CoreTypes): number {
  const offset = reader.position;
  const index = reader.u32();
  const identity = space[index];
  if (identity === undefined) return invalid(`unknown type ${index}: type index out of bounds`, offset);
  if (types.at(identity).kind !== "function") invalid(`type ${index} is not a function type`, offset);
  return identity;
}

export function readTagType(reader: Reader, space: readonly number[], types: CoreTypes): CoreExtern {
  const offset = reader.position;
  if (reader.byte() !== 0) malformed("invalid tag attribute", offset);
  return { kind: "tag", type: readFunctionTypeIndex(reader, space, types) };
}

/** Reads an extern type as it stands in imports and in module types. */
export function readCoreExtern(reader: Reader, space: readonly number[], types: CoreTypes): CoreExtern {
  const offset = reader.position;
  switch (reader.byte()) {
    case 0x00:
      return { kind: "function", type: readFunctionTypeIndex(reader, space, types) };
    case 0x01:
      return readTableType(reader, space);
    case 0x02:
      return readMemoryType(reader);
    case 0x03:
      return readGlobalType(reader, space);
    case 0x04:
      return readTagType(reader, space, types);
    default:
      return malformed("malformed import kind", offset);
  }
}

function boundsMismatch(actual: Bounds, expected: Bounds, what: string): string | undefined {
  if (actual.is64 !== expected.is64) return `mismatch in index type of ${what}`;
  if (actual.shared !== expected.shared) return `mismatch in the shared flag for ${what}`;
  const fits =
    actual.minimum >= expected.minimum &&
    (expected.maximum === undefined || (actual.maximum !== undefined && actual.maximum <= expected.maximum));
  return fits ? undefined : `mismatch in ${what === "tables" ? "table" : "memory"} limits`;
}

// References with defined types are left to the engine, which checks all of them again when it instantiates.
function valueTypeMismatch(actual: string, expected: string): boolean {
  return actual !== expected && !actual.includes("#") && !expected.includes("#");
}

/** Why `actual` can't be used where `expected` is wanted; undefined when it can. */
export function coreMismatch(actual: CoreExtern, expected: CoreExtern, types: CoreTypes): string | undefined {
  if (actual.kind === "function" && expected.kind === "function") {
    return types.isSubtype(actual.type, expected.type) ? undefined : "expected another function type";
  }
  if (actual.kind === "tag" && expected.kind === "tag") {
    return actual.type === expected.type ? undefined : "expected another tag type";
  }
  if (actual.kind === "memory" && expected.kind === "memory") {
    return boundsMismatch(actual.bounds, expected.bounds, "memories");
  }
  if (actual.kind === "table" && expected.kind === "table") {
    return valueTypeMismatch(actual.element, expected.element)
      ? `expected table element type ${expected.element}, found ${actual.element}`
      : boundsMismatch(actual.bounds, expected.bounds, "tables");
  }
  if (actual.kind === "global" && expected.kind === "global") {
    if (actual.mutable !== expected.mutable) return "global types differ in mutability";
    return valueTypeMismatch(actual.type, expected.type)
      ? `expected global type ${expected.type}, found ${actual.type}`
      : undefined;
  }
  return `expected ${expected.kind}, found ${actual.kind}`;
}
