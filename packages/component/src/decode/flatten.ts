/** The core signatures of component functions, to check what is lifted and lowered. */
import type { FunctionType, ValueType } from "../types/value-type.ts";
import { limits } from "./limits.ts";
import { childTypes } from "./types.ts";

export interface FlatSignature {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
  /** Whether calling needs a memory, and whether it needs `realloc`. */
  readonly needsMemory: boolean;
  readonly needsRealloc: boolean;
}

const flatPrimitives: Readonly<Record<string, string>> = { u64: "i64", s64: "i64", f32: "f32", f64: "f64" };

function joined(left: string | undefined, right: string): string {
  if (left === undefined || left === right) return right;
  const pair = [left, right];
  return pair.every((type) => type === "i32" || type === "f32") ? "i32" : "i64";
}

/** Appends the flat types of the cases, one over the other, after the discriminant. */
function flattenCases(cases: readonly (ValueType | undefined)[], into: string[], most: number): void {
  into.push("i32");
  const start = into.length;
  for (const type of cases) {
    if (type === undefined) continue;
    const flat: string[] = [];
    flatten(type, flat, most);
    for (const [index, each] of flat.entries()) into[start + index] = joined(into[start + index], each);
    if (into.length > most) return;
  }
}

/** Appends the flat types of `type`; stops early when there are more than `most`, so that large types cost little. */
function flatten(type: ValueType, into: string[], most: number): void {
  if (into.length > most) return;
  switch (type.kind) {
    case "string":
    case "list":
      into.push("i32", "i32");
      return;
    case "record":
    case "tuple":
      for (const child of childTypes(type)) flatten(child, into, most);
      return;
    case "variant":
      return flattenCases(
        type.cases.map((each) => each.type),
        into,
        most,
      );
    case "option":
      return flattenCases([type.some], into, most);
    case "result":
      return flattenCases([type.ok, type.err], into, most);
    default:
      into.push(flatPrimitives[type.kind] ?? "i32");
  }
}

function flattenAll(types: readonly ValueType[], most: number): string[] {
  const flat: string[] = [];
  for (const type of types) flatten(type, flat, most);
  return flat;
}

/** Whether values of this type lie partly in memory wherever they are passed. */
function containsPointer(type: ValueType): boolean {
  return type.kind === "string" || type.kind === "list" || childTypes(type).some(containsPointer);
}

/** The core signature of a function as `canon lift` wants it, or as `canon lower` gives it. */
export function flatSignature(type: FunctionType, direction: "lift" | "lower"): FlatSignature {
  const inputs = type.parameters.map((each) => each.type);
  const outputs = type.result === undefined ? [] : [type.result];
  let parameters = flattenAll(inputs, limits.flatParameters);
  let results = flattenAll(outputs, limits.flatResults);
  const spilledParameters = parameters.length > limits.flatParameters;
  const spilledResults = results.length > limits.flatResults;
  if (spilledParameters) parameters = ["i32"];
  if (spilledResults) {
    if (direction === "lower") parameters.push("i32");
    results = direction === "lower" ? [] : ["i32"];
  }
  const pointersIn = inputs.some(containsPointer);
  const pointersOut = outputs.some(containsPointer);
  return {
    parameters,
    results,
    needsMemory: spilledParameters || spilledResults || pointersIn || pointersOut,
    needsRealloc: direction === "lift" ? spilledParameters || pointersIn : pointersOut,
  };
}
