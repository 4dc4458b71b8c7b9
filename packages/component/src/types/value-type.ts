/**
 * WIT types as data. They are plain objects without cycles, so that they can be stored, compared and sent to other
 * threads; code generators (lift and lower, record codecs, JSON) are driven by them.
 *
 * Values have jco's TypeScript form: `bigint` for s64 and u64, `number` for the other numbers, a one-scalar `string`
 * for char, camelCase record fields, camelCase booleans for flags, kebab-case strings for enums, `{ tag, val }` for
 * variants and results (everywhere, also at the top level of a function's result), `T | undefined` for options and
 * `{ tag: "some" | "none", val }` where an option's payload is itself an option, `Uint8Array` for list<u8>, the
 * matching typed array for other lists of numbers, arrays for all other lists and for tuples. A handle is the
 * resource's representation, a u32 `number`, in both directions.
 */

/** A named member of a record, or a parameter. `name` has WIT's spelling. */
export interface Field {
  readonly name: string;
  readonly type: ValueType;
}

/** A case of a variant. */
export interface Case {
  readonly name: string;
  readonly type?: ValueType;
}

export const primitiveKinds = [
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "s8",
  "s16",
  "s32",
  "s64",
  "f32",
  "f64",
  "char",
  "string",
] as const;

export type PrimitiveKind = (typeof primitiveKinds)[number];

/**
 * The type of a value. `resource` in a handle is an index into the `resources` of the component definition in which
 * the type is used (see `decode/model.ts`).
 */
export type ValueType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: "list"; readonly element: ValueType }
  | { readonly kind: "record"; readonly fields: readonly Field[] }
  | { readonly kind: "tuple"; readonly items: readonly ValueType[] }
  | { readonly kind: "variant"; readonly cases: readonly Case[] }
  | { readonly kind: "enum"; readonly cases: readonly string[] }
  | { readonly kind: "flags"; readonly names: readonly string[] }
  | { readonly kind: "option"; readonly some: ValueType }
  | { readonly kind: "result"; readonly ok?: ValueType; readonly err?: ValueType }
  | { readonly kind: "own"; readonly resource: number }
  | { readonly kind: "borrow"; readonly resource: number };

/** The type of a component function. `result` is absent when the function returns nothing. */
export interface FunctionType {
  readonly parameters: readonly Field[];
  readonly result?: ValueType;
}
