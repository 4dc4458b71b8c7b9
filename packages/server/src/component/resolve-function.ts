/** From the name a client gives to the export that it means (spec/service.md §4.3). */
import { serves } from "@emet/component";
import type { FunctionName } from "@emet/contract";
import type { ExportedFunctionInfo } from "./component-image.ts";

/** Finds the export; undefined when there is none. */
export function resolveFunction(
  functions: readonly ExportedFunctionInfo[],
  name: FunctionName,
): ExportedFunctionInfo | undefined {
  for (const canonical of canonicalNames(name.function)) {
    const named = functions.filter((item) => item.name === canonical);
    const found =
      named.find((item) => sameInterface(item.interface, name.interface)) ??
      named.find((item) => compatibleWasi(item.interface, name.interface));
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

/** Which of WASI's compatible versions a component was built with is the choice of tools: callers needn't know it. */
function compatibleWasi(exported: string | undefined, asked: string | undefined): boolean {
  return asked?.startsWith("wasi:") === true && exported !== undefined && serves(exported, asked);
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
