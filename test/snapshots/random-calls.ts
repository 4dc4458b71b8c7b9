/** Random calls of whatever a component exports, with small values so that none takes long. */
import type { ValueType } from "@emet/component";
import { camelCase } from "@emet/component";
import type { ExportedFunctionInfo } from "../../packages/server/src/component/component-image.ts";
import type { SeededRandom } from "../support/seeded-random.ts";

const letters = ["a", "b", "c", "d", "é", "f", " ", "/", "."];

/** A value in the form of requests; undefined where there is none, as no handle of the resource is known. */
export function randomValue(
  type: ValueType,
  random: SeededRandom,
  handles: (resource: number) => readonly number[],
): unknown {
  const value = (inner: ValueType): unknown => randomValue(inner, random, handles);
  switch (type.kind) {
    case "bool":
      return random.integer(0, 1) === 1;
    case "string":
      return Array.from({ length: random.integer(0, 6) }, () => random.pickAny(letters)).join("");
    case "char":
      return random.pickAny(letters);
    case "u64":
    case "s64":
      return BigInt(random.integer(0, 9));
    case "f32":
    case "f64":
      return random.integer(-9, 9) / 4;
    case "list":
      return listOf(type.element, random.integer(0, 3), value);
    case "record":
      return Object.fromEntries(type.fields.map((field) => [camelCase(field.name), value(field.type)]));
    case "tuple":
      return type.items.map(value);
    case "flags":
      return Object.fromEntries(type.names.map((name) => [camelCase(name), random.integer(0, 1) === 1]));
    case "enum":
      return random.pickAny(type.cases);
    case "option":
      if (type.some.kind === "option") return { tag: "none" };
      return random.integer(0, 1) === 0 ? undefined : value(type.some);
    case "variant": {
      const chosen = random.pickAny(type.cases);
      return chosen.type === undefined ? { tag: chosen.name } : { tag: chosen.name, val: value(chosen.type) };
    }
    case "result": {
      const tag = random.pickAny(["ok", "err"] as const);
      const inner = type[tag];
      return { tag, val: inner === undefined ? undefined : value(inner) };
    }
    case "own":
    case "borrow":
      return random.pickAny(handles(type.resource));
    default:
      return random.integer(0, 9);
  }
}

function listOf(element: ValueType, length: number, value: (type: ValueType) => unknown): unknown {
  const items = Array.from({ length }, () => value(element));
  return element.kind === "u8" ? Uint8Array.from(items as number[]) : items;
}

/** The resources that a call needs to have been made before. */
export function neededResources({ type }: ExportedFunctionInfo): readonly number[] {
  return type.parameters.flatMap(({ type: { kind, ...rest } }) =>
    kind === "own" || kind === "borrow" ? [(rest as { readonly resource: number }).resource] : [],
  );
}
