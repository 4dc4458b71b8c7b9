/**
 * The canonical functions: of component functions what core modules call, and of core functions what components call.
 * A lowered function is made when the guest calls it first: an instance that sleeps or waits for its next call holds little
 * more than what it has used.
 */
import { adapterFunction } from "../canonical/adapter.ts";
import type { ComponentState, ResourceType } from "../canonical/component-state.ts";
import { enteredStates } from "../canonical/component-state.ts";
import { hostFrames } from "../canonical/guest.ts";
import type { Parking } from "../canonical/import-call.ts";
import { importFunction } from "../canonical/import-call.ts";
import type { CoreFunction, SideParts } from "../canonical/side.ts";
import { Side } from "../canonical/side.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { CanonicalOptions, ComponentDefinition, Initializer, ResourceVariable } from "../decode/model.ts";
import type { CoreSpaces } from "./core-spaces.ts";
import type { ComponentFunction } from "./items.ts";
import type { Linker } from "./linker.ts";
import { failMissing } from "./linker.ts";
import type { FunctionMaker, MadePlan } from "./made-plan.ts";
import { madePlan } from "./made-plan.ts";
import { promisingOf } from "./promising.ts";
import type { ResourceScope } from "./resource-scope.ts";
import type { Shims } from "./shims.ts";
import { cannotWait } from "./shim.ts";

type LoweredType = Extract<Initializer, { readonly kind: "lower" }>["type"];

/** The component instance for which functions are made. */
export interface FunctionOwner {
  readonly state: ComponentState;
  readonly resources: ResourceScope;
}

/** What functions of one instance that are made late are made of; it lives as long as the instance. */
class LateFunctions implements FunctionMaker {
  readonly #plan: MadePlan;
  readonly #owner: FunctionOwner;
  readonly #linker: Linker;
  /** By number; of those that are no lowered functions there is none. */
  readonly #sides: (Side | undefined)[];
  readonly #targets: (ComponentFunction | undefined)[];
  #parkings: (Parking | undefined)[] | undefined;
  /** Numbers of those that suspend as a whole: their callee was taken for one that may wait. */
  #suspending: Set<number> | undefined;

  constructor(plan: MadePlan, owner: FunctionOwner, linker: Linker) {
    this.#plan = plan;
    this.#owner = owner;
    this.#linker = linker;
    this.#sides = emptySlots(plan);
    this.#targets = emptySlots(plan);
  }

  lowered(number: number, side: Side, target: ComponentFunction): void {
    this.#sides[number] = side;
    this.#targets[number] = target;
  }

