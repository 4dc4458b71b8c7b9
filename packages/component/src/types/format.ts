import type { Case, Field, FunctionType, ValueType } from "./value-type.ts";

/** Gives the name of a resource variable. */
export type ResourceNamer = (resource: number) => string;

const numbered: ResourceNamer = (resource) => `resource${resource}`;

/** WIT's reserved words need a `%` before them where they are used as names. */
const keywords = new Set(
  (
    "as async bool borrow char constructor enum export f32 f64 flags from func future import include interface list " +
    "option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use " +
    "variant with world"
  ).split(" "),
);

function identifier(name: string): string {
  return keywords.has(name) ? `%${name}` : name;
}

function members(
  list: readonly (Field | Case)[],
  form: (name: string, type: string) => string,
  name: ResourceNamer,
): string {
  return list
    .map((each) => {
      const label = identifier(each.name);
      return each.type === undefined ? label : form(label, formatType(each.type, name));
    })
    .join(", ");
}

function formatResult(ok: ValueType | undefined, err: ValueType | undefined, name: ResourceNamer): string {
  if (ok === undefined && err === undefined) return "result";
  const first = ok === undefined ? "_" : formatType(ok, name);
  return err === undefined ? `result<${first}>` : `result<${first}, ${formatType(err, name)}>`;
}

/**
 * The WIT text of a type, for messages and documentation. Types that WIT can only define under a name are written
 * out: `record { x: u32 }`.
 */
export function formatType(type: ValueType, name: ResourceNamer = numbered): string {
  switch (type.kind) {
    case "list":
      return `list<${formatType(type.element, name)}>`;
    case "option":
      return `option<${formatType(type.some, name)}>`;
    case "tuple":
      return `tuple<${type.items.map((item) => formatType(item, name)).join(", ")}>`;
    case "result":
      return formatResult(type.ok, type.err, name);
    case "record":
      return `record { ${members(type.fields, (label, text) => `${label}: ${text}`, name)} }`;
    case "variant":
      return `variant { ${members(type.cases, (label, text) => `${label}(${text})`, name)} }`;
    case "enum":
      return `enum { ${type.cases.map(identifier).join(", ")} }`;
    case "flags":
      return `flags { ${type.names.map(identifier).join(", ")} }`;
    case "own":
      return identifier(name(type.resource));
    case "borrow":
      return `borrow<${identifier(name(type.resource))}>`;
    default:
      return type.kind;
  }
}

/** The WIT text of a function type: `func(name: string) -> u32`. */
export function formatFunctionType(type: FunctionType, name: ResourceNamer = numbered): string {
  const parameters = members(type.parameters, (label, text) => `${label}: ${text}`, name);
  const result = type.result === undefined ? "" : ` -> ${formatType(type.result, name)}`;
  return `func(${parameters})${result}`;
}
