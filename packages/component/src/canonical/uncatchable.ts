/**
 * The one object with which a guest is ended. Guest code can catch host errors, and `RuntimeError`s made by hosts, with
 * `catch_all`; V8 marks the errors of its own traps as uncatchable, and the mark stays with the object when it is
 * thrown again. So the object comes from a real `unreachable`.
 */

import { WebAssembly } from "./webassembly.ts";

// (module (func (export "f") unreachable))
const trappingModule = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07,
  0x05, 0x01, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
]);

function makeTrap(): unknown {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(trappingModule)).exports;
  try {
    if (typeof f === "function") f();
  } catch (error) {
    return error;
  }
  throw new Error("Can't make a trap: `unreachable` did not trap");
}

/** Thrown into guest code, or given to a guest's wait as rejection, it ends the guest: no handler of the guest sees it. */
export const uncatchable: unknown = makeTrap();
