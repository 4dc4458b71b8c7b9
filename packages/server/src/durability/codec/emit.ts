/** Writes the JavaScript source of codecs; `value-codec.ts` compiles it. */
import { camelCase, numberArrays } from "@emet/component";
import type { ValueType } from "@emet/component";
import { DecodeError } from "./byte-reader.ts";
import { isLate } from "./schema.ts";

/** Names and constants of one generated function. */
export class Scope {
  #next = 0;
  #statements = "";
  readonly #constants: { readonly name: string; readonly value: unknown }[] = [];

  fresh(): string {
    return `v${this.#next++}`;
  }

  /** Makes `value` visible to the generated code. */
  constant(value: unknown): string {
    const name = `k${this.#constants.length}`;
    this.#constants.push({ name, value });
    return name;
  }

  /** Appends a statement that runs before the expression being built. */
  statement(source: string): void {
    this.#statements += source;
  }

  takeStatements(): string {
    const statements = this.#statements;
    this.#statements = "";
    return statements;
  }

  compile(parameters: readonly string[], body: string): unknown {
    const names = this.#constants.map((constant) => constant.name);
    const values = this.#constants.map((constant) => constant.value);
    // oxlint-disable-next-line no-implied-eval -- the source is made from the structure of types; names enter as string literals
    return new Function(...names, `return (${parameters.join(", ")}) => {${body}}`)(...values);
  }
}

const property = (name: string): string => JSON.stringify(camelCase(name));

/** Source that writes `value` (an expression without side effects). */
export function emitEncode(type: ValueType, value: string, scope: Scope): string {
  switch (type.kind) {
    case "bool":
      return `writer.u8(${value} ? 1 : 0);`;
    case "u8":
      return `writer.u8(${value});`;
    case "u16":
    case "u32":
    case "own":
    case "borrow":
      return `writer.varint(${value});`;
    case "s8":
    case "s16":
    case "s32":
      return `writer.zigzag(${value});`;
    case "char":
      return `writer.varint(${value}.codePointAt(0));`;
    case "u64":
    case "s64":
    case "f32":
    case "f64":
    case "string":
      return `writer.${type.kind}(${value});`;
    case "list":
      return emitEncodeList(type.element, value, scope);
    case "record":
      return type.fields.map((field) => emitEncode(field.type, `${value}[${property(field.name)}]`, scope)).join("");
    case "tuple":
      return type.items.map((item, index) => emitEncode(item, `${value}[${index}]`, scope)).join("");
    case "enum":
      return `writer.varint(${scope.constant(new Map(type.cases.map((name, index) => [name, index])))}.get(${value}));`;
    case "flags":
      return emitEncodeFlags(type.names, value);
    case "option":
      return emitEncodeOption(type.some, value, scope);
    case "variant":
      return emitEncodeCases(type.cases, value, scope);
    case "result":
      return emitEncodeCases(resultCases(type), value, scope);
  }
}

/** Of a variant. */
export interface Case {
  readonly name: string;
  readonly type?: ValueType;
}

/** A result is a variant of the two cases `ok` and `err`. */
export function resultCases(type: { readonly ok?: ValueType; readonly err?: ValueType }): readonly Case[] {
  return [
    { name: "ok", ...(type.ok === undefined ? {} : { type: type.ok }) },
    { name: "err", ...(type.err === undefined ? {} : { type: type.err }) },
  ];
}

function emitEncodeList(element: ValueType, value: string, scope: Scope): string {
  if (element.kind === "u8") return `writer.blob(${value});`;
  const item = scope.fresh();
  return `writer.varint(${value}.length);for (const ${item} of ${value}) {${emitEncode(element, item, scope)}}`;
}

function emitEncodeFlags(names: readonly string[], value: string): string {
  const bytes: string[] = [];
  for (let start = 0; start < names.length; start += 8) {
    const bits = names.slice(start, start + 8).map((name, bit) => `(${value}[${property(name)}] ? ${1 << bit} : 0)`);
    bytes.push(`writer.u8(${bits.join(" | ")});`);
  }
  return bytes.join("");
}

function emitEncodeOption(some: ValueType, value: string, scope: Scope): string {
  if (some.kind === "option") {
    const inner = emitEncode(some, `${value}.val`, scope);
    return `if (${value}.tag === "none") writer.u8(0); else {writer.u8(1);${inner}}`;
  }
  return `if (${value} === undefined) writer.u8(0); else {writer.u8(1);${emitEncode(some, value, scope)}}`;
}

function emitEncodeCases(
  cases: readonly { readonly name: string; readonly type?: ValueType }[],
  value: string,
  scope: Scope,
): string {
  const branches = cases.map((item, index) => {
    const payload = item.type === undefined ? "" : emitEncode(item.type, `${value}.val`, scope);
    return `case ${JSON.stringify(item.name)}: writer.varint(${index});${payload}break;`;
  });
  return `switch (${value}.tag) {${branches.join("")}default: throw new TypeError("cannot encode: unknown case " + ${value}.tag);}`;
}

