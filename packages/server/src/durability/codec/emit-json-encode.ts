/**
 * Writes the JavaScript source of functions that check JSON against a type and encode it (spec/service.md §4.2): what
 * `valueFromJson` and the value's codec do, without the values in between. They say no more than that something doesn't
 * fit, which `valueFromJson` can then explain.
 */
import type { ValueType } from "@emet/component";
import { integerRanges } from "@emet/contract";
import { resultCases } from "./emit.ts";
import type { Case, Scope } from "./emit.ts";

const misfit = "return false;";

/** Statements that write `json`, the name of a variable; `representation` finds a handle by its URN. */
export function emitJsonEncode(type: ValueType, json: string, scope: Scope): string {
  switch (type.kind) {
    case "bool":
      return `if (typeof ${json} !== "boolean") ${misfit}writer.u8(${json} ? 1 : 0);`;
    case "u8":
    case "u16":
    case "u32":
    case "s8":
    case "s16":
    case "s32":
      return smallInteger(type.kind, json);
    case "u64":
    case "s64":
      return bigInteger(type.kind, json);
    case "f32":
    case "f64":
      // A number with so many digits that it is read as a bigint is rare enough to be left to the slow way.
      return `if (typeof ${json} !== "number" || !Number.isFinite(${json})) ${misfit}writer.${type.kind}(${json});`;
    case "char":
      return (
        `if (!Number.isInteger(${json}) || ${json} < 0 || ${json} > 0x10ffff || (${json} >= 0xd800 && ${json} <= 0xdfff)) ` +
        `${misfit}writer.varint(${json});`
      );
    case "string":
      return `if (typeof ${json} !== "string") ${misfit}writer.string(${json});`;
    case "own":
    case "borrow":
      return handle(json, scope);
    case "list":
      return list(type.element, json, scope);
    case "record":
      return record(type.fields, json, scope);
    case "tuple":
      return tuple(type.items, json, scope);
    case "enum":
      return enumeration(type.cases, json, scope);
    case "flags":
      return flags(type.names, json, scope);
    case "option":
      return `if (${json} === null) writer.u8(0); else {writer.u8(1);${emitJsonEncode(type.some, json, scope)}}`;
    case "variant":
      return tagged(type.cases, json, scope);
    case "result":
      return tagged(resultCases(type), json, scope);
  }
}

function smallInteger(kind: "u8" | "u16" | "u32" | "s8" | "s16" | "s32", json: string): string {
  const [least, most] = integerRanges[kind];
  const signed = kind.startsWith("s");
  const write = kind === "u8" ? "u8" : signed ? "zigzag" : "varint";
  return `if (!Number.isInteger(${json}) || ${json} < ${least} || ${json} > ${most}) ${misfit}writer.${write}(${json});`;
}

/** Integers that a double holds come as numbers, others as bigints. */
function bigInteger(kind: "u64" | "s64", json: string): string {
  const [least, most] = integerRanges[kind];
  const fits = `${json} >= ${least}n && ${json} <= ${most}n`;
  return (
    `if (Number.isSafeInteger(${json})) {${kind === "u64" ? `if (${json} < 0) ${misfit}` : ""}writer.${kind}(BigInt(${json}));}` +
    `else if (typeof ${json} === "bigint" && ${fits}) writer.${kind}(${json});else ${misfit}`
  );
}

function handle(json: string, scope: Scope): string {
  const id = scope.fresh();
  return (
    `if (typeof ${json} !== "string") ${misfit}const ${id} = representation(${json});` +
    `if (${id} === undefined) ${misfit}writer.varint(${id});`
  );
}

function list(element: ValueType, json: string, scope: Scope): string {
  const item = scope.fresh();
  return (
    `if (!Array.isArray(${json})) ${misfit}writer.varint(${json}.length);` +
    `for (const ${item} of ${json}) {${emitJsonEncode(element, item, scope)}}`
  );
}

function object(json: string): string {
  return `if (typeof ${json} !== "object" || ${json} === null || Array.isArray(${json})) ${misfit}`;
}

function record(
  fields: readonly { readonly name: string; readonly type: ValueType }[],
  json: string,
  scope: Scope,
): string {
  const writes = fields.map(({ name, type }) => {
    const field = scope.fresh();
    const key = JSON.stringify(name);
    const absent = type.kind === "option" ? "null" : "undefined";
    const missing = type.kind === "option" ? "" : `if (${field} === undefined) ${misfit}`;
    return `const ${field} = Object.hasOwn(${json}, ${key}) ? ${json}[${key}] : ${absent};${missing}{${emitJsonEncode(type, field, scope)}}`;
  });
  return `${object(json)}${writes.join("")}`;
}

function tuple(items: readonly ValueType[], json: string, scope: Scope): string {
  const writes = items.map((type, index) => {
    const item = scope.fresh();
    return `const ${item} = ${json}[${index}];{${emitJsonEncode(type, item, scope)}}`;
  });
  return `if (!Array.isArray(${json}) || ${json}.length !== ${items.length}) ${misfit}${writes.join("")}`;
}

function enumeration(cases: readonly string[], json: string, scope: Scope): string {
  const index = scope.fresh();
  const indexes = scope.constant(new Map(cases.map((name, at) => [name, at])));
  return `const ${index} = ${indexes}.get(${json});if (${index} === undefined) ${misfit}writer.varint(${index});`;
}

function flags(names: readonly string[], json: string, scope: Scope): string {
  const [bytes, name, bit, byte] = [scope.fresh(), scope.fresh(), scope.fresh(), scope.fresh()];
  const bits = scope.constant(new Map(names.map((each, at) => [each, at])));
  return (
    `if (!Array.isArray(${json})) ${misfit}const ${bytes} = new Uint8Array(${Math.ceil(names.length / 8)});` +
    `for (const ${name} of ${json}) {const ${bit} = ${bits}.get(${name});if (${bit} === undefined) ${misfit}` +
    `${bytes}[${bit} >> 3] |= 1 << (${bit} & 7);}for (const ${byte} of ${bytes}) writer.u8(${byte});`
  );
}

function tagged(cases: readonly Case[], json: string, scope: Scope): string {
  const [keys, payload] = [scope.fresh(), scope.fresh()];
  const branches = cases.map(({ name, type }, index) => {
    const write = type === undefined ? `if (${payload} !== null) ${misfit}` : emitJsonEncode(type, payload, scope);
    return `case ${JSON.stringify(name)}: {writer.varint(${index});${write}break;}`;
  });
  return (
    `${object(json)}const ${keys} = Object.keys(${json});if (${keys}.length !== 1) ${misfit}` +
    `const ${payload} = ${json}[${keys}[0]];switch (${keys}[0]) {${branches.join("")}default: ${misfit}}`
  );
}
