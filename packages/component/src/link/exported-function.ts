/** Calling an exported function from the host. */
import type { ComponentState } from "../canonical/component-state.ts";
import { enteredStates } from "../canonical/component-state.ts";
import type { ExportCode } from "../canonical/export-call.ts";
import { exportCode } from "../canonical/export-call.ts";
import { hostFrames } from "../canonical/guest.ts";
import type { Guest } from "../canonical/guest.ts";
import { parametersMismatch } from "../canonical/mismatch.ts";
import type { CoreFunction } from "../canonical/side.ts";
import { ComponentError } from "../errors.ts";
import type { Value } from "../host.ts";
import type { FunctionType } from "../types/value-type.ts";
import type { ComponentFunction } from "./items.ts";
import { promisingOf } from "./promising.ts";

/** A core function as a component function. */
export type LiftedFunction = Extract<ComponentFunction, { readonly kind: "lifted" }>;

/** What an exported function is made of. */
export interface ExportedParts {
  readonly lifted: LiftedFunction;
  /** The type with resource variables of the outermost definition. */
  readonly type: FunctionType;
  /** The fuel hooks may suspend the guest. */
  readonly fuelled: boolean;
}

/** An exported function of an instance. */
export class ExportedFunction {
  /** Its type; handles refer to the resources of the outermost definition. */
  readonly type: FunctionType;
  readonly #lifted: LiftedFunction;
  readonly #guest: Guest;
  readonly #entered: readonly ComponentState[];
  /** Calls go through JSPI. */
  readonly #suspendable: boolean;
  #promising: ExportCode | undefined;
  #plain: ExportCode | undefined;
  readonly #finish: (coreResult: unknown) => Value | undefined;
  readonly #fail: (error: unknown) => never;

  constructor({ lifted, type, fuelled }: ExportedParts) {
    const { state } = lifted.side;
    this.type = type;
    this.#lifted = lifted;
    this.#guest = state.guest;
    this.#entered = enteredStates(state, undefined);
    this.#suspendable = fuelled || state.suspends;
    // Made once and not for each call: only one call can be under way.
    this.#finish = (coreResult) => this.#end(this.#promising, coreResult);
    this.#fail = (error) => {
      throw this.#guest.settle(error);
    };
  }

  /** True if `callSync` works: no import that this function can reach may suspend the guest. */
  get isSync(): boolean {
    return !this.#lifted.side.state.suspends;
  }

  /**
   * Calls the function. Rejects with `ComponentError` for parameters of wrong types, for a call while another one is
   * under way, and when the guest traps; with the host's own error object when a host function fails; and with the
   * reason given to `abort`. After a trap, a host error or an abort every further call is refused.
   */
  call(parameters: readonly Value[]): Promise<Value | undefined> {
    if (!this.#suspendable) return this.#callAsPromise(parameters);
    const guest = this.#guest;
    if (guest.busy || guest.failure !== undefined) return Promise.reject(guest.refusal());
    const code = (this.#promising ??= this.#code(promisingOf(this.#lifted.core)));
    if (!code.check(parameters)) return Promise.reject(parametersMismatch(this.#lifted.type, parameters));
    guest.busy = true;
    guest.entered();
    try {
      const returned = code.start(parameters) as Promise<unknown>;
      // A guest that has waited since runs from its resumption on.
      guest.left();
      return returned.then(this.#finish, this.#fail);
    } catch (error) {
      return Promise.reject(guest.settle(error));
    }
  }

  // Not an async function, whose promise would cost more.
  #callAsPromise(parameters: readonly Value[]): Promise<Value | undefined> {
    try {
      return Promise.resolve(this.callSync(parameters));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Calls the function without suspension; only for functions with `isSync`. Fuel hooks don't yield during the call. */
  callSync(parameters: readonly Value[]): Value | undefined {
    const guest = this.#guest;
    const refusal = guest.busy || guest.failure !== undefined ? guest.refusal() : undefined;
    if (refusal !== undefined) throw refusal;
    if (!this.isSync) throw new ComponentError("type", "this function may wait, so it can't be called synchronously");
    const code = (this.#plain ??= this.#code(this.#lifted.core));
    if (!code.check(parameters)) throw parametersMismatch(this.#lifted.type, parameters);
    guest.busy = true;
    guest.entered();
    hostFrames.depth++;
    let coreResult: unknown;
    try {
      coreResult = code.start(parameters);
    } catch (error) {
      throw guest.settle(error);
    } finally {
      hostFrames.depth--;
    }
    return this.#end(code, coreResult);
  }

  #code(core: CoreFunction): ExportCode {
    return exportCode(this.#lifted.type, { side: this.#lifted.side, core, entered: this.#entered });
  }

  #end(code: ExportCode | undefined, coreResult: unknown): Value | undefined {
    const guest = this.#guest;
    guest.left();
    try {
      const result = code?.finish(coreResult) as Value | undefined;
      // An abort in the last moment: the guest has ended nevertheless.
      if (guest.failure !== undefined) throw guest.failure.error;
      guest.busy = false;
      return result;
    } catch (error) {
      throw guest.settle(error);
    }
  }
}
