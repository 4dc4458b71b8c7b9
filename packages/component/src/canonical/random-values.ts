/** Random types, and random values of them, for tests. */
import * as fc from "fast-check";
import type { Value } from "../host.ts";
import type { ValueType } from "../types/value-type.ts";
import { primitiveKinds } from "../types/value-type.ts";
import { camelCase } from "./names.ts";
import { numberArrays } from "./number-lists.ts";

const names = ["a", "b-c", "http-2", "x", "get-it", "constructor", "then"];

const plain = { noNullPrototype: true };

/** Random types without resources. */
export const anyType: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(...primitiveKinds).map((kind): ValueType => ({ kind })),
    fc.integer({ min: 1, max: 70 }).map((count): ValueType => ({
      kind: "flags",
      names: Array.from({ length: count }, (_, index) => `flag-${index}`),
    })),
    fc.constantFrom(1, 3, 256, 257).map((count): ValueType => ({
      kind: "enum",
      cases: Array.from({ length: count }, (_, index) => `case-${index}`),
    })),
    tie("type").map((element): ValueType => ({ kind: "list", element })),
    fc.array(tie("type"), { minLength: 1, maxLength: 7 }).map((types): ValueType => ({
      kind: "record",
      fields: types.map((type, index) => ({ name: names[index] ?? `f-${index}`, type })),
    })),
    fc.array(tie("type"), { minLength: 1, maxLength: 3 }).map((items): ValueType => ({ kind: "tuple", items })),
    fc.array(fc.option(tie("type"), { nil: undefined }), { minLength: 1, maxLength: 5 }).map((types): ValueType => ({
      kind: "variant",
      cases: types.map((type, index) => (type === undefined ? { name: `c${index}` } : { name: `c${index}`, type })),
    })),
    tie("type").map((some): ValueType => ({ kind: "option", some })),
    fc
      .tuple(fc.option(tie("type"), { nil: undefined }), fc.option(tie("type"), { nil: undefined }))
      .map(([ok, err]): ValueType => ({ kind: "result", ...(ok && { ok }), ...(err && { err }) })),
  ),
})).type;

/** Random values of a type, as they come back after a round trip. */
export function valueOf(type: ValueType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case "bool":
      return fc.boolean();
    case "char":
      return fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
    case "string":
      return fc.oneof(
        fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
      );
    case "u64":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case "s64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "f32":
      return fc.float();
    case "f64":
      return fc.double();
    case "list":
      return listOf(type.element);
    case "record":
      return fc.record(
        Object.fromEntries(type.fields.map((field) => [camelCase(field.name), valueOf(field.type)])),
        plain,
      );
    case "tuple":
      return fc.tuple(...type.items.map(valueOf));
    case "flags":
      return fc.record(Object.fromEntries(type.names.map((name) => [camelCase(name), fc.boolean()])), plain);
    case "enum":
      return fc.constantFrom(...type.cases);
    case "option":
      return optionOf(type.some);
    case "variant":
      return fc.oneof(
        ...type.cases.map(({ name, type: payload }) =>
          payload === undefined ? fc.constant({ tag: name }) : valueOf(payload).map((val) => ({ tag: name, val })),
        ),
      );
    case "result":
      return fc.oneof(caseOf("ok", type.ok), caseOf("err", type.err));
    case "own":
    case "borrow":
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    default:
      return integerOf(type.kind);
  }
}

function caseOf(tag: string, type: ValueType | undefined): fc.Arbitrary<Value> {
  return type === undefined ? fc.constant({ tag, val: undefined }) : valueOf(type).map((val) => ({ tag, val }));
}

function optionOf(some: ValueType): fc.Arbitrary<Value> {
  if (some.kind !== "option") return fc.option(valueOf(some), { nil: undefined });
  return fc.oneof(
    fc.constant({ tag: "none" }),
    valueOf(some).map((val) => ({ tag: "some", val })),
  );
}

function integerOf(kind: string): fc.Arbitrary<number> {
  const bits = Number(kind.slice(1));
  return kind.startsWith("u")
    ? fc.integer({ min: 0, max: 2 ** bits - 1 })
    : fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
}

function listOf(element: ValueType): fc.Arbitrary<Value> {
  const array = Object.hasOwn(numberArrays, element.kind) ? numberArrays[element.kind] : undefined;
  const items = fc.array(valueOf(element), { maxLength: 5 });
  if (array === undefined) return items;
  return items.map((values) => {
    const typed = new array(values.length);
    for (const [index, value] of values.entries()) typed[index] = value as never;
    return typed;
  });
}
