/**
 * golem:rpc's `wit-value` (spec/host-interfaces.md §12.5): a value without its type, as a list of nodes that point to
 * each other by position, the root first. Writing is pre-order; reading follows the positions, in whatever order they
 * come, and counts its steps, as a hostile list could lead in circles.
 */
import { camelCase } from "@emet/component";
import type { Value, ValueType } from "@emet/component";
import {
  bool,
  f64,
  list,
  option,
  record,
  result,
  s32,
  string,
  tuple,
  u32,
  u64,
  u8,
  variant,
} from "../../durability/codec/schema.ts";
import type { Schema, SchemaValue } from "../../durability/codec/schema.ts";

function primitive<T>(kind: "u16" | "s8" | "s16" | "s64" | "f32" | "char"): Schema<T> {
  return { type: { kind } };
}

/** Positions of nodes. */
const positions: Schema<ArrayLike<number>> = { type: { kind: "list", element: { kind: "s32" } } };

export const uri = record({ value: string });

export const witNode = variant({
  "record-value": positions,
  "variant-value": tuple(u32, option(s32)),
  "enum-value": u32,
  "flags-value": list(bool),
  "tuple-value": positions,
  "list-value": positions,
  "option-value": option(s32),
  "result-value": result(option(s32), option(s32)),
  "prim-u8": u8,
  "prim-u16": primitive<number>("u16"),
  "prim-u32": u32,
  "prim-u64": u64,
  "prim-s8": primitive<number>("s8"),
  "prim-s16": primitive<number>("s16"),
  "prim-s32": s32,
  "prim-s64": primitive<bigint>("s64"),
  "prim-float32": primitive<number>("f32"),
  "prim-float64": f64,
  "prim-char": primitive<string>("char"),
  "prim-bool": bool,
  "prim-string": string,
  handle: tuple(uri, u64),
});

export const witValue = record({ nodes: list(witNode) });

export type WitNode = SchemaValue<typeof witNode>;
export type WitValue = SchemaValue<typeof witValue>;

/** The value doesn't fit the type that it is read with. */
export class WitValueError extends Error {
  override readonly name = "WitValueError";
}

/** What handles are outside of the worker that they belong to. */
export interface WitHandles {
  /** A handle's number in the value, as it goes out. */
  readonly toUri: (id: number) => { readonly uri: string; readonly id: bigint };
  /** Undefined when the handle belongs to another worker. */
  readonly fromUri: (uri: string, id: bigint) => number | undefined;
}

type Primitive = Extract<WitNode, { readonly tag: `prim-${string}` }>["tag"];

const primitiveTags: { readonly [kind: string]: Primitive } = {
  bool: "prim-bool",
  u8: "prim-u8",
  u16: "prim-u16",
  u32: "prim-u32",
  u64: "prim-u64",
  s8: "prim-s8",
  s16: "prim-s16",
  s32: "prim-s32",
  s64: "prim-s64",
  f32: "prim-float32",
  f64: "prim-float64",
  char: "prim-char",
  string: "prim-string",
};

type Members = { readonly [name: string]: Value };
type Tagged = { readonly tag: string; readonly val?: Value };

class Writer {
  readonly nodes: WitNode[] = [];
  readonly #handles: WitHandles;

  constructor(handles: WitHandles) {
    this.#handles = handles;
  }

  /** Returns the position of the value's node. */
  write(type: ValueType, value: Value): number {
    const position = this.nodes.length;
    // Its place comes before those of its parts.
    this.nodes.push({ tag: "prim-bool", val: false });
    this.nodes[position] = this.#node(type, value);
    return position;
  }

