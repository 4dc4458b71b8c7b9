/** Which functions of a component instance go through which shim. */
import type { Parking } from "../canonical/import-call.ts";
import type { CoreFunction } from "../canonical/side.ts";
import type { CoreSignature } from "./reexport.ts";
import type { ShimHooks } from "./shim.ts";
import { Shim } from "./shim.ts";

/** A function that may wait, and where it leaves what it waits for. */
export interface Parked {
  readonly value: unknown;
  readonly parking: Parking;
}

export interface ShimsOptions {
  readonly signatures: readonly CoreSignature[];
  readonly functions: readonly CoreFunction[];
  /** The numbers of the functions that went through shims in the last instance of the component. */
  readonly expected: readonly number[];
  /** Of the root instance. */
  readonly hooks: ShimHooks | undefined;
}

/**
 * The shims of one component instance. Which of its functions may wait shows only while it is linked; but it is the same for
 * all instances of a component that are given the same: so all but the first have one shim for all of them.
 */
export class Shims {
  readonly #options: ShimsOptions;
  readonly #taken: number[] = [];
  #common: Shim | undefined;

  constructor(options: ShimsOptions) {
    this.#options = options;
  }

  /** The numbers of those that were taken. */
  get taken(): readonly number[] {
    return this.#taken;
  }

  take(number: number): Parked {
    this.#taken.push(number);
    const position = this.#options.expected.indexOf(number);
    if (position >= 0) return parked(this.#shared, position);
    return parked(this.#make([number], undefined), 0);
  }

  /** The hooks as core functions. */
  get hooks(): Shim["exports"] {
    return this.#shared.exports;
  }

  get #shared(): Shim {
    return (this.#common ??= this.#make(this.#options.expected, this.#options.hooks));
  }

  #make(numbers: readonly number[], hooks: ShimHooks | undefined): Shim {
    const { signatures, functions } = this.#options;
    const wanted = numbers.map((number) => signatures[number]).filter((one) => one !== undefined);
    return new Shim(
      wanted,
      numbers.map((number) => functions[number]),
      hooks,
    );
  }
}

function parked(shim: Shim, position: number): Parked {
  return { value: shim.exports[String(position)], parking: shim };
}
