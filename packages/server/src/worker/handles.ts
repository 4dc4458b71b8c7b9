/**
 * Handles in values. Outside of an instance a resource is known by its id, counted from 0 in the worker, which stays the
 * same when the worker is replayed; inside by its representation, which the guest chose.
 */
import { camelCase, childTypes } from "@emet/component";
import type { Value, ValueType } from "@emet/component";

type Handle = Extract<ValueType, { readonly kind: "own" | "borrow" }>;
export type MapHandle = (handle: Handle, value: number) => number;

const handleTypes = new WeakMap<ValueType, boolean>();

/** Whether values of the type can hold handles; most can't, and are passed on as they are. */
export function holdsHandles(type: ValueType): boolean {
  const known = handleTypes.get(type);
  if (known !== undefined) return known;
  const holds = type.kind === "own" || type.kind === "borrow" || childTypes(type).some(holdsHandles);
  handleTypes.set(type, holds);
  return holds;
}

type Members = { readonly [name: string]: Value };
type Tagged = { readonly tag: string; readonly val?: Value };

/** A copy of `value` with every handle replaced by `map`; `value` itself where its type holds none. */
export function mapHandles(type: ValueType, value: Value, map: MapHandle): Value {
  if (!holdsHandles(type)) return value;
  switch (type.kind) {
    case "own":
    case "borrow":
      return map(type, value as number);
    case "list":
      return (value as readonly Value[]).map((item) => mapHandles(type.element, item, map));
    case "tuple":
      return type.items.map((item, index) => mapHandles(item, (value as readonly Value[])[index], map));
    case "record":
      return mapFields(type.fields, value as Members, map);
    case "option":
      return mapOption(type.some, value, map);
    case "variant": {
      const { tag, val } = value as Tagged;
      return { tag, val: mapPayload(type.cases.find((item) => item.name === tag)?.type, val, map) };
    }
    case "result": {
      const { tag, val } = value as Tagged;
      return { tag, val: mapPayload(tag === "ok" ? type.ok : type.err, val, map) };
    }
    default:
      return value;
  }
}

function mapFields(
  fields: readonly { readonly name: string; readonly type: ValueType }[],
  value: Members,
  map: MapHandle,
): Value {
  return Object.fromEntries(
    fields.map(({ name, type }) => [camelCase(name), mapHandles(type, value[camelCase(name)], map)]),
  );
}

function mapOption(some: ValueType, value: Value, map: MapHandle): Value {
  if (some.kind !== "option") return value === undefined ? undefined : mapHandles(some, value, map);
  const { tag, val } = value as Tagged;
  return tag === "none" ? value : { tag, val: mapHandles(some, val, map) };
}

function mapPayload(type: ValueType | undefined, value: Value, map: MapHandle): Value {
  return type === undefined ? undefined : mapHandles(type, value, map);
}
