/** WAVE, the WebAssembly Value Encoding: values as text, read by type. */
import { camelCase, numberArrays } from "@emet/component/values";
import type { Value, ValueType } from "@emet/component/values";
import { integerRanges } from "./integer-ranges.ts";
import type { IntegerKind } from "./integer-ranges.ts";
import { WaveError, WaveScanner } from "./wave-scanner.ts";

/** The value of `type` that the whole of `text` stands for. Throws `WaveError` with the position of a mistake. */
export function parseWave(type: ValueType, text: string): Value {
  const scanner = new WaveScanner(text);
  const value = parseValue(type, scanner);
  scanner.expectEnd();
  return value;
}

function parseValue(type: ValueType, scanner: WaveScanner): Value {
  switch (type.kind) {
    case "bool":
      return scanner.keyword(["true", "false"]) === "true";
    case "char":
      return scanner.char();
    case "string":
      return scanner.string();
    case "f32":
    case "f64":
      return scanner.float();
    case "list": {
      const items = scanner.sequence("[", "]", () => parseValue(type.element, scanner));
      const array = numberArrays[type.element.kind];
      return array === undefined ? items : array.from(items);
    }
    case "tuple":
      return parseTuple(type.items, scanner);
    case "record":
      return parseRecord(type, scanner);
    case "flags": {
      const set = scanner.sequence("{", "}", () => scanner.keyword(type.names));
      return Object.fromEntries(type.names.map((name) => [camelCase(name), set.includes(name)]));
    }
    case "enum":
      return scanner.keyword(type.cases);
    case "option":
      return parseOption(type.some, scanner);
    case "variant":
      return parseCase(type.cases, scanner);
    case "result":
      return parseResult(type, scanner);
    case "own":
    case "borrow":
      throw new WaveError("a handle has no text form", scanner.position);
    default:
      return parseInteger(type.kind, scanner);
  }
}

function parseInteger(kind: IntegerKind, scanner: WaveScanner): number | bigint {
  const { position } = scanner;
  const value = scanner.integer();
  const [least, most] = integerRanges[kind];
  if (value < least || value > most) throw new WaveError(`${value} is out of the range of ${kind}`, position);
  return kind === "u64" || kind === "s64" ? value : Number(value);
}

function parseTuple(items: readonly ValueType[], scanner: WaveScanner): readonly Value[] {
  let index = 0;
  const { position } = scanner;
  const values = scanner.sequence("(", ")", () => {
    const item = items[index++];
    if (item === undefined) throw new WaveError(`expected ${items.length} items`, scanner.position);
    return parseValue(item, scanner);
  });
  if (values.length !== items.length) throw new WaveError(`expected ${items.length} items`, position);
  return values;
}

function parseRecord(type: Extract<ValueType, { readonly kind: "record" }>, scanner: WaveScanner): Value {
  const { position } = scanner;
  const fields: { [name: string]: Value } = {};
  // The empty record's braces would be those of empty flags: a colon tells them apart.
  if (scanner.skip("{:}")) return fillOptions(type, fields, position);
  const names = type.fields.map((field) => field.name);
  scanner.sequence("{", "}", () => {
    const name = scanner.keyword(names);
    scanner.expect(":");
    const field = type.fields.find((item) => item.name === name);
    if (field !== undefined) fields[camelCase(name)] = parseValue(field.type, scanner);
  });
  return fillOptions(type, fields, position);
}

/** Fields of option type may be left out; all others must be there. */
function fillOptions(
  type: Extract<ValueType, { readonly kind: "record" }>,
  fields: { [name: string]: Value },
  position: number,
): Value {
  for (const field of type.fields) {
    const name = camelCase(field.name);
    if (Object.hasOwn(fields, name)) continue;
    if (field.type.kind !== "option") throw new WaveError(`field "${field.name}" is missing`, position);
    fields[name] = none(field.type.some);
  }
  return fields;
}

function none(some: ValueType): Value {
  return some.kind === "option" ? { tag: "none" } : undefined;
}

/** `some(v)`, `none`, or `v` itself where that can't be mistaken for one of them. */
function parseOption(some: ValueType, scanner: WaveScanner): Value {
  const word = scanner.peekWord();
  if (word === "none") {
    scanner.keyword(["none"]);
    return none(some);
  }
  const explicit = word === "some";
  if (explicit) scanner.keyword(["some"]);
  const value = explicit ? scanner.parenthesized(() => parseValue(some, scanner)) : parseValue(some, scanner);
  return some.kind === "option" ? { tag: "some", val: value } : value;
}

function parseCase(
  cases: readonly { readonly name: string; readonly type?: ValueType }[],
  scanner: WaveScanner,
): Value {
  const tag = scanner.keyword(cases.map((item) => item.name));
  const type = cases.find((item) => item.name === tag)?.type;
  return { tag, val: type === undefined ? undefined : scanner.parenthesized(() => parseValue(type, scanner)) };
}

/** `ok(v)`, `err(e)`, or a bare `v` for ok. */
function parseResult(type: Extract<ValueType, { readonly kind: "result" }>, scanner: WaveScanner): Value {
  const word = scanner.peekWord();
  if (word === "ok" || word === "err") {
    scanner.keyword([word]);
    const payload = word === "ok" ? type.ok : type.err;
    return {
      tag: word,
      val: payload === undefined ? undefined : scanner.parenthesized(() => parseValue(payload, scanner)),
    };
  }
  if (type.ok === undefined) throw new WaveError("expected ok or err", scanner.position);
  return { tag: "ok", val: parseValue(type.ok, scanner) };
}