  #node(type: ValueType, value: Value): WitNode {
    switch (type.kind) {
      case "record": {
        const members = value as Members;
        const fields = type.fields.map((field) => this.write(field.type, members[camelCase(field.name)]));
        return { tag: "record-value", val: Int32Array.from(fields) };
      }
      case "tuple": {
        const items = type.items.map((item, index) => this.write(item, (value as readonly Value[])[index]));
        return { tag: "tuple-value", val: Int32Array.from(items) };
      }
      case "list": {
        const elements = Array.from(value as ArrayLike<Value>, (element) => this.write(type.element, element));
        return { tag: "list-value", val: Int32Array.from(elements) };
      }
      case "variant": {
        const { tag, val } = value as Tagged;
        const index = type.cases.findIndex((item) => item.name === tag);
        return { tag: "variant-value", val: [index, this.#optional(type.cases[index]?.type, val)] };
      }
      case "enum":
        return { tag: "enum-value", val: type.cases.indexOf(value as string) };
      case "flags": {
        const members = value as { readonly [name: string]: boolean };
        return { tag: "flags-value", val: type.names.map((name) => members[camelCase(name)] ?? false) };
      }
      case "option":
        return { tag: "option-value", val: this.#some(type.some, value) };
      case "result": {
        const { tag, val } = value as Tagged;
        if (tag === "ok") return { tag: "result-value", val: { tag, val: this.#optional(type.ok, val) } };
        return { tag: "result-value", val: { tag: "err", val: this.#optional(type.err, val) } };
      }
      case "own":
      case "borrow": {
        const { uri: value_, id } = this.#handles.toUri(value as number);
        return { tag: "handle", val: [{ value: value_ }, id] };
      }
      default:
        return { tag: primitiveTags[type.kind], val: value } as WitNode;
    }
  }

  #optional(type: ValueType | undefined, value: Value): number | undefined {
    return type === undefined ? undefined : this.write(type, value);
  }

  #some(some: ValueType, value: Value): number | undefined {
    if (some.kind !== "option") return value === undefined ? undefined : this.write(some, value);
    const { tag, val } = value as Tagged;
    return tag === "none" ? undefined : this.write(some, val);
  }
}

export function toWitValue(type: ValueType, value: Value, handles: WitHandles): WitValue {
  const writer = new Writer(handles);
  writer.write(type, value);
  return { nodes: writer.nodes };
}

const typedArrays: { readonly [kind: string]: { readonly from: (values: readonly never[]) => Value } } = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  s8: Int8Array,
  s16: Int16Array,
  s32: Int32Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

class Reader {
  readonly #nodes: readonly WitNode[];
  readonly #handles: WitHandles;
  /** Every node belongs to one parent. */
  #left: number;

  constructor(value: WitValue, handles: WitHandles) {
    this.#nodes = value.nodes;
    this.#handles = handles;
    this.#left = value.nodes.length;
  }

  read(type: ValueType, position: number): Value {
    const node = this.#nodes[position];
    if (node === undefined) throw new WitValueError(`there is no node ${position}`);
    this.#left -= 1;
    if (this.#left < 0) throw new WitValueError("a node is used more than once");
    switch (type.kind) {
      case "record":
        return this.#record(type.fields, node);
      case "tuple":
        return this.#tuple(type.items, node);
      case "list": {
        if (node.tag !== "list-value") throw mismatch(type, node);
        const elements = Array.from(node.val, (element) => this.read(type.element, element));
        return typedArrays[type.element.kind]?.from(elements as never[]) ?? elements;
      }
      case "variant": {
        if (node.tag !== "variant-value") throw mismatch(type, node);
        const found = type.cases[node.val[0]];
        if (found === undefined) throw mismatch(type, node);
        return { tag: found.name, val: this.#optional(found.type, node.val[1]) };
      }
      case "enum": {
        const found = node.tag === "enum-value" ? type.cases[node.val] : undefined;
        if (found === undefined) throw mismatch(type, node);
        return found;
      }
      case "flags": {
        if (node.tag !== "flags-value" || node.val.length !== type.names.length) throw mismatch(type, node);
        return Object.fromEntries(type.names.map((name, index) => [camelCase(name), node.val[index] ?? false]));
      }
      case "option":
        if (node.tag !== "option-value") throw mismatch(type, node);
        return this.#some(type.some, node.val);
      case "result": {
        if (node.tag !== "result-value") throw mismatch(type, node);
        const { tag, val } = node.val;
        return { tag, val: this.#optional(tag === "ok" ? type.ok : type.err, val) };
      }
      case "own":
      case "borrow": {
        if (node.tag !== "handle") throw mismatch(type, node);
        const id = this.#handles.fromUri(node.val[0].value, node.val[1]);
        if (id === undefined) throw new WitValueError("cannot resolve handle belonging to a different worker");
        return id;
      }
      default:
        return readPrimitive(type, node);
    }
  }

  #record(fields: readonly { readonly name: string; readonly type: ValueType }[], node: WitNode): Value {
    if (node.tag !== "record-value" || node.val.length !== fields.length)
      throw mismatch({ kind: "record", fields }, node);
    const { val } = node;
    return Object.fromEntries(
      fields.map((field, index) => [camelCase(field.name), this.read(field.type, val[index] ?? -1)]),
    );
  }

  #tuple(items: readonly ValueType[], node: WitNode): Value {
    // Named results of older components come as a record.
    const isTuple = node.tag === "tuple-value" || node.tag === "record-value";
    if (!isTuple || node.val.length !== items.length) throw mismatch({ kind: "tuple", items }, node);
    const { val } = node;
    return items.map((item, index) => this.read(item, val[index] ?? -1));
  }

  #optional(type: ValueType | undefined, position: number | undefined): Value {
    if (type === undefined && position === undefined) return undefined;
    if (type === undefined || position === undefined) throw new WitValueError("a payload is missing or too much");
    return this.read(type, position);
  }

  #some(some: ValueType, position: number | undefined): Value {
    if (some.kind !== "option") return position === undefined ? undefined : this.read(some, position);
    return position === undefined ? { tag: "none" } : { tag: "some", val: this.read(some, position) };
  }
}

/** Inclusive bounds of the integers that a `number` stands for. */
const bounds: { readonly [kind: string]: readonly [least: number, most: number] } = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

function readPrimitive(type: ValueType, node: WitNode): Value {
  if (node.tag !== primitiveTags[type.kind]) throw mismatch(type, node);
  const range = bounds[type.kind];
  const value = node.val as Value;
  if (range !== undefined && (Number(value) < range[0] || Number(value) > range[1])) throw mismatch(type, node);
  return value;
}

function mismatch(type: ValueType, node: WitNode): WitValueError {
  return new WitValueError(`expected ${type.kind}, found ${node.tag}`);
}

/** Throws `WitValueError` when the value doesn't fit. */
export function fromWitValue(type: ValueType, value: WitValue, handles: WitHandles): Value {
  return new Reader(value, handles).read(type, 0);
}
