/** Values and types that consist of others, as the host holds them: whole, where the guest has lazy resources. */
import type { ResultType, StatementParameter } from "../../platform/databases/database.ts";
import { DatabaseError, nullCell, textCell } from "../../platform/databases/database.ts";
import type { DbColumnType, DbValue } from "../generated/golem-rdbms/postgres.ts";
import type { ArrayItem } from "./postgres-literals.ts";
import { formatArray, formatRange, formatRow, parseArray, parseRange, parseRow } from "./postgres-literals.ts";
import type { Scalar, ScalarTag } from "./postgres-scalars.ts";
import { decodeScalar, encodeScalar, tagOfType, typeOfTag } from "./postgres-scalars.ts";

export type BoundTree =
  | { readonly tag: "included" | "excluded"; readonly val: ValueTree }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type ValueTree =
  | Scalar
  | Extract<DbValue, { readonly tag: "enumeration" | "null" }>
  | {
      readonly tag: "composite";
      readonly val: { readonly name: string; readonly values: readonly ValueTree[] };
    }
  | { readonly tag: "domain"; readonly val: { readonly name: string; readonly value: ValueTree } }
  | { readonly tag: "array"; readonly val: readonly ValueTree[] }
  | {
      readonly tag: "range";
      readonly val: { readonly name: string; readonly value: { readonly start: BoundTree; readonly end: BoundTree } };
    };

export type TypeTree =
  | Extract<DbColumnType, { readonly tag: ScalarTag | "enumeration" }>
  | {
      readonly tag: "composite";
      readonly val: { readonly name: string; readonly attributes: readonly (readonly [string, TypeTree])[] };
    }
  | {
      readonly tag: "domain" | "range";
      readonly val: { readonly name: string; readonly baseType: TypeTree };
    }
  | { readonly tag: "array"; readonly val: TypeTree };

/** The types of one result. */
export class ResultTypes {
  readonly #types: ReadonlyMap<number, ResultType>;

  constructor(types: readonly ResultType[]) {
    this.#types = new Map(types.map((type) => [type.id, type]));
  }

  /** As PostgreSQL's own names are shown: in capitals. */
  nameOf(id: number): string {
    const type = this.#get(id);
    const [name = ""] = type.name.split("[");
    const known = type.name.toUpperCase();
    return typeOfTag(tagOfType(name)) === name ? known : type.name;
  }

  treeOf(id: number): TypeTree {
    const type = this.#get(id);
    const { name } = type;
    switch (type.kind) {
      case "enumeration":
        return { tag: "enumeration", val: { name } };
      case "composite": {
        const attributes = type.attributes.map((attribute) => [attribute.name, this.treeOf(attribute.type)] as const);
        return { tag: "composite", val: { name, attributes } };
      }
      case "domain":
        return { tag: "domain", val: { name, baseType: this.treeOf(type.base) } };
      case "array":
        return { tag: "array", val: this.treeOf(type.base) };
      case "range":
        return { tag: "range", val: { name, baseType: this.treeOf(type.base) } };
      case "base":
        return { tag: tagOfType(name) } as TypeTree;
    }
  }

  decode(id: number, text: string | undefined): ValueTree {
    if (text === undefined) return { tag: "null" };
    const type = this.#get(id);
    const { name } = type;
    switch (type.kind) {
      case "enumeration":
        return { tag: "enumeration", val: { name, value: text } };
      case "composite": {
        const fields = parseRow(text, type.attributes.length);
        const values = fields.map((field, index) => this.decode(type.attributes[index]?.type ?? 0, field));
        return { tag: "composite", val: { name, values } };
      }
      case "domain":
        return { tag: "domain", val: { name, value: this.decode(type.base, text) } };
      case "array":
        return { tag: "array", val: this.#items(type.base, parseArray(text)) };
      case "range":
        return this.#range(type, text);
      case "base":
        return decodeScalar(tagOfType(name), text);
    }
  }

  #items(id: number, items: readonly ArrayItem[]): readonly ValueTree[] {
    return items.map((item) =>
      typeof item === "object" ? { tag: "array", val: this.#items(id, item) } : this.decode(id, item),
    );
  }

  #range({ name, base }: ResultType, text: string): ValueTree {
    const { empty, start, end } = parseRange(text);
    if (empty) throw new DatabaseError("query-response-failure", `an empty ${name} can't be told`);
    const bound = (side: typeof start): BoundTree => {
      if (side.text === undefined) return { tag: "unbounded" };
      return { tag: side.included ? "included" : "excluded", val: this.decode(base, side.text) };
    };
    return { tag: "range", val: { name, value: { start: bound(start), end: bound(end) } } };
  }

  #get(id: number): ResultType {
    const type = this.#types.get(id);
    if (type === undefined) throw new DatabaseError("query-response-failure", `type ${id} is unknown`);
    return type;
  }
}

/** What an array's elements are; empty where that doesn't show. */
function typeOf(value: ValueTree): string {
  switch (value.tag) {
    case "null":
      return "";
    case "enumeration":
    case "composite":
    case "domain":
    case "range":
      return value.val.name;
    case "array": {
      const element = value.val.map(typeOf).find((type) => type !== "") ?? "";
      return element === "" || element.endsWith("[]") ? element : `${element}[]`;
    }
    default:
      return typeOfTag(value.tag);
  }
}

function textOf(value: ValueTree): string | undefined {
  switch (value.tag) {
    case "null":
      return undefined;
    case "enumeration":
      return value.val.value;
    case "composite":
      return formatRow(value.val.values.map(textOf));
    case "domain":
      return textOf(value.val.value);
    case "array":
      return formatArray(value.val.map(itemOf));
    case "range": {
      const { start, end } = value.val.value;
      return formatRange({ start: boundOf(start), end: boundOf(end) });
    }
    default:
      return encodeScalar(value);
  }
}

function itemOf(value: ValueTree): ArrayItem {
  return value.tag === "array" ? value.val.map(itemOf) : textOf(value);
}

function boundOf(bound: BoundTree): { readonly included: boolean; readonly text: string | undefined } {
  return { included: bound.tag === "included", text: bound.val === undefined ? undefined : textOf(bound.val) };
}

export function parameterOf(value: ValueTree): StatementParameter {
  const text = textOf(value);
  return { type: typeOf(value), value: text === undefined ? nullCell : textCell(text) };
}
