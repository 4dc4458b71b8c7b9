/** Sets up rewritten core modules: the hooks of their fuel checks, and their shares of the stack budget. */
import type { Guest } from "../canonical/guest.ts";
import { hostFrames } from "../canonical/guest.ts";
import { TrapError } from "../canonical/trap.ts";
import type { CoreExports, CoreGlobal, CoreTable } from "../canonical/webassembly.ts";
import type { FuelHooks } from "../host.ts";
import { reservedExports } from "../rewrite/names.ts";
import { defaultStackBytes, stackShare } from "../rewrite/stack-budget.ts";
import type { ModuleSummary } from "../rewrite/summary.ts";
import type { ShimHooks } from "./shim.ts";

/** Used where the host gives none: the guest goes on for ever. */
const noHooks: FuelHooks = { slice: 0x7fff_ffff, tick: () => 0, wait: () => false };

/** Fuel and stack of one instantiated component: a counter of each for every rewritten core instance. */
export class Meters {
  readonly #guest: Guest;
  readonly #hooks: FuelHooks;
  #counters: readonly CoreGlobal[] = [];
  #stacks: readonly CoreGlobal[] = [];
  #spent = 0;

  constructor(guest: Guest, hooks: FuelHooks | undefined) {
    this.#guest = guest;
    this.#hooks = hooks ?? noHooks;
    guest.isStackExhausted = (): boolean => this.#stacks.some((stack) => Number(stack.value) < 0);
  }

  /** The hooks of this instance. */
  get hooks(): ShimHooks {
    return { tick: () => this.#tick(), wait: () => this.#wait() };
  }

  /**
   * Sets up a freshly instantiated core module, if it was rewritten. Its start function must not have run yet. `hooks`
   * gives the hooks as core functions.
   */
  install(exports: CoreExports, summary: ModuleSummary, hooks: () => CoreExports | undefined): void {
    const table = exports[reservedExports.hooks] as CoreTable | undefined;
    const counter = exports[reservedExports.fuel] as CoreGlobal | undefined;
    if (table === undefined || counter === undefined) return;
    const core = hooks();
    table.set(0, core?.["tick"]);
    table.set(1, core?.["wait"]);
    counter.value = this.#hooks.slice;
    this.#counters = [...this.#counters, counter];
    const stack = exports[reservedExports.stack] as CoreGlobal | undefined;
    if (summary.countsStack && stack !== undefined) this.#stacks = [...this.#stacks, stack];
  }

  /** Divides the stack among the core instances that count it: together they may use no more than there is. */
  divideStack(bytes: number = defaultStackBytes): void {
    const share = stackShare(bytes, this.#stacks.length);
    for (const stack of this.#stacks) stack.value = share;
  }

  /** Units used so far by all core modules. */
  fuelUsed(): number {
    const { slice } = this.#hooks;
    return this.#counters.reduce((sum, counter) => sum + slice - Number(counter.value), this.#spent);
  }

  /** Goes on counting where another instance stood. */
  continueFrom(used: number): void {
    this.#spent += used - this.fuelUsed();
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
