/** What the scanner and the emitter need to know of a module apart from its code. */
import type { CoreModuleSpaces } from "../decode/core/module.ts";

/** What locals of these types take in the larger frames (see `stack-budget.ts`). */
function bytesOf(types: readonly string[]): number {
  let bytes = 0;
  for (const type of types) bytes += type === "v128" ? 16 : type === "i32" || type === "f32" ? 4 : 8;
  return bytes;
}

/** Looks up counts by function and type index. An index that is out of range counts as nothing: the engine rejects it. */
export class ModuleFacts {
  readonly module: CoreModuleSpaces;
  readonly importedFunctions: number;
  readonly definedFunctions: number;
  readonly #parameters: Int32Array;
  readonly #results: Int32Array;

  constructor(module: CoreModuleSpaces) {
    this.module = module;
    this.importedFunctions = module.imports.filter((each) => each.type.kind === "function").length;
    const functions = module.spaces.function;
    this.definedFunctions = functions.length - this.importedFunctions;
    this.#parameters = new Int32Array(functions.length);
    this.#results = new Int32Array(functions.length);
    for (const [index, item] of functions.entries()) {
      const type = module.types.at(item.kind === "function" ? item.type : -1);
      if (type.kind !== "function") continue;
      this.#parameters[index] = type.parameters.length;
      this.#results[index] = type.results.length;
    }
  }

  parameterCount(functionIndex: number): number {
    return this.#parameters[functionIndex] ?? 0;
  }

  resultCount(functionIndex: number): number {
    return this.#results[functionIndex] ?? 0;
  }

  #type(functionIndex: number): { readonly parameters: readonly string[]; readonly results: readonly string[] } {
    const item = this.module.spaces.function[functionIndex];
    const type = this.module.types.at(item?.kind === "function" ? item.type : -1);
    return type.kind === "function" ? type : { parameters: [], results: [] };
  }

  parameterBytes(functionIndex: number): number {
    return bytesOf(this.#type(functionIndex).parameters);
  }

  results(functionIndex: number): readonly string[] {
    return this.#type(functionIndex).results;
  }

  /** Counts of the parameters and results of a function type. */
  blockType(typeIndex: number): { readonly parameters: number; readonly results: number } {
    const type = this.module.types.at(this.module.typeSpace[typeIndex] ?? -1);
    if (type.kind !== "function") return { parameters: 0, results: 0 };
    return { parameters: type.parameters.length, results: type.results.length };
  }

  fieldCount(typeIndex: number): number {
    const type = this.module.types.at(this.module.typeSpace[typeIndex] ?? -1);
    return type.kind === "other" ? type.fields : 0;
  }

  tagParameters(tagIndex: number): number {
    const tag = this.module.spaces.tag[tagIndex];
    const type = this.module.types.at(tag?.kind === "tag" ? tag.type : -1);
    return type.kind === "function" ? type.parameters.length : 0;
  }
}
