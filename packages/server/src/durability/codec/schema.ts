/**
 * WIT types written as TypeScript values whose static type is the type of the values they describe, so that a record's
 * layout, its codec and its TypeScript type have one source. Field names are camelCase here and kebab-case in WIT.
 */
import type { ValueType } from "@emet/component";

/** A WIT type together with the TypeScript type `T` of its values; `value` exists for the type checker only. */
export interface Schema<T> {
  readonly type: ValueType;
  readonly value?: T;
}

export type SchemaValue<S> = S extends Schema<infer T> ? T : never;

type Fields = { readonly [name: string]: Schema<unknown> };
type RecordValue<F extends Fields> = { readonly [K in keyof F]: SchemaValue<F[K]> };
type Cases = { readonly [name: string]: Schema<unknown> | undefined };
type VariantValue<C extends Cases> = {
  [K in keyof C]: { readonly tag: K; readonly val: C[K] extends Schema<infer T> ? T : undefined };
}[keyof C];

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

export const bool: Schema<boolean> = { type: { kind: "bool" } };
export const u8: Schema<number> = { type: { kind: "u8" } };
export const u16: Schema<number> = { type: { kind: "u16" } };
export const u32: Schema<number> = { type: { kind: "u32" } };
export const u64: Schema<bigint> = { type: { kind: "u64" } };
export const s32: Schema<number> = { type: { kind: "s32" } };
export const s64: Schema<bigint> = { type: { kind: "s64" } };
export const f64: Schema<number> = { type: { kind: "f64" } };
export const string: Schema<string> = { type: { kind: "string" } };
export const bytes: Schema<Uint8Array> = { type: { kind: "list", element: { kind: "u8" } } };
/** No value: the payload of functions without parameters or result. */
export const unit: Schema<readonly []> = { type: { kind: "tuple", items: [] } };

export function list<T>(element: Schema<T>): Schema<readonly T[]> {
  return { type: { kind: "list", element: element.type } };
}

export function u32List(): Schema<Uint32Array> {
  return { type: { kind: "list", element: { kind: "u32" } } };
}

export function option<T>(some: Schema<T>): Schema<T | undefined> {
  return { type: { kind: "option", some: some.type } };
}

const lateTypes = new WeakSet<ValueType>();

/** An option that records got later, as their last field: absent in those written before. */
export function lateOption<T>(some: Schema<T>): Schema<T | undefined> {
  const schema = option(some);
  lateTypes.add(schema.type);
  return schema;
}

export function isLate(type: ValueType): boolean {
  return lateTypes.has(type);
}

export function tuple<A, B>(first: Schema<A>, second: Schema<B>): Schema<readonly [A, B]> {
  return { type: { kind: "tuple", items: [first.type, second.type] } };
}

export function enumeration<const C extends readonly string[]>(...cases: C): Schema<C[number]> {
  return { type: { kind: "enum", cases } };
}

export function record<F extends Fields>(fields: F): Schema<RecordValue<F>> {
  const members = Object.entries(fields).map(([name, field]) => ({ name: kebabCase(name), type: field.type }));
  return { type: { kind: "record", fields: members } };
}

export function variant<C extends Cases>(cases: C): Schema<VariantValue<C>> {
  const members = Object.entries(cases).map(([name, payload]) =>
    payload === undefined ? { name } : { name, type: payload.type },
  );
  return { type: { kind: "variant", cases: members } };
}

export function result<T, E>(
  ok: Schema<T> | undefined,
  err: Schema<E> | undefined,
): Schema<{ readonly tag: "ok"; readonly val: T } | { readonly tag: "err"; readonly val: E }> {
  return {
    type: {
      kind: "result",
      ...(ok === undefined ? {} : { ok: ok.type }),
      ...(err === undefined ? {} : { err: err.type }),
    },
  };
}
