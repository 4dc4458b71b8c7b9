/** Values to their JSON form (spec/service.md §4.2). */
import { camelCase } from "@emet/component/values";
import type { Value, ValueType } from "@emet/component/values";
import type { Json } from "./json.ts";

/** How handles are written: the URN of the resource with this representation. */
export interface HandleWriter<Representation = number> {
  readonly urn: (representation: Representation, resource: number) => string;
}

type Members = { readonly [name: string]: Value };
type Tagged = { readonly tag: string; readonly val?: Value };

/** `value` must be of `type`, as values lifted from a component are. */
export function valueToJson(type: ValueType, value: Value, handles: HandleWriter<never>): Json {
  const inner = (innerType: ValueType | undefined, innerValue: Value): Json =>
    innerType === undefined ? null : valueToJson(innerType, innerValue, handles);
  switch (type.kind) {
    case "char":
      return (value as string).codePointAt(0) ?? 0;
    case "f32":
    case "f64":
      // NaN and the infinities have no JSON form.
      return Number.isFinite(value) ? (value as number) : null;
    case "list":
      return Array.from(value as ArrayLike<Value>, (item) => inner(type.element, item));
    case "record":
      return Object.fromEntries(
        type.fields.map((field) => [field.name, inner(field.type, (value as Members)[camelCase(field.name)])]),
      );
    case "tuple":
      return type.items.map((item, index) => inner(item, (value as readonly Value[])[index]));
    case "variant": {
      const { tag, val } = value as Tagged;
      return { [tag]: inner(type.cases.find((item) => item.name === tag)?.type, val) };
    }
    case "result": {
      const { tag, val } = value as Tagged;
      return { [tag]: inner(tag === "ok" ? type.ok : type.err, val) };
    }
    case "flags":
      return type.names.filter((name) => (value as Members)[camelCase(name)] === true);
    case "option":
      return optionToJson(type.some, value, inner);
    case "own":
    case "borrow":
      return handles.urn(value as never, type.resource);
    default:
      return value as Json;
  }
}

function optionToJson(some: ValueType, value: Value, inner: (type: ValueType, value: Value) => Json): Json {
  if (some.kind !== "option") return value === undefined ? null : inner(some, value);
  const { tag, val } = value as Tagged;
  return tag === "none" ? null : inner(some, val);
}
