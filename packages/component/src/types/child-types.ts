import type { ValueType } from "./value-type.ts";

/** The types directly within a value type, in order. */
export function childTypes(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "record":
      return type.fields.map((field) => field.type);
    case "tuple":
      return type.items;
    case "variant":
      return type.cases.flatMap((each) => (each.type === undefined ? [] : [each.type]));
    case "option":
      return [type.some];
    case "result":
      return [type.ok, type.err].filter((each) => each !== undefined);
    default:
      return [];
  }
}