/** Reads a value: statements go to the scope, the returned expression is the value. */
export function emitDecode(type: ValueType, scope: Scope): string {
  const result = scope.fresh();
  switch (type.kind) {
    case "bool":
      scope.statement(`const ${result} = reader.u8() !== 0;`);
      break;
    case "u8":
    case "u64":
    case "s64":
    case "f32":
    case "f64":
    case "char":
    case "string":
      scope.statement(`const ${result} = reader.${type.kind}();`);
      break;
    case "u16":
    case "u32":
    case "own":
    case "borrow":
      scope.statement(`const ${result} = reader.varint();`);
      break;
    case "s8":
    case "s16":
    case "s32":
      scope.statement(`const ${result} = reader.zigzag();`);
      break;
    case "list":
      emitDecodeList(type.element, result, scope);
      break;
    case "record": {
      const fields = type.fields.map((field) => `${property(field.name)}: ${emitDecode(field.type, scope)}`);
      scope.statement(`const ${result} = {${fields.join(", ")}};`);
      break;
    }
    case "tuple": {
      const items = type.items.map((item) => emitDecode(item, scope));
      scope.statement(`const ${result} = [${items.join(", ")}];`);
      break;
    }
    case "enum":
      scope.statement(
        `const ${result} = ${scope.constant(type.cases)}[reader.varint()];if (${result} === undefined) ${unknownCase(scope)};`,
      );
      break;
    case "flags":
      emitDecodeFlags(type.names, result, scope);
      break;
    case "option":
      emitDecodeOption(type, result, scope);
      break;
    case "variant":
      emitDecodeCases(type.cases, result, scope);
      break;
    case "result":
      emitDecodeCases(resultCases(type), result, scope);
      break;
  }
  return result;
}

export function unknownCase(scope: Scope): string {
  return `throw new ${scope.constant(DecodeError)}("cannot decode: case out of range at " + reader.offset)`;
}

/** Runs `emit` with its statements kept apart, for a nested block. */
function block(scope: Scope, emit: () => string): { readonly statements: string; readonly value: string } {
  const outer = scope.takeStatements();
  const value = emit();
  const statements = scope.takeStatements();
  scope.statement(outer);
  return { statements, value };
}

function emitDecodeList(element: ValueType, result: string, scope: Scope): void {
  if (element.kind === "u8") {
    // A copy: the guest's value must not keep the whole oplog chunk alive, nor change it.
    scope.statement(`const ${result} = reader.blob().slice();`);
    return;
  }
  const array = scope.constant(numberArrays[element.kind] ?? Array);
  const inner = block(scope, () => emitDecode(element, scope));
  const count = scope.fresh();
  const index = scope.fresh();
  // Every type that a list can be of takes at least a byte: WIT has no empty records, tuples or flags.
  scope.statement(
    `const ${count} = reader.count(${Math.max(leastBytes(element), 1)});const ${result} = new ${array}(${count});` +
      `for (let ${index} = 0; ${index} < ${count}; ${index}++) {${inner.statements}${result}[${index}] = ${inner.value};}`,
  );
}

/** The least number of bytes that a value of the type takes. */
export function leastBytes(type: ValueType): number {
  switch (type.kind) {
    case "record":
      return type.fields.reduce((sum, field) => sum + leastBytes(field.type), 0);
    case "tuple":
      return type.items.reduce((sum, item) => sum + leastBytes(item), 0);
    case "flags":
      return Math.ceil(type.names.length / 8);
    case "u64":
    case "s64":
    case "f64":
      return 8;
    case "f32":
      return 4;
    default:
      return 1;
  }
}

function emitDecodeFlags(names: readonly string[], result: string, scope: Scope): void {
  const parts: string[] = [];
  for (let start = 0; start < names.length; start += 8) {
    const byte = scope.fresh();
    scope.statement(`const ${byte} = reader.u8();`);
    for (const [bit, name] of names.slice(start, start + 8).entries()) {
      parts.push(`${property(name)}: (${byte} & ${1 << bit}) !== 0`);
    }
  }
  scope.statement(`const ${result} = {${parts.join(", ")}};`);
}

function emitDecodeOption(type: ValueType & { readonly kind: "option" }, result: string, scope: Scope): void {
  const { some } = type;
  const nested = some.kind === "option";
  const inner = block(scope, () => emitDecode(some, scope));
  const none = nested ? `{ tag: "none" }` : "undefined";
  const value = nested ? `{ tag: "some", val: ${inner.value} }` : inner.value;
  const present = isLate(type) ? "reader.offset < reader.end && " : "";
  scope.statement(
    `let ${result} = ${none};if (${present}reader.u8() !== 0) {${inner.statements}${result} = ${value};}`,
  );
}

function emitDecodeCases(
  cases: readonly { readonly name: string; readonly type?: ValueType }[],
  result: string,
  scope: Scope,
): void {
  const branches = cases.map((item, index) => {
    const tag = JSON.stringify(item.name);
    const { type } = item;
    if (type === undefined) return `case ${index}: ${result} = { tag: ${tag}, val: undefined };break;`;
    const inner = block(scope, () => emitDecode(type, scope));
    return `case ${index}: {${inner.statements}${result} = { tag: ${tag}, val: ${inner.value} };break;}`;
  });
  scope.statement(`let ${result};switch (reader.varint()) {${branches.join("")}default: ${unknownCase(scope)};}`);
}
