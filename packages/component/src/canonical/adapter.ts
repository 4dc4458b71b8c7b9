/** Calls from one component instance to another: lift from the caller, lower into the callee, and back. */
import type { FunctionType } from "../types/value-type.ts";
import {
  coreParameters,
  liftParameters,
  liftResult,
  lowerParameters,
  lowerResult,
  refreshViews,
} from "./call-parts.ts";
import type { ComponentState } from "./component-state.ts";
import { Emitter } from "./emitter.ts";
import { FactoryCache } from "./factory.ts";
import { endLending, startLending } from "./lending.ts";
import type { CoreFunction, Side } from "./side.ts";
import type { SideShape } from "./side-names.ts";
import { shapeKey, shapeOf, sideNames, takesBorrows } from "./side-names.ts";

/** What an adapter is bound to. */
export interface AdapterParts {
  readonly caller: Side;
  readonly callee: Side;
  /** The callee's core function; a promising one if the adapter suspends. */
  readonly core: CoreFunction;
  readonly entered: readonly ComponentState[];
  /** The adapter returns a promise, and is still to be wrapped in `WebAssembly.Suspending`. */
  readonly suspending: boolean;
}

/** The types of one function as caller and callee see it; they differ in the numbers of resource variables. */
export interface AdapterTypes {
  readonly caller: FunctionType;
  readonly callee: FunctionType;
}

// By the caller's type, then by the callee's.
const factories = new WeakMap<FunctionType, FactoryCache<CoreFunction>>();

/** The core function with which one component instance calls a function that another has lifted. */
export function adapterFunction(types: AdapterTypes, parts: AdapterParts): CoreFunction {
  const cache = factories.get(types.caller) ?? new FactoryCache<CoreFunction>();
  factories.set(types.caller, cache);
  const shapes = { caller: shapeOf(parts.caller), callee: shapeOf(parts.callee) };
  const views = parts.caller.memory.memory !== parts.callee.memory.memory;
  const { suspending } = parts;
  const variation = [shapeKey(shapes.caller), shapeKey(shapes.callee), views, suspending].join();
  const source = (): string => new AdapterSource(types, { shapes, views, suspending }).source();
  return cache.get(types.callee, variation, source)({ ...parts });
}

interface AdapterOptions {
  readonly shapes: { readonly caller: SideShape; readonly callee: SideShape };
  readonly views: boolean;
  readonly suspending: boolean;
}

class AdapterSource {
  readonly #emitter = new Emitter();
  readonly #types: AdapterTypes;
  readonly #suspending: boolean;
  readonly #caller;
  readonly #callee;
  readonly #entered: string;

  constructor(types: AdapterTypes, { shapes, views, suspending }: AdapterOptions) {
    this.#types = types;
    this.#suspending = suspending;
    this.#caller = sideNames(this.#emitter, "caller", shapes.caller, views);
    this.#callee = sideNames(this.#emitter, "callee", shapes.callee, views);
    this.#entered = this.#emitter.constant("env.entered");
  }

  source(): string {
    const emitter = this.#emitter;
    const caller = this.#caller;
    const { flat, returnPointer, all } = coreParameters(this.#types.caller);
    emitter.line(`function call(${all.join(", ")}) {`);
    emitter.line("try {");
    emitter.line(`if (!${caller.state}.mayLeave) ${caller.state}.cannotLeave();`);
    emitter.line(`${emitter.support("enter")}(${this.#entered});`);
    refreshViews(caller);
    const mark = startLending(caller, this.#types.caller);
    const values = liftParameters(caller, this.#types.caller, flat);
    refreshViews(this.#callee);
    if (takesBorrows(this.#types.callee)) emitter.line(`${this.#callee.handles}.openScope();`);
    const lowered = lowerParameters(this.#callee, this.#types.callee, values);
    const kept = [...(returnPointer === undefined ? [] : [returnPointer]), ...mark, ...caller.lent];
    const finish = `finish(${["r", ...kept].join(", ")})`;
    this.#call(`${emitter.constant("env.core")}(${lowered.join(", ")})`, finish);
    emitter.line(`} catch (e) { throw ${caller.state}.guest.failed(e); }`);
    emitter.line("}");
    emitter.line(`function ${finish} {`);
    this.#finish(mark);
    emitter.line("}");
    emitter.line("return call;");
    return emitter.source();
  }

  #call(core: string, finish: string): void {
    const emitter = this.#emitter;
    const failed = `${this.#caller.state}.guest.failed`;
    const toTrap = emitter.support("toTrap");
    if (this.#suspending) {
      emitter.line(`return ${core}.then(`);
      emitter.line(`(r) => { try { return ${finish}; } catch (e) { throw ${failed}(e); } },`);
      emitter.line(`(e) => { throw ${failed}(${toTrap}(e)); });`);
      return;
    }
    const frames = emitter.support("hostFrames");
    emitter.line(`let r;\n${frames}.depth++;`);
    emitter.line(`try { r = ${core}; } catch (e) { throw ${toTrap}(e); } finally { ${frames}.depth--; }`);
    emitter.line(`return ${finish};`);
  }

  #finish(mark: readonly string[]): void {
    const emitter = this.#emitter;
    refreshViews(this.#callee);
    const value = liftResult(this.#callee, this.#types.callee, "r");
    if (takesBorrows(this.#types.callee)) emitter.line(`${this.#callee.handles}.closeScope();`);
    refreshViews(this.#caller);
    const result = lowerResult(this.#caller, this.#types.caller, value);
    emitter.line(`${this.#callee.side}.postReturn(r);`);
    emitter.line(`${emitter.support("leave")}(${this.#entered});`);
    endLending(this.#caller, mark);
    if (result !== undefined) emitter.line(`return ${result};`);
  }
}
