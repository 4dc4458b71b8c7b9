/** JSON to values (spec/service.md §4.2), with errors that say where. */
import { camelCase, numberArrays } from "@emet/component/values";
import type { Value, ValueType } from "@emet/component/values";
import { integerRanges } from "./integer-ranges.ts";
import type { IntegerKind } from "./integer-ranges.ts";
import type { Json } from "./json.ts";

/** The JSON doesn't fit the type. The message begins with the place: `params[0].items[2]: expected a number`. */
export class ValueJsonError extends Error {
  override readonly name = "ValueJsonError";
}

/** How handles are read: the representation of the resource that a URN names, or undefined when it isn't this worker's. */
export interface HandleReader {
  readonly representation: (urn: string, resource: number, mode: "own" | "borrow") => Value | undefined;
  /** In answers of the server, where the floats that JSON lacks are written as null; they are read as NaN. */
  readonly nullFloats?: boolean;
}

type Members = { readonly [name: string]: Json };

/** Throws `ValueJsonError`; `place` is where `json` stands, for its message. */
export function valueFromJson(type: ValueType, json: Json, handles: HandleReader, place: string): Value {
  switch (type.kind) {
    case "bool":
      if (typeof json !== "boolean") throw mismatch(place, "a boolean", json);
      return json;
    case "string":
      if (typeof json !== "string") throw mismatch(place, "a string", json);
      return json;
    case "char":
      return charFromJson(json, place);
    case "f32":
    case "f64":
      return json === null && handles.nullFloats === true ? Number.NaN : floatFromJson(json, place);
    case "enum":
      if (typeof json !== "string" || !type.cases.includes(json)) {
        throw mismatch(place, `one of ${type.cases.join(", ")}`, json);
      }
      return json;
    case "own":
    case "borrow":
      return handleFromJson(type, json, handles, place);
    case "flags":
      return flagsFromJson(type.names, json, place);
    case "list":
    case "record":
    case "tuple":
    case "option":
    case "variant":
    case "result":
      return compositeFromJson(type, json, handles, place);
    default:
      return integerFromJson(type.kind, json, place);
  }
}

type Composite = Extract<ValueType, { readonly kind: "list" | "record" | "tuple" | "option" | "variant" | "result" }>;

function compositeFromJson(type: Composite, json: Json, handles: HandleReader, place: string): Value {
  const inner = (innerType: ValueType, innerJson: Json, innerPlace: string): Value =>
    valueFromJson(innerType, innerJson, handles, innerPlace);
  switch (type.kind) {
    case "list": {
      const items = arrayOf(json, place).map((item, index) => inner(type.element, item, `${place}[${index}]`));
      const array = numberArrays[type.element.kind];
      return array === undefined ? items : array.from(items);
    }
    case "tuple": {
      const items = arrayOf(json, place);
      if (items.length !== type.items.length) throw mismatch(place, `an array of ${type.items.length} items`, json);
      return type.items.map((item, index) => inner(item, items[index] ?? null, `${place}[${index}]`));
    }
    case "record":
      return recordFromJson(type, membersOf(json, place), inner, place);
    case "option": {
      const some = json === null ? undefined : inner(type.some, json, place);
      if (type.some.kind !== "option") return some;
      return json === null ? { tag: "none" } : { tag: "some", val: some };
    }
    case "variant":
      return caseFromJson(type.cases, json, inner, place);
    case "result":
      return caseFromJson(resultCases(type), json, inner, place);
  }
}

type Inner = (type: ValueType, json: Json, place: string) => Value;

function recordFromJson(
  type: Extract<ValueType, { readonly kind: "record" }>,
  members: Members,
  inner: Inner,
  place: string,
): Value {
  const fields: { [name: string]: Value } = {};
  for (const field of type.fields) {
    const json = Object.hasOwn(members, field.name) ? members[field.name] : undefined;
    if (json === undefined && field.type.kind !== "option") {
      throw new ValueJsonError(`${place}: field "${field.name}" is missing`);
    }
    fields[camelCase(field.name)] = inner(field.type, json ?? null, `${place}.${field.name}`);
  }
  return fields;
}

