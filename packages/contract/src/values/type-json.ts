/** The JSON form of types, `typ` (spec/service.md §4.1). */
import type { PrimitiveKind, ValueType } from "@emet/component/values";

export type TypeJson =
  | {
      readonly type:
        | "Bool"
        | "U8"
        | "U16"
        | "U32"
        | "U64"
        | "S8"
        | "S16"
        | "S32"
        | "S64"
        | "F32"
        | "F64"
        | "Chr"
        | "Str";
    }
  | { readonly type: "List"; readonly inner: TypeJson }
  | { readonly type: "Option"; readonly inner: TypeJson }
  | { readonly type: "Result"; readonly ok: TypeJson | null; readonly err: TypeJson | null }
  | { readonly type: "Tuple"; readonly items: readonly TypeJson[] }
  | { readonly type: "Record"; readonly fields: readonly { readonly name: string; readonly typ: TypeJson }[] }
  | { readonly type: "Variant"; readonly cases: readonly { readonly name: string; readonly typ: TypeJson | null }[] }
  | { readonly type: "Enum"; readonly cases: readonly string[] }
  | { readonly type: "Flags"; readonly names: readonly string[] }
  | { readonly type: "Handle"; readonly resource_id: number; readonly mode: "Owned" | "Borrowed" };

const primitives = {
  bool: "Bool",
  u8: "U8",
  u16: "U16",
  u32: "U32",
  u64: "U64",
  s8: "S8",
  s16: "S16",
  s32: "S32",
  s64: "S64",
  f32: "F32",
  f64: "F64",
  char: "Chr",
  string: "Str",
} as const;

export function typeToJson(type: ValueType): TypeJson {
  switch (type.kind) {
    case "list":
      return { type: "List", inner: typeToJson(type.element) };
    case "option":
      return { type: "Option", inner: typeToJson(type.some) };
    case "result":
      return { type: "Result", ok: optionalTypeToJson(type.ok), err: optionalTypeToJson(type.err) };
    case "tuple":
      return { type: "Tuple", items: type.items.map(typeToJson) };
    case "record":
      return {
        type: "Record",
        fields: type.fields.map((field) => ({ name: field.name, typ: typeToJson(field.type) })),
      };
    case "variant": {
      const cases = type.cases.map((item) => ({ name: item.name, typ: optionalTypeToJson(item.type) }));
      return { type: "Variant", cases };
    }
    case "enum":
      return { type: "Enum", cases: type.cases };
    case "flags":
      return { type: "Flags", names: type.names };
    case "own":
      return { type: "Handle", resource_id: type.resource, mode: "Owned" };
    case "borrow":
      return { type: "Handle", resource_id: type.resource, mode: "Borrowed" };
    default:
      return { type: primitives[type.kind] };
  }
}

function optionalTypeToJson(type: ValueType | undefined): TypeJson | null {
  return type === undefined ? null : typeToJson(type);
}

const kinds: ReadonlyMap<string, PrimitiveKind> = new Map(
  Object.entries(primitives).map(([kind, type]) => [type, kind as PrimitiveKind]),
);

/** The type that `typ` stands for. */
export function typeFromJson(json: TypeJson): ValueType {
  switch (json.type) {
    case "List":
      return { kind: "list", element: typeFromJson(json.inner) };
    case "Option":
      return { kind: "option", some: typeFromJson(json.inner) };
    case "Result":
      return { kind: "result", ...optionalMember("ok", json.ok), ...optionalMember("err", json.err) };
    case "Tuple":
      return { kind: "tuple", items: json.items.map(typeFromJson) };
    case "Record":
      return { kind: "record", fields: json.fields.map(({ name, typ }) => ({ name, type: typeFromJson(typ) })) };
    case "Variant":
      return { kind: "variant", cases: json.cases.map(({ name, typ }) => ({ name, ...optionalMember("type", typ) })) };
    case "Enum":
      return { kind: "enum", cases: json.cases };
    case "Flags":
      return { kind: "flags", names: json.names };
    case "Handle":
      return { kind: json.mode === "Owned" ? "own" : "borrow", resource: json.resource_id };
    default: {
      const kind = kinds.get(json.type);
      if (kind === undefined) throw new TypeError(`unknown type "${json.type}"`);
      return { kind };
    }
  }
}

/** Golem leaves out what isn't there, or writes null. */
function optionalMember<K extends string>(
  key: K,
  json: TypeJson | null | undefined,
): { readonly [key in K]?: ValueType } {
  return json === null || json === undefined
    ? {}
    : ({ [key]: typeFromJson(json) } as { readonly [key in K]: ValueType });
}
