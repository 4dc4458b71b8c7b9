/** Sizes, alignments and flat core types of WIT types (the canonical ABI's `elem_size`, `alignment` and `flatten_type`). */
import type { FunctionType, ValueType } from "../types/value-type.ts";

/** A core type in a flattened signature. */
export type FlatType = "i32" | "i64" | "f32" | "f64";

/** How a type lies in linear memory and in core parameters. */
export interface Layout {
  readonly size: number;
  readonly alignment: number;
  /**
   * Core types when passed flat. Longer lists than any signature may have are cut one past the limit, which is enough
   * to see that the value must be spilled and keeps deeply nested types cheap.
   */
  readonly flat: readonly FlatType[];
}

/** More flat parameters than this are passed through memory. */
export const flatParametersMax = 16;

/** Lists and strings above this many bytes trap (the specification's limit of the byte length). */
export const listBytesMax = 0x0fff_ffff;

/**
 * What one lift of parameters or of a result may take of the host, in bytes. Lists can overlap in guest memory, so their
 * sum is bounded by nothing else: without this a guest of a few megabytes could fill the host's heap.
 */
export const liftBytesMax = 0x1000_0000;

/** What an element of a list costs beyond its size in the guest: about what a small JavaScript object takes. */
export const elementBytes = 64;

const flatLimit = flatParametersMax + 1;

const scalarLayouts: { readonly [kind: string]: Layout } = {
  bool: { size: 1, alignment: 1, flat: ["i32"] },
  u8: { size: 1, alignment: 1, flat: ["i32"] },
  s8: { size: 1, alignment: 1, flat: ["i32"] },
  u16: { size: 2, alignment: 2, flat: ["i32"] },
  s16: { size: 2, alignment: 2, flat: ["i32"] },
  u32: { size: 4, alignment: 4, flat: ["i32"] },
  s32: { size: 4, alignment: 4, flat: ["i32"] },
  char: { size: 4, alignment: 4, flat: ["i32"] },
  own: { size: 4, alignment: 4, flat: ["i32"] },
  borrow: { size: 4, alignment: 4, flat: ["i32"] },
  f32: { size: 4, alignment: 4, flat: ["f32"] },
  u64: { size: 8, alignment: 8, flat: ["i64"] },
  s64: { size: 8, alignment: 8, flat: ["i64"] },
  f64: { size: 8, alignment: 8, flat: ["f64"] },
  string: { size: 8, alignment: 4, flat: ["i32", "i32"] },
  list: { size: 8, alignment: 4, flat: ["i32", "i32"] },
};

const known = new WeakMap<ValueType, Layout>();

/** Rounds `offset` up to a multiple of `alignment`, which is a power of two. */
export function alignTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** The layout of a type. */
export function layoutOf(type: ValueType): Layout {
  const scalar = scalarLayouts[type.kind];
  if (scalar !== undefined) return scalar;
  let layout = known.get(type);
  if (layout === undefined) {
    layout = compoundLayout(type);
    known.set(type, layout);
  }
  return layout;
}

function compoundLayout(type: ValueType): Layout {
  const fields = fieldTypes(type);
  if (fields !== undefined) return recordLayout(fields);
  if (type.kind === "flags") return flagsLayout(type.names.length);
  return variantLayout(caseTypes(type) ?? []);
}

/** The types of the members of a record or tuple, undefined for other types. */
export function fieldTypes(type: ValueType): readonly ValueType[] | undefined {
  if (type.kind === "record") return type.fields.map((field) => field.type);
  return type.kind === "tuple" ? type.items : undefined;
}

/** The payload types of a variant, enum, option or result (undefined: no payload); undefined for other types. */
export function caseTypes(type: ValueType): readonly (ValueType | undefined)[] | undefined {
  if (type.kind === "variant") return type.cases.map((one) => one.type);
  if (type.kind === "enum") return type.cases.map(() => undefined);
  if (type.kind === "option") return [undefined, type.some];
  return type.kind === "result" ? [type.ok, type.err] : undefined;
}