  parks(number: number, parking: Parking): void {
    (this.#parkings ??= emptySlots(this.#plan))[number] = parking;
  }

  suspends(number: number): void {
    (this.#suspending ??= new Set()).add(number);
  }

  make(number: number): CoreFunction {
    const initializer = this.#plan.initializers[number] ?? failMissing("made function", number);
    const { state, resources } = this.#owner;
    switch (initializer.kind) {
      case "lower":
        return this.#lower(number, initializer.type);
      case "resource-new": {
        const { id } = resources.get(initializer.resource);
        return guarded(state, (representation) => {
          if (!state.mayLeave) state.cannotLeave();
          return state.handles.add(id, representation >>> 0);
        });
      }
      case "resource-drop":
        return guarded(state, dropFunction(state, resources.get(initializer.resource), this.#parkings?.[number]));
      case "resource-rep": {
        const { id } = resources.get(initializer.resource);
        return guarded(state, (index) => state.handles.representation(id, index >>> 0));
      }
    }
  }

  #lower(number: number, type: LoweredType): CoreFunction {
    const side = this.#sides[number] ?? failMissing("side", number);
    const target = this.#targets[number] ?? failMissing("target", number);
    if (target.kind === "host") {
      return importFunction(type, { side, host: this.#linker.hostFunction(target), parking: this.#parkings?.[number] });
    }
    const callee = target.side;
    const waits = this.#suspending?.has(number) ?? false;
    return adapterFunction(
      { caller: type, callee: target.type },
      {
        caller: side,
        callee,
        core: waits ? promisingOf(target.core) : target.core,
        entered: enteredStates(callee.state, this.#owner.state),
        suspending: waits,
      },
    );
  }
}

/** One for each function, and none to spare, as an array has that grows. */
function emptySlots({ signatures }: MadePlan): undefined[] {
  return signatures.map(() => undefined);
}

/** Makes the functions of one component instance and appends them to its core function space. */
export class CanonicalLinker {
  readonly #linker: Linker;
  readonly #core: CoreSpaces;
  readonly #owner: FunctionOwner;
  readonly #plan: MadePlan;
  readonly #late: LateFunctions;
  readonly #functions: readonly CoreFunction[];
  readonly #shims: Shims;
  readonly #sides = new Map<string, Side>();
  #next = 0;

  constructor(
    linker: Linker,
    { definition, core, owner }: { definition: ComponentDefinition; core: CoreSpaces; owner: FunctionOwner },
  ) {
    this.#linker = linker;
    this.#core = core;
    this.#owner = owner;
    this.#plan = madePlan(definition);
    this.#late = new LateFunctions(this.#plan, owner, linker);
    this.#functions = this.#plan.functions(this.#late);
    this.#shims = linker.shims(this.#plan.signatures, this.#functions);
  }

  /** All functions with the same options share one. */
  #side({ memory, encoding, realloc, postReturn }: CanonicalOptions): Side {
    const key = `${memory} ${encoding} ${realloc} ${postReturn}`;
    let side = this.#sides.get(key);
    if (side === undefined) {
      const parts: SideParts = {
        state: this.#owner.state,
        memory: this.#linker.memory(this.#core.memory(memory)),
        encoding,
        realloc: this.#core.optionalFunction(realloc),
        postReturn: this.#core.optionalFunction(postReturn),
        resources: this.#owner.resources,
      };
      side = new Side(parts);
      this.#sides.set(key, side);
    }
    return side;
  }

  lift({ coreFunction, type, options }: Extract<Initializer, { readonly kind: "lift" }>): ComponentFunction {
    return { kind: "lifted", type, core: this.#core.function(coreFunction), side: this.#side(options) };
  }

  lower({ options }: Extract<Initializer, { readonly kind: "lower" }>, target: ComponentFunction): void {
    this.#late.lowered(this.#next, this.#side(options), target);
    const suspends = target.kind === "host" ? target.suspends : target.side.state.maySuspend;
    if (suspends) this.#owner.state.suspends = true;
    if (!suspends) this.#define();
    else if (target.kind === "host") this.#defineParking();
    else {
      this.#late.suspends(this.#next);
      this.#define(suspending(this.#functions[this.#next]));
    }
  }

  /** A fresh resource type of this instance. */
  resource(
    { destructor }: Extract<Initializer, { readonly kind: "resource" }>,
    { name }: ResourceVariable,
  ): ResourceType {
    return this.#linker.resource(name ?? "resource", this.#owner.state, this.#core.optionalFunction(destructor));
  }

  resourceFunction({ kind, resource }: Extract<Initializer, { readonly kind: `resource-${string}` }>): void {
    const { state, resources } = this.#owner;
    if (kind !== "resource-drop") return this.#define();
    const type = resources.get(resource);
    const waits = waitingDestructor(type) !== undefined;
    if (!waits && !(type.hostWaits && WebAssembly.Suspending !== undefined)) return this.#define();
    // Its own imports tell of an instance that destroys what it has made itself.
    if (type.implementor !== state) state.suspends = true;
    this.#defineParking();
  }

  #defineParking(): void {
    const { value, parking } = this.#shims.take(this.#next);
    this.#late.parks(this.#next, parking);
    this.#define(value);
  }

  #define(value: unknown = this.#functions[this.#next]): void {
    const signature = this.#plan.signatures[this.#next] ?? failMissing("made function", this.#next);
    this.#next += 1;
    this.#core.define({ value, ...signature });
  }
}

/** The function for `resource.drop`; with `parking` it may wait. */
function dropFunction(
  state: ComponentState,
  type: ResourceType,
  parking: Parking | undefined,
): (index: number) => unknown {
  const take = (index: number): number => {
    if (!state.mayLeave) state.cannotLeave();
    return state.handles.drop(type.id, index >>> 0);
  };
  if (parking === undefined) {
    return (index) => {
      const representation = take(index);
      if (representation >= 0) type.destroy(representation, state);
    };
  }
  const waits = waitingDestructor(type);
  const { implementor } = type;
  let start: ((representation: number) => Promise<unknown>) | undefined;
  return (index) => {
    const representation = take(index);
    if (representation < 0) return;
    // Below a host frame nothing can wait; most destructors don't.
    const plainly = waits === undefined || hostFrames.depth > 0 || implementor?.suspends !== true;
    const destroyed = plainly
      ? type.destroy(representation, state)
      : type.destroyWaiting(representation, state, (start ??= waits()));
    if (destroyed instanceof Promise) parking.park(state.guest.wait(destroyed, () => undefined));
  };
}

/** What it throws ends the guest. */
function guarded({ guest }: ComponentState, call: (value: number) => unknown): CoreFunction {
  return (parameter) => {
    try {
      return call(parameter as number);
    } catch (error) {
      throw guest.failed(error);
    }
  };
}

/** Makes the promising form of a guest's destructor; undefined when there is none, or when it can't wait. */
export function waitingDestructor({
  implementor,
  destructor,
}: ResourceType): (() => (representation: number) => Promise<unknown>) | undefined {
  if (implementor === undefined || destructor === undefined) return undefined;
  return implementor.maySuspend && WebAssembly.Suspending !== undefined
    ? () => promisingOf(destructor as CoreFunction)
    : undefined;
}

function suspending(call: CoreFunction | undefined): object {
  const { Suspending } = WebAssembly;
  if (Suspending === undefined || call === undefined) throw cannotWait();
  return new Suspending(call);
}