interface NamedCase {
  readonly name: string;
  readonly type?: ValueType;
}

function resultCases(type: Extract<ValueType, { readonly kind: "result" }>): readonly NamedCase[] {
  return [
    { name: "ok", ...(type.ok === undefined ? {} : { type: type.ok }) },
    { name: "err", ...(type.err === undefined ? {} : { type: type.err }) },
  ];
}

function caseFromJson(cases: readonly NamedCase[], json: Json, inner: Inner, place: string): Value {
  const expected = `an object with one of the keys ${cases.map((item) => item.name).join(", ")}`;
  const entries = Object.entries(membersOf(json, place));
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) throw mismatch(place, expected, json);
  const [tag, payload] = entry;
  const found = cases.find((item) => item.name === tag);
  if (found === undefined) throw mismatch(place, expected, json);
  if (found.type !== undefined) return { tag, val: inner(found.type, payload, `${place}.${tag}`) };
  if (payload !== null) throw mismatch(`${place}.${tag}`, "null", payload);
  return { tag, val: undefined };
}

function flagsFromJson(names: readonly string[], json: Json, place: string): Value {
  const flags: { [name: string]: boolean } = Object.fromEntries(names.map((name) => [camelCase(name), false]));
  for (const [index, name] of arrayOf(json, place).entries()) {
    if (typeof name !== "string" || !names.includes(name)) {
      throw mismatch(`${place}[${index}]`, `one of ${names.join(", ")}`, name);
    }
    flags[camelCase(name)] = true;
  }
  return flags;
}

function handleFromJson(
  type: Extract<ValueType, { readonly kind: "own" | "borrow" }>,
  json: Json,
  handles: HandleReader,
  place: string,
): Value {
  if (typeof json !== "string") throw mismatch(place, "a resource URN", json);
  const representation = handles.representation(json, type.resource, type.kind);
  if (representation === undefined) throw new ValueJsonError(`${place}: no resource of this worker is named "${json}"`);
  return representation;
}

function integerFromJson(kind: IntegerKind, json: Json, place: string): number | bigint {
  const [least, most] = integerRanges[kind];
  // A number beyond 2^53 that was not written in digits alone has lost some of them already.
  const isInteger = typeof json === "bigint" || (typeof json === "number" && Number.isSafeInteger(json));
  if (!isInteger) throw mismatch(place, `an integer (${kind})`, json);
  const exact = BigInt(json);
  if (exact < least || exact > most) throw new ValueJsonError(`${place}: ${exact} is out of the range of ${kind}`);
  return kind === "u64" || kind === "s64" ? exact : Number(exact);
}

function floatFromJson(json: Json, place: string): number {
  if (typeof json === "bigint") return Number(json);
  // JSON.parse makes an infinity of numbers like 1e999.
  if (typeof json !== "number" || !Number.isFinite(json)) throw mismatch(place, "a number", json);
  return json;
}

function charFromJson(json: Json, place: string): string {
  const valid =
    typeof json === "number" &&
    Number.isInteger(json) &&
    json >= 0 &&
    json <= 0x10_ffff &&
    !(json >= 0xd800 && json <= 0xdfff);
  if (!valid) throw mismatch(place, "a Unicode scalar value", json);
  return String.fromCodePoint(json);
}

function arrayOf(json: Json, place: string): readonly Json[] {
  if (!Array.isArray(json)) throw mismatch(place, "an array", json);
  return json as readonly Json[];
}

function membersOf(json: Json, place: string): Members {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw mismatch(place, "an object", json);
  return json as Members;
}

function mismatch(place: string, expected: string, found: Json): ValueJsonError {
  return new ValueJsonError(`${place}: expected ${expected}, found ${shown(found)}`);
}

/** Arrays and objects are only named: they may be huge, and nested too deep to be written by recursion. */
function shown(json: Json): string {
  if (Array.isArray(json)) return `an array of ${json.length} items`;
  if (typeof json === "object" && json !== null) return "an object";
  const text = typeof json === "string" ? JSON.stringify(json) : String(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
