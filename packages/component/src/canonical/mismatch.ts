/** Explains why a JavaScript value does not have a WIT type, after a generated check has said so. */
import { ComponentError } from "../errors.ts";
import type { FunctionType, ValueType } from "../types/value-type.ts";
import { caseTypes } from "./layout.ts";
import { variantTags } from "./lower.ts";
import { camelCase } from "./names.ts";
import { numberArrays } from "./number-lists.ts";
import { isChar } from "./text.ts";

/** Where a value goes wrong: a path such as `.field[3]`, and what was expected there. */
interface Mismatch {
  readonly path: string;
  readonly expected: string;
  readonly found: unknown;
}

/** The error for parameters that don't fit a function's type. */
export function parametersMismatch(type: FunctionType, parameters: readonly unknown[]): ComponentError {
  const { length } = type.parameters;
  if (parameters.length !== length) {
    return new ComponentError("type", `expected ${length} parameters, found ${parameters.length}`);
  }
  for (const [index, parameter] of type.parameters.entries()) {
    const mismatch = find(parameter.type, parameters[index]);
    if (mismatch !== undefined) return errorOf(`param ${JSON.stringify(parameter.name)}`, mismatch);
  }
  return new ComponentError("type", "parameters don't fit the function's type");
}

/** The error for a result of a host function that does not fit its type. */
export function resultMismatch(type: ValueType, result: unknown): ComponentError {
  const mismatch = find(type, result);
  return mismatch === undefined
    ? new ComponentError("type", "result of a host function does not fit its type")
    : errorOf("result of a host function", mismatch);
}

function errorOf(what: string, { path, expected, found }: Mismatch): ComponentError {
  return new ComponentError("type", `${what}${path}: expected ${expected}, found ${show(found)}`);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "boolean" || value === undefined || value === null) {
    return String(value);
  }
  if (typeof value === "function") return "a function";
  return Array.isArray(value) ? "an array" : `an object (${value.constructor?.name ?? "no prototype"})`;
}

const ranges: { readonly [kind: string]: readonly [number, number] } = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  own: [0, 0xffff_ffff],
  borrow: [0, 0xffff_ffff],
};

function find(type: ValueType, value: unknown): Mismatch | undefined {
  const unless = (good: boolean, expected: string): Mismatch | undefined =>
    good ? undefined : { path: "", expected, found: value };
  switch (type.kind) {
    case "bool":
      return unless(typeof value === "boolean", "a boolean");
    case "u64":
      return unless(typeof value === "bigint" && BigInt.asUintN(64, value) === value, "a bigint in the range of u64");
    case "s64":
      return unless(typeof value === "bigint" && BigInt.asIntN(64, value) === value, "a bigint in the range of s64");
    case "f32":
    case "f64":
      return unless(typeof value === "number", "a number");
    case "string":
      return unless(typeof value === "string", "a string");
    case "char":
      return unless(isChar(value), "a string of one Unicode scalar value");
    case "enum":
      return unless(type.cases.includes(value as string), `one of ${type.cases.join(", ")}`);
    case "record":
      return findInMembers(
        type.fields.map((field) => [field.type, camelCase(field.name)]),
        value,
      );
    case "tuple":
      if (!Array.isArray(value) || value.length !== type.items.length) {
        return unless(false, `an array of length ${type.items.length}`);
      }
      return findInMembers(
        type.items.map((item, index) => [item, index]),
        value,
      );
    case "flags":
      return findInFlags(type.names, value);
    case "list":
      return findInList(type.element, value);
    case "variant":
    case "option":
    case "result":
      return findInVariant(type, value);
    default:
      return findInRange(type.kind, value);
  }
}

function findInRange(kind: string, value: unknown): Mismatch | undefined {
  const [least, most] = ranges[kind] ?? [0, 0];
  const what =
    kind === "own" || kind === "borrow" ? "the representation of a resource" : `a number in the range of ${kind}`;
  const good = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
  return good ? undefined : { path: "", expected: what, found: value };
}

function findInMembers(
  members: readonly (readonly [ValueType, string | number])[],
  value: unknown,
): Mismatch | undefined {
  if (typeof value !== "object" || value === null) return { path: "", expected: "an object", found: value };
  for (const [type, key] of members) {
    const step = typeof key === "number" ? `[${key}]` : `.${key}`;
    const mismatch = under(step, find(type, (value as { [key: string]: unknown })[key]));
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function under(step: string, mismatch: Mismatch | undefined): Mismatch | undefined {
  return mismatch === undefined ? undefined : { ...mismatch, path: step + mismatch.path };
}

function findInFlags(flags: readonly string[], value: unknown): Mismatch | undefined {
  if (typeof value !== "object" || value === null) return { path: "", expected: "an object", found: value };
  for (const flag of flags) {
    const key = camelCase(flag);
    const found = (value as { [key: string]: unknown })[key];
    if (found !== undefined && typeof found !== "boolean") return { path: `.${key}`, expected: "a boolean", found };
  }
  return undefined;
}

function findInList(element: ValueType, value: unknown): Mismatch | undefined {
  const array = Object.hasOwn(numberArrays, element.kind) ? numberArrays[element.kind] : undefined;
  if (array !== undefined && value instanceof array) return undefined;
  if (!Array.isArray(value)) {
    const expected = array === undefined ? "an array" : `${array.name} or an array of numbers`;
    return { path: "", expected, found: value };
  }
  for (const [index, item] of value.entries()) {
    const mismatch = under(`[${index}]`, find(element, item));
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function findInVariant(
  type: Extract<ValueType, { readonly kind: "variant" | "option" | "result" }>,
  value: unknown,
): Mismatch | undefined {
  if (type.kind === "option" && type.some.kind !== "option") {
    return value === undefined ? undefined : find(type.some, value);
  }
  if (typeof value !== "object" || value === null) {
    return { path: "", expected: "an object with a tag", found: value };
  }
  const { tag, val } = value as { tag?: unknown; val?: unknown };
  const tags = variantTags(type);
  const index = tags.findIndex((one) => one === tag);
  if (index < 0) return { path: ".tag", expected: `one of ${tags.join(", ")}`, found: tag };
  const one = caseTypes(type)?.[index];
  if (one === undefined) {
    return val === undefined ? undefined : { path: ".val", expected: "no payload", found: val };
  }
  return under(".val", find(one, val));
}
