/** The core index spaces of a component instance. */
import type { CoreFunction } from "../canonical/side.ts";
import type { CoreExports, CoreMemory } from "../canonical/webassembly.ts";
import type { CoreSort, Initializer } from "../decode/model.ts";
import type { Linker } from "./linker.ts";
import { failMissing } from "./linker.ts";
import type { CoreSignature } from "./reexport.ts";
import { asCoreFunction } from "./reexport.ts";

type Initializing<Kind extends Initializer["kind"]> = Extract<Initializer, { readonly kind: Kind }>;

/** A core function that the component model makes rather than a core module. */
export interface MadeFunction extends CoreSignature {
  /** A JavaScript function, or a `Suspending` object of one. */
  readonly value: unknown;
}

/** Core instances and what they export. */
export class CoreSpaces {
  readonly #linker: Linker;
  readonly #instances: CoreExports[] = [];
  readonly #spaces: { readonly [Sort in CoreSort]: unknown[] } = {
    function: [],
    table: [],
    memory: [],
    global: [],
    tag: [],
    module: [],
    instance: [],
  };
  /** Functions that no core module has exported, by index. */
  readonly #made = new Map<number, MadeFunction>();

  constructor(linker: Linker) {
    this.#linker = linker;
  }

  instantiate(module: number, given: Initializing<"core-instantiate">["arguments"]): void {
    const imports = Object.fromEntries(
      given.map(({ name, instance }) => [name, this.#instances[instance] ?? failMissing("core instance", instance)]),
    );
    this.#instances.push(this.#linker.instantiateCore(module, imports));
  }

  instanceOf(exports: Initializing<"core-instance-exports">["exports"]): void {
    this.#instances.push(Object.fromEntries(exports.map(({ name, sort, index }) => [name, this.#spaces[sort][index]])));
  }

  alias({ instance, name, sort }: Initializing<"core-alias">): void {
    const exports = this.#instances[instance] ?? failMissing("core instance", instance);
    this.#spaces[sort].push(exports[name]);
  }

  /** Appends a function to the function space. */
  define(made: MadeFunction): void {
    this.#made.set(this.#spaces.function.length, made);
    this.#spaces.function.push(made.value);
  }

  memory(index: number | undefined): CoreMemory | undefined {
    return index === undefined ? undefined : (this.#spaces.memory[index] as CoreMemory | undefined);
  }

  /**
   * A function to be called from JavaScript. Only a WebAssembly function can be called through `promising`, and a
   * `Suspending` object can't be called at all, so a function that was made here goes through a core module.
   */
  function(index: number): CoreFunction {
    const made = this.#made.get(index);
    if (made !== undefined) return asCoreFunction(made, made.value) as CoreFunction;
    return (this.#spaces.function[index] as CoreFunction | undefined) ?? failMissing("core function", index);
  }

  /** A function given as an option, which need not be there. */
  optionalFunction(index: number | undefined): CoreFunction | undefined {
    return index === undefined ? undefined : this.function(index);
  }
}
