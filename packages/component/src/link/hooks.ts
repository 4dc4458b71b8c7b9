/** Installs the hooks of the fuel checks in rewritten core modules, and keeps account of the fuel. */
import type { Guest } from "../canonical/guest.ts";
import { hostFrames } from "../canonical/guest.ts";
import { TrapError } from "../canonical/trap.ts";
import type { CoreExports, CoreGlobal, CoreTable } from "../canonical/webassembly.ts";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { FuelHooks } from "../host.ts";
import { reservedExports } from "../rewrite/names.ts";
import { asCoreFunctions } from "./reexport.ts";

/** Used where the host gives none: the guest goes on for ever. */
const noHooks: FuelHooks = { slice: 0x7fff_ffff, tick: () => 0, wait: () => false };

/** The fuel of one instantiated component: a counter for each rewritten core module, refilled by slices. */
export class Fuel {
  readonly #guest: Guest;
  readonly #hooks: FuelHooks;
  readonly #counters: CoreGlobal[] = [];
  #core: CoreExports | undefined;
  #spent = 0;

  constructor(guest: Guest, hooks: FuelHooks | undefined) {
    this.#guest = guest;
    this.#hooks = hooks ?? noHooks;
  }

  /** Sets up a freshly instantiated core module, if it was rewritten. Its start function must not have run yet. */
  install(exports: CoreExports): void {
    const table = exports[reservedExports.hooks] as CoreTable | undefined;
    const counter = exports[reservedExports.fuel] as CoreGlobal | undefined;
    if (table === undefined || counter === undefined) return;
    const core = (this.#core ??= this.#makeCore());
    table.set(0, core["a"]);
    table.set(1, core["b"]);
    counter.value = this.#hooks.slice;
    this.#counters.push(counter);
  }

  /** Units used so far by all core modules. */
  used(): number {
    const { slice } = this.#hooks;
    return this.#counters.reduce((sum, counter) => sum + slice - Number(counter.value), this.#spent);
  }

  // JavaScript functions can't be put into a table; a module that passes them on makes core functions of them.
  #makeCore(): CoreExports {
    const { Suspending } = WebAssembly;
    const wait = (): unknown => this.#wait();
    const signature = { parameters: [], results: ["i32"] } as const;
    return asCoreFunctions([
      { ...signature, value: (): number => this.#tick() },
      { ...signature, value: Suspending === undefined ? wait : new Suspending(wait) },
    ]);
  }

  #tick(): number {
    this.#refill();
    if (this.#guest.failure !== undefined) return 2;
    try {
      const decision = this.#hooks.tick();
      if (decision === 2) this.#ended();
      // Below a host frame the guest can't be suspended: it goes on, and is asked again after the next slice.
      return decision === 1 && hostFrames.depth > 0 ? 0 : decision;
    } catch (error) {
      this.#guest.failed(error);
      return 2;
    }
  }

  #refill(): void {
    const { slice } = this.#hooks;
    for (const counter of this.#counters) {
      const left = Number(counter.value);
      if (left >= 0) continue;
      this.#spent += slice - left;
      counter.value = slice;
    }
  }

  #wait(): unknown {
    try {
      const result = this.#hooks.wait();
      return typeof result === "boolean"
        ? this.#resumed(result)
        : this.#guest.wait(result, (ends) => this.#resumed(ends === true));
    } catch (error) {
      throw this.#guest.failed(error);
    }
  }

  #resumed(ends: boolean): number {
    if (ends) this.#ended();
    return ends ? 1 : 0;
  }

  // Recorded first, so that the call rejects with this and not with the trap by which the guest then ends.
  #ended(): void {
    this.#guest.failed(new TrapError("ended", "ended by the host"));
  }
}
