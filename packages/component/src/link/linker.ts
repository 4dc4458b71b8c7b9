/** What all component instances of one instantiation share while they are linked. */
import type { ComponentState } from "../canonical/component-state.ts";
import { callPlainly, ResourceType } from "../canonical/component-state.ts";
import { Guest } from "../canonical/guest.ts";
import { GuestMemory } from "../canonical/memory.ts";
import { toTrap } from "../canonical/trap.ts";
import type { CoreExports, CoreMemory } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";
import type { FuelHooks, HostFunction, HostResource, Imports } from "../host.ts";
import { reservedExports } from "../rewrite/names.ts";
import type { ModuleSummary } from "../rewrite/summary.ts";
import type { CoreFunction } from "../canonical/side.ts";
import type { Component } from "./component.ts";
import type { HostTarget } from "./items.ts";
import { Meters } from "./meters.ts";
import type { CoreSignature } from "./reexport.ts";
import { Shims } from "./shims.ts";

/** A core instance, with what is known of its module. */
export interface LinkedCore {
  readonly exports: CoreExports;
  readonly summary: ModuleSummary;
}

/** A host resource of which is known what it is before the host has made it. */
export interface LateResource {
  readonly waits: boolean;
  readonly find: (imports: Imports) => HostResource | undefined;
}

/** The type of such a resource in one instance. */
class LateResourceType extends ResourceType {
  readonly #imports: Imports;
  readonly #resource: LateResource;

  constructor(id: number, name: string, { imports, resource }: { imports: Imports; resource: LateResource }) {
    super(id, name, undefined, undefined);
    this.#imports = imports;
    this.#resource = resource;
    this.hostWaits = resource.waits;
  }

  override destroy(representation: number): unknown {
    return this.#resource.find(this.#imports)?.drop(representation);
  }
}

/** What is needed while linking only. */
interface Linking {
  readonly memories: Map<CoreMemory, GuestMemory>;
  readonly hostResources: Map<object, ResourceType>;
  /** In the order of the component instances. */
  readonly shims: Shims[];
}

/** Which functions went through shims, by component instance: `Shims` expects the same of the next instance. */
const shimmed = new WeakMap<Component["decoded"], readonly (readonly number[])[]>();

export interface LinkerOptions {
  readonly fuel?: FuelHooks | undefined;
  readonly now?: (() => number) | undefined;
}

/** State of one instantiation. */
export class Linker {
  readonly component: Component;
  readonly imports: Imports;
  readonly guest: Guest;
  readonly meters: Meters;
  /** All core instances of modules, in order of instantiation. */
  cores: readonly LinkedCore[] = [];
  /** All resource types; a type's id is its position plus one. */
  resources: readonly ResourceType[] = [];
  #unfinished: Linking | undefined = { memories: new Map(), hostResources: new Map(), shims: [] };

  constructor(component: Component, imports: Imports, { fuel: hooks, now }: LinkerOptions) {
    this.component = component;
    this.imports = imports;
    this.guest = new Guest(now);
    this.meters = new Meters(this.guest, hooks);
  }

  get #linking(): Linking {
    return this.#unfinished ?? failMissing("link", "under way");
  }

  /** Everything is linked: lets go of what was needed for that only. */
  finish(): void {
    const { shims } = this.#linking;
    if (!shimmed.has(this.component.decoded)) {
      const taken = shims.map((each) => each.taken);
      shimmed.set(this.component.decoded, taken);
    }
    this.#unfinished = undefined;
  }

  /** The shims of the next component instance. */
  shims(signatures: readonly CoreSignature[], functions: readonly CoreFunction[]): Shims {
    const { shims } = this.#linking;
    const expected = shimmed.get(this.component.decoded)?.[shims.length] ?? [];
    const hooks = shims.length === 0 ? this.meters.hooks : undefined;
    const made = new Shims({ signatures, functions, expected, hooks });
    shims.push(made);
    return made;
  }

  /** The host's function for a lowered one that is called for the first time. */
  hostFunction({ find, suspends }: HostTarget): HostFunction {
    const host = find(this.imports);
    if ((host.kind === "suspending") === suspends) return host;
    throw new ComponentError("link", "can't call a host function: it is of another kind than it was said to be");
  }

  /** The views of a memory, shared by all functions that use it. */
  memory(memory: CoreMemory | undefined): GuestMemory {
    if (memory === undefined) return noMemory;
    const { memories } = this.#linking;
    let views = memories.get(memory);
    if (views === undefined) {
      views = new GuestMemory(memory);
      memories.set(memory, views);
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
    this.resources = [...this.resources, resource];
    return resource;
  }

  /** The type of a host resource: one for each, by whatever imports it comes in. Without one, drops do nothing. */
  hostResource(name: string, host: HostResource | undefined): ResourceType {
    if (host === undefined) return this.resource(name, undefined, undefined);
    const { hostResources } = this.#linking;
    let resource = hostResources.get(host);
    if (resource === undefined) {
      resource = this.resource(name, undefined, host.drop);
      resource.hostWaits = host.waits ?? false;
      hostResources.set(host, resource);
    }
    return resource;
  }

  /** The same for one that the host has not made yet; `shape` tells it from others. */
  lateResource(name: string, shape: object, resource: LateResource): ResourceType {
    const { hostResources } = this.#linking;
    let type = hostResources.get(shape);
    if (type === undefined) {
      type = new LateResourceType(this.resources.length + 1, name, { imports: this.imports, resource });
      this.resources = [...this.resources, type];
      hostResources.set(shape, type);
    }
    return type;
  }

  /** Instantiates a core module, sets its hooks and runs its start function. */
  instantiateCore(module: number, imports: { readonly [module: string]: CoreExports }): CoreExports {
    const { module: compiled, summary } = this.component.modules[module] ?? failMissing("core module", module);
    let exports: CoreExports | undefined;
    callPlainly(() => {
      ({ exports } = new WebAssembly.Instance(compiled, imports));
    });
    if (exports === undefined) throw toTrap(new Error("Can't instantiate a core module"));
    this.cores = [...this.cores, { exports, summary }];
    this.meters.install(exports, summary, () => this.#linking.shims[0]?.hooks);
    const start = exports[reservedExports.start];
    if (typeof start === "function") callPlainly(start as () => unknown);
    return exports;
  }
}

/** For all functions without a memory: none of them keeps anything in it. */
const noMemory = new GuestMemory(undefined);

/** For references that decoding has checked: their failure is a fault of this package. */
export function failMissing(what: string, key: number | string): never {
  throw new Error(`Can't link: there is no ${what} ${key}`);
}
