/** Calls through JavaScript promise integration. */
import type { CoreFunction } from "../canonical/side.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";

/** A core function as the start of a suspendable guest call. */
export type PromisingFunction = (...parameters: unknown[]) => Promise<unknown>;

const known = new WeakMap<CoreFunction, PromisingFunction>();

/** The promising form of a core function, made once. */
export function promisingOf(core: CoreFunction): PromisingFunction {
  let call = known.get(core);
  if (call === undefined) {
    const { promising } = WebAssembly;
    if (promising === undefined) {
      throw new ComponentError("link", "can't call a guest that may wait: no JavaScript promise integration here");
    }
    call = promising(core);
    known.set(core, call);
  }
  return call;
}
