/** Instances of components. */
import type { ResourceType } from "../canonical/component-state.ts";
import type { Guest } from "../canonical/guest.ts";
import type { CoreMemory } from "../canonical/webassembly.ts";
import type { ExternType } from "../decode/model.ts";
import { ComponentError } from "../errors.ts";
import type { FuelHooks, Imports } from "../host.ts";
import type { FunctionType } from "../types/value-type.ts";
import type { Component } from "./component.ts";
import { instantiateDefinition } from "./definition.ts";
import { ExportedFunction } from "./exported-function.ts";
import { hostItems } from "./host-items.ts";
import { compatibleLookup } from "./import-names.ts";
import type { InstanceValue, Item } from "./items.ts";
import { waitingDestructor } from "./functions.ts";
import { failMissing, Linker } from "./linker.ts";
import { memoriesOf, stateOf } from "./state.ts";
import type { InstanceState } from "./state.ts";

/** Options of `instantiate`. */
export interface InstantiateOptions {
  /** Hooks of the fuel checks, for components that were rewritten. Without them a guest runs without limits. */
  readonly fuel?: FuelHooks;
  /** Bytes of stack that a rewritten guest may use before it traps; must fit the stack that the engine gives it. */
  readonly stackBytes?: number;
}

/** The exported functions of the root or of one exported instance, by name. */
export type ExportedFunctions = ReadonlyMap<string, ExportedFunction>;

/** What an instance exports. */
export interface InstanceExports {
  readonly functions: ExportedFunctions;
  /** By instance name as written, with version. */
  readonly instances: ReadonlyMap<string, ExportedFunctions>;
}

/** A running component. One call at a time; a guest that has trapped or was aborted can't be called any more. */
export class Instance {
  readonly exports: InstanceExports;
  readonly #linker: Linker;
  readonly #guest: Guest;
  readonly #resource: (variable: number) => ResourceType;
  readonly #findInstance: (name: string) => ExportedFunctions | undefined;
  #memories: readonly CoreMemory[] | undefined;

  constructor(linker: Linker, exports: InstanceExports, resource: (variable: number) => ResourceType) {
    this.exports = exports;
    this.#linker = linker;
    this.#guest = linker.guest;
    this.#resource = resource;
    this.#findInstance = compatibleLookup(exports.instances);
  }

  /**
   * The exported function `name` of exported instance `instance` (undefined: of the root). An instance is found by its
   * exact name, or by a compatible version.
   */
  function(instance: string | undefined, name: string): ExportedFunction | undefined {
    const functions = instance === undefined ? this.exports.functions : this.#findInstance(instance);
    return functions?.get(name);
  }

  /** A call is under way. */
  get isBusy(): boolean {
    return this.#guest.busy;
  }

  /** Why the instance has ended, undefined while it can be called. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#guest.failure;
  }

  /**
   * Ends the guest for good. The call under way rejects with `reason`, after the guest has been unwound: at once if it
   * waits for a host function, else at its next call of an import or fuel check.
   */
  abort(reason: unknown): void {
    this.#guest.end(reason);
  }

  /**
   * Destroys a resource that the guest has given to the host (an `own` result), by its representation. `resource` is
   * the resource variable in the type of the function that gave it. Rejects as a call of an export does.
   */
  async dropResource(resource: number, representation: number): Promise<void> {
    const refusal = this.#guest.refusal();
    if (refusal !== undefined) throw refusal;
    const type = this.#resource(resource);
    if (type.implementor === undefined) {
      throw new ComponentError("type", `resource ${type.name} belongs to the host, which must drop it itself`);
    }
    this.#guest.busy = true;
    try {
      const waits = waitingDestructor(type);
      if (waits === undefined) type.destroy(representation, undefined);
      else await type.destroyWaiting(representation, undefined, waits());
      this.#guest.busy = false;
    } catch (error) {
      throw this.#guest.settle(error);
    }
  }

  /** Units of fuel used so far; 0 for components that were not rewritten. */
  fuelUsed(): number {
    return this.#linker.meters.fuelUsed();
  }

  /** Bytes of all linear memories together. */
  memoryBytes(): number {
    this.#memories ??= memoriesOf(this.#linker);
    return this.#memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  }

  /** Access to the state, for snapshots between calls. */
  state(): InstanceState {
    return stateOf(this.#linker);
  }
}

/**
 * Instantiates a component. Imports that the host does not have are replaced by what `imports.missing` gives. Rejects
 * with `ComponentError` if an import is of a kind that no host can give, or if a start function traps.
 */
export async function instantiate(
  component: Component,
  imports: Imports,
  options: InstantiateOptions = {},
): Promise<Instance> {
  const linker = new Linker(component, imports, options.fuel);
  const definition = component.decoded.definitions[0] ?? failMissing("definition", 0);
  let linked;
  try {
    const imported = hostItems(linker, definition.imports);
    linked = instantiateDefinition(linker, { definition, parent: undefined, imported, captures: [] });
    linker.meters.divideStack(options.stackBytes);
  } catch (error) {
    throw linker.guest.settle(error);
  }
  const exporter = { linker, fuelled: options.fuel !== undefined };
  const types = new Map(definition.exports.map(({ name, type }) => [name, type]));
  return new Instance(linker, exportsOf(exporter, linked.exports, types), linked.resource);
}

interface Exporter {
  readonly linker: Linker;
  readonly fuelled: boolean;
}

function exportsOf(exporter: Exporter, items: InstanceValue, types: ReadonlyMap<string, ExternType>): InstanceExports {
  const instances = new Map<string, ExportedFunctions>();
  for (const [name, item] of items) {
    const type = types.get(name);
    if (item.sort !== "instance" || type?.kind !== "instance") continue;
    const inner = new Map(type.exports.map((extern) => [extern.name, extern.type]));
    instances.set(name, functionsOf(exporter, item.value, inner));
  }
  return { functions: functionsOf(exporter, items, types), instances };
}

function functionsOf(
  exporter: Exporter,
  items: InstanceValue,
  types: ReadonlyMap<string, ExternType>,
): ExportedFunctions {
  const functions = new Map<string, ExportedFunction>();
  for (const [name, item] of items) {
    const type = types.get(name);
    if (type?.kind !== "function") continue;
    const exported = exportedFunction(exporter, item, type.type);
    if (exported !== undefined) functions.set(name, exported);
  }
  return functions;
}

// An import that is exported again leads back to the host, which needs no guest to call it.
function exportedFunction({ fuelled }: Exporter, item: Item, type: FunctionType): ExportedFunction | undefined {
  if (item.sort !== "function" || item.value.kind !== "lifted") return undefined;
  return new ExportedFunction({ lifted: item.value, type, fuelled });
}
