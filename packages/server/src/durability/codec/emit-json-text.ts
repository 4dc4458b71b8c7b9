/**
 * Writes the JavaScript source of functions that turn encoded values into JSON text (spec/service.md §4.2) in one pass:
 * the text that `valueToJson` and `formatJson` give, without the values in between.
 */
import type { ValueType } from "@emet/component";
import { leastBytes, resultCases, unknownCase } from "./emit.ts";
import type { Case, Scope } from "./emit.ts";

/** Statements that add the text of the value that `reader` is at to the variable `text`; `urn` names a handle. */
export function emitJsonText(type: ValueType, scope: Scope): string {
  switch (type.kind) {
    case "bool":
      return `text += reader.u8() !== 0 ? "true" : "false";`;
    case "u8":
    case "u64":
    case "s64":
      return `text += reader.${type.kind}();`;
    case "u16":
    case "u32":
      return `text += reader.varint();`;
    case "s8":
    case "s16":
    case "s32":
      return `text += reader.zigzag();`;
    case "f32":
    case "f64": {
      const value = scope.fresh();
      // NaN and the infinities have no JSON form.
      return `const ${value} = reader.${type.kind}();text += Number.isFinite(${value}) ? ${value} : "null";`;
    }
    case "char":
      return `text += reader.char().codePointAt(0);`;
    case "string":
      return `text += JSON.stringify(reader.string());`;
    case "own":
    case "borrow":
      return `text += JSON.stringify(urn(reader.varint()));`;
    case "list":
      return listText(type.element, scope);
    case "record":
      return members(
        type.fields.map((field) => [`${JSON.stringify(field.name)}:`, field.type]),
        "{}",
        scope,
      );
    case "tuple":
      return members(
        type.items.map((item) => ["", item]),
        "[]",
        scope,
      );
    case "enum":
      return caseText(
        type.cases.map((name) => ({ name })),
        (name) => `text += ${literal(JSON.stringify(name))};`,
        scope,
      );
    case "flags":
      return flagsText(type.names, scope);
    case "option":
      return `if (reader.u8() === 0) text += "null"; else {${emitJsonText(type.some, scope)}}`;
    case "variant":
      return taggedText(type.cases, scope);
    case "result":
      return taggedText(resultCases(type), scope);
  }
}

/** A string literal of JavaScript that holds this text. */
function literal(text: string): string {
  return JSON.stringify(text);
}

function members(
  parts: readonly (readonly [label: string, type: ValueType])[],
  [open, close]: string,
  scope: Scope,
): string {
  const texts = parts.map(
    ([label, type], index) =>
      `text += ${literal(`${index === 0 ? open : ","}${label}`)};{${emitJsonText(type, scope)}}`,
  );
  const end = parts.length === 0 ? `${open}${close}` : close;
  return `${texts.join("")}text += ${literal(end ?? "")};`;
}

function listText(element: ValueType, scope: Scope): string {
  if (element.kind === "u8") return `text += "[" + reader.blob().join(",") + "]";`;
  const [count, index] = [scope.fresh(), scope.fresh()];
  return (
    `const ${count} = reader.count(${Math.max(leastBytes(element), 1)});text += "[";` +
    `for (let ${index} = 0; ${index} < ${count}; ${index}++) {if (${index} > 0) text += ",";${emitJsonText(element, scope)}}` +
    `text += "]";`
  );
}

function flagsText(names: readonly string[], scope: Scope): string {
  const [set, byte] = [scope.fresh(), scope.fresh()];
  const reads: string[] = [];
  for (let start = 0; start < names.length; start += 8) {
    const bits = names
      .slice(start, start + 8)
      .map((name, bit) => `if ((${byte} & ${1 << bit}) !== 0) ${set}.push(${literal(JSON.stringify(name))});`);
    reads.push(`${byte} = reader.u8();${bits.join("")}`);
  }
  return `const ${set} = [];let ${byte};${reads.join("")}text += "[" + ${set}.join(",") + "]";`;
}

function taggedText(cases: readonly Case[], scope: Scope): string {
  const payload = (type: ValueType | undefined): string =>
    type === undefined ? `text += "null";` : emitJsonText(type, scope);
  const branch = (name: string, type: ValueType | undefined): string =>
    `text += ${literal(`{${JSON.stringify(name)}:`)};${payload(type)}text += "}";`;
  return caseText(cases, branch, scope);
}

function caseText(
  cases: readonly Case[],
  branch: (name: string, type: ValueType | undefined) => string,
  scope: Scope,
): string {
  const branches = cases.map(({ name, type }, index) => `case ${index}: {${branch(name, type)}break;}`);
  return `switch (reader.varint()) {${branches.join("")}default: ${unknownCase(scope)};}`;
}