function recordLayout(fields: readonly ValueType[]): Layout {
  let size = 0;
  let alignment = 1;
  const flat: FlatType[] = [];
  for (const field of fields) {
    const layout = layoutOf(field);
    size = alignTo(size, layout.alignment) + layout.size;
    alignment = Math.max(alignment, layout.alignment);
    flat.push(...layout.flat);
  }
  return { size: alignTo(size, alignment), alignment, flat: flat.slice(0, flatLimit) };
}

/** Offsets of the members of a record or tuple. */
export function fieldOffsets(fields: readonly ValueType[]): readonly number[] {
  let end = 0;
  return fields.map((field) => {
    const layout = layoutOf(field);
    const offset = alignTo(end, layout.alignment);
    end = offset + layout.size;
    return offset;
  });
}

/** Bytes of the discriminant of a variant with `count` cases. */
export function discriminantSize(count: number): 1 | 2 | 4 {
  return count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4;
}

/** Offset of the payload of a variant with these cases. */
export function payloadOffset(cases: readonly (ValueType | undefined)[]): number {
  return alignTo(discriminantSize(cases.length), payloadAlignment(cases));
}

function payloadAlignment(cases: readonly (ValueType | undefined)[]): number {
  return cases.reduce((most, one) => (one === undefined ? most : Math.max(most, layoutOf(one).alignment)), 1);
}

function variantLayout(cases: readonly (ValueType | undefined)[]): Layout {
  const alignment = Math.max(discriminantSize(cases.length), payloadAlignment(cases));
  const flat: FlatType[] = ["i32"];
  let payload = 0;
  for (const one of cases) {
    if (one === undefined) continue;
    const layout = layoutOf(one);
    payload = Math.max(payload, layout.size);
    for (const [index, have] of layout.flat.entries()) {
      const other = flat[index + 1];
      flat[index + 1] = other === undefined ? have : join(other, have);
    }
  }
  return { size: alignTo(payloadOffset(cases) + payload, alignment), alignment, flat: flat.slice(0, flatLimit) };
}

function join(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32") ? "i32" : "i64";
}

/** Number of 32-bit words of flags beyond 16 names, and of their flat form. */
export function flagsWords(count: number): number {
  return Math.ceil(count / 32);
}

function flagsLayout(count: number): Layout {
  const words = flagsWords(count);
  const flat = Array.from({ length: Math.min(words, flatLimit) }, (): FlatType => "i32");
  if (count === 0) return { size: 0, alignment: 1, flat };
  if (count <= 8) return { size: 1, alignment: 1, flat };
  if (count <= 16) return { size: 2, alignment: 2, flat };
  return { size: words * 4, alignment: 4, flat };
}

/** The flattened signature of a function and what of it goes through memory. */
export interface Signature {
  /** Layout of all parameters together as a tuple. */
  readonly parameters: Layout;
  readonly result: Layout | undefined;
  /** Parameters are passed as one pointer. */
  readonly spilled: boolean;
  /** The result lies in memory: a lifted function returns its pointer, a lowered one is given it as last parameter. */
  readonly returnPointer: boolean;
}

/** The flattened signature of a function type. */
export function signatureOf(type: FunctionType): Signature {
  const parameters = recordLayout(type.parameters.map((parameter) => parameter.type));
  const result = type.result === undefined ? undefined : layoutOf(type.result);
  return {
    parameters,
    result,
    spilled: parameters.flat.length > flatParametersMax,
    returnPointer: result !== undefined && result.flat.length > 1,
  };
}

/** Core types of a function's parameters and results when lifted or lowered. */
export function coreSignature(
  type: FunctionType,
  context: "lift" | "lower",
): { readonly parameters: readonly FlatType[]; readonly results: readonly FlatType[] } {
  const { parameters, result, spilled, returnPointer } = signatureOf(type);
  const flat: FlatType[] = spilled ? ["i32"] : [...parameters.flat];
  if (!returnPointer) return { parameters: flat, results: result?.flat ?? [] };
  return context === "lift" ? { parameters: flat, results: ["i32"] } : { parameters: [...flat, "i32"], results: [] };
}
