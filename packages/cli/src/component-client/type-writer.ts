/**
 * TypeScript types and type descriptions for the types of a component. The JSON of types has lost the names that they
 * have in WIT: they are named for the parameter, field or function where they occur first.
 */
import type { TypeJson } from "@emet/contract/client";
import { camelCase } from "@emet/component/values";
import { NameRegistry, pascalCase } from "./names.ts";

const primitives: { readonly [type: string]: string } = {
  Bool: "boolean",
  U8: "number",
  U16: "number",
  U32: "number",
  U64: "bigint",
  S8: "number",
  S16: "number",
  S32: "number",
  S64: "bigint",
  F32: "number",
  F64: "number",
  Chr: "string",
  Str: "string",
};

/** Lists of numbers are typed arrays. */
const arrays: { readonly [type: string]: string } = {
  U8: "Uint8Array",
  S8: "Int8Array",
  U16: "Uint16Array",
  S16: "Int16Array",
  U32: "Uint32Array",
  S32: "Int32Array",
  U64: "BigUint64Array",
  S64: "BigInt64Array",
  F32: "Float32Array",
  F64: "Float64Array",
};

export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/u.test(name) ? name : JSON.stringify(name);
}

/** `items` → `item`: what the elements of a list are named for. */
function singular(hint: string): string {
  return hint.replace(/ies$/u, "y").replace(/([^s])s$/u, "$1");
}

export class TypeWriter {
  readonly #names: NameRegistry;
  readonly #resourceClasses: ReadonlyMap<number, string>;
  /** By the JSON of a type, so that equal types are one. */
  readonly #named = new Map<string, string>();
  readonly #described = new Map<string, string>();
  readonly declarations: string[] = [];
  readonly descriptions: string[] = [];

  constructor(names: NameRegistry, resourceClasses: ReadonlyMap<number, string>) {
    this.#names = names;
    this.#resourceClasses = resourceClasses;
  }

  /** The type as TypeScript; `hints` are names for it, the best first, in kebab-case. */
  typescript(type: TypeJson, hints: readonly string[]): string {
    switch (type.type) {
      case "List": {
        const array = arrays[type.inner.type];
        if (array !== undefined) return array;
        const element = this.typescript(type.inner, hints.map(singular));
        return /^[\w.]+$/u.test(element) ? `readonly ${element}[]` : `readonly (${element})[]`;
      }
      case "Option": {
        const some = this.typescript(type.inner, hints);
        if (type.inner.type !== "Option") return `${some} | undefined`;
        return `{ readonly tag: "some"; readonly val: ${some} } | { readonly tag: "none" }`;
      }
      case "Tuple":
        return `readonly [${type.items.map((item, index) => this.typescript(item, numbered(hints, index))).join(", ")}]`;
      case "Result":
        return `${this.#case("ok", type.ok, hints)} | ${this.#case("err", type.err, suffixed(hints, "error"))}`;
      case "Handle":
        return this.#resourceClasses.get(type.resource_id) ?? "string";
      case "Record":
      case "Variant":
      case "Enum":
      case "Flags":
        return this.#namedType(type, hints);
      default:
        return primitives[type.type] ?? "never";
    }
  }

  /** An expression that describes the type at run time. */
  description(type: TypeJson): string {
    const text = this.#describe(type);
    if (Object.keys(type).length === 1) return text;
    const key = JSON.stringify(type);
    let name = this.#described.get(key);
    if (name === undefined) {
      name = `t${this.#described.size}`;
      this.#described.set(key, name);
      this.descriptions.push(`const ${name}: TypeJson = ${text};`);
    }
    return name;
  }

  #describe(type: TypeJson): string {
    const optional = (inner: TypeJson | null): string =>
      inner === null || inner === undefined ? "null" : this.description(inner);
    const member = (name: string, typ: string): string => `{ name: ${JSON.stringify(name)}, typ: ${typ} }`;
    switch (type.type) {
      case "List":
      case "Option":
        return `{ type: "${type.type}", inner: ${this.description(type.inner)} }`;
      case "Result":
        return `{ type: "Result", ok: ${optional(type.ok)}, err: ${optional(type.err)} }`;
      case "Tuple":
        return `{ type: "Tuple", items: [${type.items.map((item) => this.description(item)).join(", ")}] }`;
      case "Record": {
        const fields = type.fields.map(({ name, typ }) => member(name, this.description(typ)));
        return `{ type: "Record", fields: [${fields.join(", ")}] }`;
      }
      case "Variant":
        return `{ type: "Variant", cases: [${type.cases.map(({ name, typ }) => member(name, optional(typ))).join(", ")}] }`;
      default:
        return JSON.stringify(type);
    }
  }

  #namedType(
    type: Extract<TypeJson, { type: "Record" | "Variant" | "Enum" | "Flags" }>,
    hints: readonly string[],
  ): string {
    const key = JSON.stringify(type);
    const known = this.#named.get(key);
    if (known !== undefined) return known;
    const name = this.#names.unique(...hints.map(pascalCase));
    this.#named.set(key, name);
    this.declarations.push(this.#declaration(name, type, [...hints].pop() ?? ""));
    return name;
  }

  #declaration(
    name: string,
    type: Extract<TypeJson, { type: "Record" | "Variant" | "Enum" | "Flags" }>,
    outer: string,
  ): string {
    const hintsFor = (inner: string): readonly string[] => [inner, `${outer}-${inner}`];
    switch (type.type) {
      case "Record": {
        const fields = type.fields.map(({ name: field, typ }) => {
          const optional = typ.type === "Option" && typ.inner.type !== "Option" ? "?" : "";
          return `  readonly ${propertyName(camelCase(field))}${optional}: ${this.typescript(typ, hintsFor(field))};`;
        });
        return `export interface ${name} {\n${fields.join("\n")}\n}`;
      }
      case "Variant": {
        const cases = type.cases.map((item) => `  | ${this.#case(item.name, item.typ, hintsFor(item.name))}`);
        return `export type ${name} =\n${cases.join("\n")};`;
      }
      case "Enum":
        return `export type ${name} = ${type.cases.map((item) => JSON.stringify(item)).join(" | ")};`;
      case "Flags": {
        const flags = type.names.map((flag) => `  readonly ${propertyName(camelCase(flag))}?: boolean;`);
        return `export interface ${name} {\n${flags.join("\n")}\n}`;
      }
    }
  }

  #case(tag: string, type: TypeJson | null, hints: readonly string[]): string {
    const val = type === null || type === undefined ? "val?: undefined" : `val: ${this.typescript(type, hints)}`;
    return `{ readonly tag: ${JSON.stringify(tag)}; readonly ${val} }`;
  }
}

function numbered(hints: readonly string[], index: number): readonly string[] {
  return hints.map((hint) => `${hint}-${index}`);
}

function suffixed(hints: readonly string[], suffix: string): readonly string[] {
  return hints.map((hint) => `${hint}-${suffix}`);
}
