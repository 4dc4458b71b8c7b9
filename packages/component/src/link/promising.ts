/** Calls through JavaScript promise integration. */
import type { CoreFunction } from "../canonical/side.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";

/** A core function as the start of a suspendable guest call. */
export type PromisingFunction = (...parameters: unknown[]) => Promise<unknown>;

/** Makes the promising form of a core function. It is to be kept where it is used, as it costs more than a call. */
export function promisingOf(core: CoreFunction): PromisingFunction {
  const { promising } = WebAssembly;
  if (promising === undefined) {
    throw new ComponentError("link", "can't call a guest that may wait: no JavaScript promise integration here");
  }
  return promising(core);
}
