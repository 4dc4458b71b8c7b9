/** From the name a client gives to the export that it means (spec/service.md §4.3). */
import type { FunctionName } from "@emet/contract";
import type { ExportedFunctionInfo } from "./component-image.ts";

/** Finds the export; undefined when there is none. */
export function resolveFunction(
  functions: readonly ExportedFunctionInfo[],
  name: FunctionName,
): ExportedFunctionInfo | undefined {
  for (const canonical of canonicalNames(name.function)) {
    const found = functions.find((item) => item.name === canonical && sameInterface(item.interface, name.interface));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The version may be left out. */
function sameInterface(exported: string | undefined, asked: string | undefined): boolean {
  if (exported === asked) return true;
  if (exported === undefined || asked === undefined || asked.includes("@")) return false;
  return exported.slice(0, exported.indexOf("@")) === asked && exported.includes("@");
}

/** In the order of preference: a method hides a static function of the same name. */
function canonicalNames(reference: FunctionName["function"]): readonly string[] {
  switch (reference.kind) {
    case "function":
      return [reference.name];
    case "constructor":
      return [`[constructor]${reference.resource}`];
    case "drop":
      return [`[resource-drop]${reference.resource}`];
    case "static":
      return [`[static]${reference.resource}.${reference.name}`];
    case "method":
      return [`[method]${reference.resource}.${reference.name}`, `[static]${reference.resource}.${reference.name}`];
  }
}
