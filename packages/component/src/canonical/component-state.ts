/** The state of one component instance, and of resource types. */
import type { Guest } from "./guest.ts";
import { hostFrames } from "./guest.ts";
import { HandleTable } from "./handles.ts";
import { toTrap, trap } from "./trap.ts";

/** The state of one component instance that the canonical ABI needs. */
export class ComponentState {
  readonly guest: Guest;
  readonly parent: ComponentState | undefined;
  readonly handles: HandleTable = new HandleTable();
  /** Guest code of this instance may call imports: false in realloc and post-return, and once the guest has ended. */
  mayLeave = true;
  /** No call into this instance is under way. */
  mayEnter = true;
  /** Some import lowered so far may suspend the guest. */
  suspends = false;
  /** All imports are lowered, so that `suspends` is final. */
  settled = false;

  constructor(guest: Guest, parent: ComponentState | undefined) {
    this.guest = guest;
    this.parent = parent;
    guest.states.push(this);
  }

  /** A call into this instance may suspend the guest; assumed while it is not settled. */
  get maySuspend(): boolean {
    return this.suspends || !this.settled;
  }

  /** Called by an import when `mayLeave` is false; the error is not seen when the guest has ended already. */
  cannotLeave(): never {
    trap("cannot leave component instance");
  }
}

/**
 * The instances that a call enters: the callee with all its ancestors, without those that the caller (undefined for the
 * host) is already inside.
 */
export function enteredStates(callee: ComponentState, caller: ComponentState | undefined): readonly ComponentState[] {
  const inside = new Set(lineage(caller));
  return lineage(callee).filter((state) => !inside.has(state));
}

function lineage(state: ComponentState | undefined): readonly ComponentState[] {
  return state === undefined ? [] : [state, ...lineage(state.parent)];
}

/** Marks instances as entered; traps if one of them is. */
export function enter(states: readonly ComponentState[]): void {
  for (const state of states) {
    if (!state.mayEnter) trap("cannot enter component instance");
    state.mayEnter = false;
  }
}

/** Undoes `enter`. */
export function leave(states: readonly ComponentState[]): void {
  for (const state of states) state.mayEnter = true;
}

/** A resource type at run time. */
export class ResourceType {
  /** Unique in a root instance, given in order of definition; never 0. */
  readonly id: number;
  /** For errors and inspection. */
  readonly name: string;
  /** The component instance that defined it, undefined for the host's. */
  readonly implementor: ComponentState | undefined;
  /** The host's destructor may return a promise. */
  hostWaits = false;
  readonly destructor: ((representation: number) => unknown) | undefined;

  constructor(
    id: number,
    name: string,
    implementor: ComponentState | undefined,
    destructor: ((representation: number) => unknown) | undefined,
  ) {
    this.id = id;
    this.name = name;
    this.implementor = implementor;
    this.destructor = destructor;
  }

  /**
   * Runs the destructor for a resource whose owned handle was dropped by `caller` (undefined: the host). Gives the
   * promise that a host's destructor returns.
   */
  destroy(representation: number, caller: ComponentState | undefined): unknown {
    const { destructor } = this;
    if (destructor === undefined) return undefined;
    if (this.implementor === undefined) return destructor(representation);
    const states = enteredStates(this.implementor, caller);
    enter(states);
    callPlainly(destructor, representation);
    leave(states);
    return undefined;
  }

  /** The same for a guest's destructor that may wait; `start` is its promising form. */
  async destroyWaiting(
    representation: number,
    caller: ComponentState | undefined,
    start: (representation: number) => Promise<unknown>,
  ): Promise<void> {
    const states = this.implementor === undefined ? [] : enteredStates(this.implementor, caller);
    enter(states);
    try {
      await start(representation);
    } catch (error) {
      throw toTrap(error);
    }
    leave(states);
  }
}

/** Calls a core function with a host frame below it, as destructors, post-return and start functions are called. */
export function callPlainly(callee: (...parameters: number[]) => unknown, ...parameters: number[]): unknown {
  hostFrames.depth++;
  try {
    return callee(...parameters);
  } catch (error) {
    throw toTrap(error);
  } finally {
    hostFrames.depth--;
  }
}
