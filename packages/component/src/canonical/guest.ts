/** The running state of an instantiated component, shared by all component instances in it. */
import type { ComponentState } from "./component-state.ts";
import { callStackExhausted, cannotSuspend, TrapError, toTrap } from "./trap.ts";
import { uncatchable } from "./uncatchable.ts";

/**
 * How many plain calls into WebAssembly are on this thread's stack. While it is above zero a JavaScript frame lies below
 * guest code, so that the guest can't be suspended. Nothing else can run in between, so one count for the thread is
 * exact.
 */
export const hostFrames = { depth: 0 };

type Finish = (value: unknown) => unknown;

/** A guest's wait for a promise. Emptied when the guest ends, so that a promise that never settles holds nothing. */
interface Wait {
  guest: Guest | undefined;
  finish: Finish | undefined;
  resolve: ((result: unknown) => void) | undefined;
  reject: ((error: unknown) => void) | undefined;
}

/** What the component instances of one root instance share: the call under way, its wait, and how the guest ended. */
export class Guest {
  /** An export call is under way. */
  busy = false;
  /** Why this guest has ended; nothing can be called any more. */
  failure: { readonly error: unknown } | undefined;
  /** All component instances in order of instantiation. */
  readonly states: ComponentState[] = [];
  /** The counted stack of rewritten modules is used up. */
  isStackExhausted: () => boolean = () => false;
  #waiting: Wait | undefined;
  readonly #now: (() => number) | undefined;
  #cpuMs = 0;
  /** Since when guest code has run without a wait; undefined while it doesn't. */
  #enteredMs: number | undefined;

  /** With a clock, in milliseconds, the time in which guest code runs is counted. */
  constructor(now?: () => number) {
    this.#now = now;
  }

  /** How long guest code and the host functions that it called have run, without waits; 0 without a clock. */
  get cpuMs(): number {
    const now = this.#now;
    return this.#cpuMs + (now === undefined || this.#enteredMs === undefined ? 0 : now() - this.#enteredMs);
  }

  /** Guest code runs from here on. */
  entered(): void {
    if (this.#now !== undefined) this.#enteredMs = this.#now();
  }

  /** It has returned, or waits. */
  left(): void {
    if (this.#enteredMs === undefined || this.#now === undefined) return;
    this.#cpuMs += this.#now() - this.#enteredMs;
    this.#enteredMs = undefined;
  }

  /**
   * Records an error that ends the guest, and gives what must be thrown into guest code instead: the object that no
   * `catch_all` stops. The caller of the export gets the recorded error.
   */
  failed(error: unknown): unknown {
    if (error !== uncatchable) this.#record(error);
    return uncatchable;
  }

  #record(error: unknown): void {
    this.failure ??= { error: this.#explain(error) };
    // Guest code that is still running stops at its next call of an import, whose only check is this flag.
    for (const state of this.states) state.mayLeave = false;
  }

  // The counted stack ends with an `unreachable`, which alone does not say why.
  #explain(error: unknown): unknown {
    const overflow = error instanceof TrapError && error.trap === "unreachable" && this.isStackExhausted();
    return overflow ? new TrapError("stack-overflow", callStackExhausted, error.cause) : error;
  }

  /** The error with which the call under way rejects, after `error` came out of the guest. The guest has ended then. */
  settle(error: unknown): unknown {
    this.busy = false;
    this.left();
    if (error !== uncatchable) this.#record(toTrap(error));
    return this.failure === undefined ? error : this.failure.error;
  }

  /** The error for a call that must not start now, undefined if it may. */
  refusal(): TrapError | undefined {
    if (this.failure !== undefined) {
      const { error } = this.failure;
      const why = error instanceof TrapError ? error.reason : error instanceof Error ? error.message : String(error);
      return new TrapError("ended", `cannot enter component instance: it has ended (${why})`);
    }
    return this.busy ? new TrapError("re-entrance", "cannot enter component instance: a call is under way") : undefined;
  }

  /** Makes guest code wait for a promise; `finish` turns its value into the core result. */
  wait(promise: PromiseLike<unknown>, finish: Finish): Promise<unknown> {
    // The engine's own error for this is an ordinary one that guest code could catch.
    if (hostFrames.depth > 0) {
      promise.then(undefined, () => undefined);
      throw new TrapError("cannot-suspend", cannotSuspend);
    }
    const wait: Wait = { guest: this, finish, resolve: undefined, reject: undefined };
    const result = new Promise((resolve, reject) => {
      wait.resolve = resolve;
      wait.reject = reject;
    });
    this.#waiting = wait;
    subscribe(promise, wait);
    this.left();
    return result;
  }

  /** Ends the guest: nothing of it runs any more, and the call under way rejects with `reason`. */
  end(reason: unknown): void {
    if (this.failure !== undefined) return;
    this.#record(reason);
    const wait = this.#waiting;
    this.#waiting = undefined;
    if (wait === undefined) return;
    const { reject } = wait;
    release(wait);
    reject?.(uncatchable);
  }

  /** The wait is over by itself. */
  resumed(): void {
    this.#waiting = undefined;
  }
}

function release(wait: Wait): void {
  wait.guest = undefined;
  wait.finish = undefined;
  wait.resolve = undefined;
  wait.reject = undefined;
}

// A function of its own: the reactions must hold the wait and nothing else.
function subscribe(promise: PromiseLike<unknown>, wait: Wait): void {
  promise.then(
    (value) => resume(wait, value),
    (error: unknown) => refuse(wait, error),
  );
}

function resume(wait: Wait, value: unknown): void {
  const { guest, finish, resolve, reject } = wait;
  if (guest === undefined || finish === undefined) return;
  release(wait);
  guest.resumed();
  guest.entered();
  try {
    resolve?.(finish(value));
  } catch (error) {
    reject?.(guest.failed(error));
  }
}

function refuse(wait: Wait, error: unknown): void {
  const { guest, reject } = wait;
  if (guest === undefined) return;
  release(wait);
  guest.resumed();
  guest.entered();
  reject?.(guest.failed(error));
}
