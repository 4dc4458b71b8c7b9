/** Instances of components. */
import type { Guest } from "../canonical/guest.ts";
import type { CoreMemory, CoreTable } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";
import type { FuelHooks, Imports } from "../host.ts";
import type { Component } from "./component.ts";
import { instantiateDefinition } from "./definition.ts";
import type { ExportedFunction } from "./exported-function.ts";
import { hostItems } from "./host-items.ts";
import { waitingDestructor } from "./functions.ts";
import type { InstanceExports } from "./instance-exports.ts";
import { LinkedExports } from "./instance-exports.ts";
import { failMissing, Linker } from "./linker.ts";
import type { ResourceScope } from "./resource-scope.ts";
import { memoriesOf, stateOf, tablesOf } from "./state.ts";
import type { InstanceState } from "./state.ts";

/** Options of `instantiate`. */
export interface InstantiateOptions {
  /** Hooks of the fuel checks, for components that were rewritten. Without them a guest runs without limits. */
  readonly fuel?: FuelHooks;
  /** Bytes of stack that a rewritten guest may use before it traps; must fit the stack that the engine gives it. */
  readonly stackBytes?: number;
  /** A clock in milliseconds: with it the time in which the guest runs is counted. */
  readonly now?: () => number;
}

/** What an instance holds of the engine. */
export interface Footprint {
  readonly linearMemoryBytes: number;
  readonly tableEntries: number;
  readonly memories: number;
  readonly coreInstances: number;
}

/** A running component. One call at a time; a guest that has trapped or was aborted can't be called any more. */
export class Instance {
  readonly #linker: Linker;
  readonly #guest: Guest;
  readonly #exports: LinkedExports;
  readonly #resources: ResourceScope;
  #memories: readonly CoreMemory[] | undefined;
  #tables: readonly CoreTable[] | undefined;

  constructor(linker: Linker, exports: LinkedExports, resources: ResourceScope) {
    this.#linker = linker;
    this.#guest = linker.guest;
    this.#exports = exports;
    this.#resources = resources;
  }

  /** All exported functions. */
  get exports(): InstanceExports {
    return this.#exports.all();
  }

  /**
   * The exported function `name` of exported instance `instance` (undefined: of the root). An instance is found by its
   * exact name, or by a compatible version.
   */
  function(instance: string | undefined, name: string): ExportedFunction | undefined {
    return this.#exports.find(instance, name);
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
    const type = this.#resources.get(resource);
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

  /** Counts fuel from what another instance had used, whose state this one gets. */
  continueFuelFrom(used: number): void {
    this.#linker.meters.continueFrom(used);
  }

  /** Milliseconds in which the guest and the host functions that it called have run, waits not counted. */
  cpuMs(): number {
    return this.#guest.cpuMs;
  }

  /** Bytes of all linear memories together. */
  memoryBytes(): number {
    return this.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  }

  /** Its linear memories. Each takes address space until the engine has collected the object. */
  get memories(): readonly CoreMemory[] {
    return (this.#memories ??= memoriesOf(this.#linker));
  }

  /** As of now. */
  footprint(): Footprint {
    this.#tables ??= tablesOf(this.#linker);
    return {
      linearMemoryBytes: this.memoryBytes(),
      tableEntries: this.#tables.reduce((sum, table) => sum + table.length, 0),
      memories: this.memories.length,
      coreInstances: this.#linker.cores.length,
    };
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
  const linker = new Linker(component, imports, options);
  const definition = component.decoded.definitions[0] ?? failMissing("definition", 0);
  let linked;
  try {
    const imported = hostItems(linker, definition.imports);
    linked = instantiateDefinition(linker, { definition, parent: undefined, imported, captures: [] });
    linker.finish();
    linker.meters.divideStack(options.stackBytes);
  } catch (error) {
    throw linker.guest.settle(error);
  }
  const exports = new LinkedExports(definition, linked.exports, options.fuel !== undefined);
  return new Instance(linker, exports, linked.resources);
}
