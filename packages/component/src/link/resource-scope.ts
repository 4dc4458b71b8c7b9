/** The resource variables of a component definition in one instance of it. */
import type { ResourceType } from "../canonical/component-state.ts";
import { failMissing } from "./linker.ts";

/** Finds the runtime type of a variable from what the instance has been given so far. */
type Find = (variable: number) => ResourceType | undefined;

/** Runtime types by variable. Once linking has ended it holds nothing else. */
export class ResourceScope {
  readonly #types: (ResourceType | undefined)[];
  #find: Find | undefined;

  constructor(count: number, find: Find) {
    this.#types = Array.from({ length: count }, () => undefined);
    this.#find = find;
  }

  define(variable: number, type: ResourceType): void {
    this.#types[variable] = type;
  }

  find(variable: number): ResourceType | undefined {
    return (this.#types[variable] ??= this.#find?.(variable));
  }

  get(variable: number): ResourceType {
    return this.find(variable) ?? failMissing("type of resource variable", variable);
  }

  /** Finds all variables, and lets go of where they were found. */
  settle(): void {
    for (const variable of this.#types.keys()) this.find(variable);
    this.#find = undefined;
  }
}
