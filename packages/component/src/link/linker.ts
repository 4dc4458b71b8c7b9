/** What all component instances of one instantiation share while they are linked. */
import type { ComponentState } from "../canonical/component-state.ts";
import { callPlainly, ResourceType } from "../canonical/component-state.ts";
import { Guest } from "../canonical/guest.ts";
import { GuestMemory } from "../canonical/memory.ts";
import { toTrap } from "../canonical/trap.ts";
import type { CoreExports, CoreMemory } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { FuelHooks, HostResource, Imports } from "../host.ts";
import { reservedExports } from "../rewrite/names.ts";
import type { ModuleSummary } from "../rewrite/summary.ts";
import type { Component } from "./component.ts";
import { Meters } from "./meters.ts";

/** A core instance, with what is known of its module. */
export interface LinkedCore {
  readonly exports: CoreExports;
  readonly summary: ModuleSummary;
}

/** State of one instantiation. */
export class Linker {
  readonly component: Component;
  readonly imports: Imports;
  readonly guest: Guest = new Guest();
  readonly meters: Meters;
  /** All core instances of modules, in order of instantiation. */
  readonly cores: LinkedCore[] = [];
  /** All resource types; a type's id is its position plus one. */
  readonly resources: ResourceType[] = [];
  readonly #memories = new Map<CoreMemory, GuestMemory>();
  readonly #hostResources = new Map<HostResource, ResourceType>();

  constructor(component: Component, imports: Imports, hooks: FuelHooks | undefined) {
    this.component = component;
    this.imports = imports;
    this.meters = new Meters(this.guest, hooks);
  }

  /** The views of a memory, shared by all functions that use it. */
  memory(memory: CoreMemory | undefined): GuestMemory {
    if (memory === undefined) return new GuestMemory(undefined);
    let views = this.#memories.get(memory);
    if (views === undefined) {
      views = new GuestMemory(memory);
      this.#memories.set(memory, views);
    }
    return views;
  }

  /** A new resource type; `implementor` is undefined for the host's. */
  resource(
    name: string,
    implementor: ComponentState | undefined,
    destructor: ((representation: number) => unknown) | undefined,
  ): ResourceType {
    const resource = new ResourceType(this.resources.length + 1, name, implementor, destructor);
    this.resources.push(resource);
    return resource;
  }

  /** The type of a host resource: one for each, by whatever imports it comes in. Without one, drops do nothing. */
  hostResource(name: string, host: HostResource | undefined): ResourceType {
    if (host === undefined) return this.resource(name, undefined, undefined);
    let resource = this.#hostResources.get(host);
    if (resource === undefined) {
      resource = this.resource(name, undefined, host.drop);
      resource.hostWaits = host.waits ?? false;
      this.#hostResources.set(host, resource);
    }
    return resource;
  }

  /** Instantiates a core module, sets its hooks and runs its start function. */
  instantiateCore(module: number, imports: { readonly [module: string]: CoreExports }): CoreExports {
    const { module: compiled, summary } = this.component.modules[module] ?? failMissing("core module", module);
    let exports: CoreExports | undefined;
    callPlainly(() => {
      ({ exports } = new WebAssembly.Instance(compiled, imports));
    });
    if (exports === undefined) throw toTrap(new Error("Can't instantiate a core module"));
    this.cores.push({ exports, summary });
    this.meters.install(exports, summary);
    const start = exports[reservedExports.start];
    if (typeof start === "function") callPlainly(start as () => unknown);
    return exports;
  }
}

/** For references that decoding has checked: their failure is a fault of this package. */
export function failMissing(what: string, key: number | string): never {
  throw new Error(`Can't link: there is no ${what} ${key}`);
}
