/** Makes the functions at the boundary of a component instance: lifted, lowered, and those for resources. */
import { adapterFunction } from "../canonical/adapter.ts";
import type { ComponentState, ResourceType } from "../canonical/component-state.ts";
import { enteredStates } from "../canonical/component-state.ts";
import { hostFrames } from "../canonical/guest.ts";
import { importFunction } from "../canonical/import-call.ts";
import { coreSignature } from "../canonical/layout.ts";
import type { CoreFunction } from "../canonical/side.ts";
import { Side } from "../canonical/side.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { CanonicalOptions, Initializer, ResourceVariable } from "../decode/model.ts";
import { ComponentError } from "../errors.ts";
import type { HostFunction } from "../host.ts";
import type { FunctionType } from "../types/value-type.ts";
import type { CoreSpaces } from "./core-spaces.ts";
import type { ComponentFunction } from "./items.ts";
import type { Linker } from "./linker.ts";
import { promisingOf } from "./promising.ts";
import type { CoreSignature } from "./reexport.ts";
import { suspendableFunction } from "./suspendable.ts";
import type { Park } from "./suspendable.ts";

/** The component instance for which functions are made. */
export interface FunctionOwner {
  readonly state: ComponentState;
  /** The runtime type of a resource variable. */
  readonly resource: (variable: number) => ResourceType;
}

/** Makes the functions of one component instance and appends them to its core function space. */
export class CanonicalLinker {
  readonly #linker: Linker;
  readonly #core: CoreSpaces;
  readonly #owner: FunctionOwner;

  constructor(linker: Linker, core: CoreSpaces, owner: FunctionOwner) {
    this.#linker = linker;
    this.#core = core;
    this.#owner = owner;
  }

  #side(options: CanonicalOptions): Side {
    return new Side({
      state: this.#owner.state,
      memory: this.#linker.memory(this.#core.memory(options.memory)),
      encoding: options.encoding,
      realloc: this.#core.optionalFunction(options.realloc),
      postReturn: this.#core.optionalFunction(options.postReturn),
      resource: this.#owner.resource,
    });
  }

  lift({ coreFunction, type, options }: Extract<Initializer, { readonly kind: "lift" }>): ComponentFunction {
    return { kind: "lifted", type, core: this.#core.function(coreFunction), side: this.#side(options) };
  }

  lower({ type, options }: Extract<Initializer, { readonly kind: "lower" }>, target: ComponentFunction): void {
    const side = this.#side(options);
    const { state } = this.#owner;
    const suspends = target.kind === "host" ? target.host.kind === "suspending" : target.side.state.maySuspend;
    if (suspends) state.suspends = true;
    const signature = coreSignature(type, "lower");
    const value =
      target.kind === "host"
        ? hostFunction(signature, type, side, target.host)
        : this.#adapter({ caller: type, callee: target.type }, side, target, suspends);
    this.#core.define({ value, ...signature });
  }

  #adapter(
    types: { readonly caller: FunctionType; readonly callee: FunctionType },
    side: Side,
    target: Extract<ComponentFunction, { readonly kind: "lifted" }>,
    suspends: boolean,
  ): unknown {
    const { state } = this.#owner;
    const adapter = adapterFunction(types, {
      caller: side,
      callee: target.side,
      core: () => (suspends ? promisingOf(target.core) : target.core),
      entered: enteredStates(target.side.state, state),
      suspending: suspends,
    });
    return suspends ? suspending(adapter) : adapter;
  }

  /** A fresh resource type of this instance. */
  resource(
    { destructor }: Extract<Initializer, { readonly kind: "resource" }>,
    { name }: ResourceVariable,
  ): ResourceType {
    return this.#linker.resource(name ?? "resource", this.#owner.state, this.#core.optionalFunction(destructor));
  }

  resourceNew(variable: number): void {
    const { state, resource } = this.#owner;
    const { id } = resource(variable);
    this.#define(["i32"], ["i32"], (representation) => {
      if (!state.mayLeave) state.cannotLeave();
      return state.handles.add(id, representation >>> 0);
    });
  }

  resourceDrop(variable: number): void {
    const { state, resource } = this.#owner;
    const type = resource(variable);
    const take = (index: number): number => {
      if (!state.mayLeave) state.cannotLeave();
      return state.handles.drop(type.id, index >>> 0);
    };
    const waits = waitingDestructor(type);
    const mayWait = waits !== undefined || (type.hostWaits && WebAssembly.Suspending !== undefined);
    if (!mayWait) {
      this.#define(["i32"], [], (index) => {
        const representation = take(index);
        if (representation >= 0) type.destroy(representation, state);
      });
      return;
    }
    const { implementor } = type;
    // Its own imports tell of an instance that destroys what it has made itself.
    if (implementor !== state) state.suspends = true;
    const signature: CoreSignature = { parameters: ["i32"], results: [] };
    const make = (park: Park): CoreFunction =>
      guarded(state, (index) => {
        const representation = take(index);
        if (representation < 0) return undefined;
        // Below a host frame nothing can wait; most destructors don't.
        const plainly = waits === undefined || hostFrames.depth > 0 || implementor?.suspends !== true;
        const destroyed = plainly
          ? type.destroy(representation, state)
          : type.destroyWaiting(representation, state, waits());
        return destroyed instanceof Promise ? park(state.guest.wait(destroyed, () => undefined)) : undefined;
      });
    this.#core.define({ value: suspendableFunction(signature, make), ...signature });
  }

  resourceRep(variable: number): void {
    const { state, resource } = this.#owner;
    const { id } = resource(variable);
    this.#define(["i32"], ["i32"], (index) => state.handles.representation(id, index >>> 0));
  }

  #define(parameters: readonly "i32"[], results: readonly "i32"[], call: (value: number) => unknown): void {
    this.#core.define({ value: guarded(this.#owner.state, call), parameters, results });
  }
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

function hostFunction(signature: CoreSignature, type: FunctionType, side: Side, host: HostFunction): unknown {
  if (host.kind === "sync") return importFunction(type, side, host);
  return suspendableFunction(signature, (park) => importFunction(type, side, host, park));
}

function suspending(call: CoreFunction): object {
  const { Suspending } = WebAssembly;
  if (Suspending === undefined) {
    throw new ComponentError("link", "an import may wait, but this host has no JavaScript promise integration");
  }
  return new Suspending(call);
}
