/**
 * What a host gives to a component: for each imported instance its functions and resources. Names are WIT's; an
 * instance is found by semver-compatible matching (`link/import-names.ts`).
 */
import type { FunctionType } from "./types/value-type.ts";

/** A lifted or to-be-lowered value in the form described in `types/value-type.ts`. */
export type Value =
  | boolean
  | number
  | bigint
  | string
  | undefined
  | ArrayBufferView
  | readonly Value[]
  | { readonly [name: string]: Value };

/**
 * A host function. A `sync` one must return a plain value; a `suspending` one may return a promise, and costs about
 * thirty times more per call, so only functions that may really wait are suspending. A suspending function can't be
 * called where the guest has a host frame below it (realloc, post-return, start): the call then traps.
 */
export interface HostFunction {
  readonly kind: "sync" | "suspending";
  readonly call: (...parameters: never[]) => unknown;
}

/**
 * A resource type implemented by the host. `drop` runs when the guest drops an owned handle of it; one that `waits` may
 * return a promise, with the same costs and limits as a suspending function.
 */
export interface HostResource {
  readonly kind: "resource";
  readonly waits?: boolean;
  readonly drop: (representation: number) => unknown;
}

/** Functions by canonical name (`now`, `[method]pollable.block`, `[constructor]fields`) and resources by name. */
export interface HostInstance {
  readonly functions: { readonly [name: string]: HostFunction };
  readonly resources: { readonly [name: string]: HostResource };
}

/** One imported function: which instance (undefined for root-level imports), name, and type. */
export interface ImportedFunction {
  readonly instance: string | undefined;
  readonly name: string;
  readonly type: FunctionType;
}

/**
 * What is known of a host instance before it is made. Resources with the same object here are one type, whatever imports
 * they come in by.
 */
export interface HostShape {
  readonly functions: { readonly [name: string]: HostFunction["kind"] };
  readonly resources: { readonly [name: string]: { readonly waits: boolean } };
}

/** Where the linker asks for what a component imports. */
export interface Imports {
  /** The host's instance for an import name such as `wasi:io/poll@0.2.3`, or undefined when there is none. */
  readonly instance: (name: string) => HostInstance | undefined;
  /**
   * Gives the shapes of the instances, and undefined for a name for which there is none. With it an instance is asked for
   * when the guest first calls one of its functions, and at each first call of another one. The same function must give the
   * same shapes for ever: what follows from them is kept for it.
   */
  readonly shape?: (name: string) => HostShape | undefined;
  /** Functions and resources imported at root level, outside of instances. */
  readonly root?: HostInstance;
  /** Called once for each imported function without a host function; its result is used instead (usually one that traps, naming the function). */
  readonly missing: (imported: ImportedFunction) => HostFunction;
}

/**
 * Hooks of the fuel checks, called when `slice` units are used up. Both may call `Instance.abort` first to give the
 * call under way an error of their own.
 */
export interface FuelHooks {
  /** Units in a slice, at most 2^31 - 1. */
  readonly slice: number;
  /**
   * Decides: 0 goes on with a new slice, 1 yields through `wait`, 2 ends the guest with a trap. Where the guest can't be
   * suspended, because a host frame lies below it, 1 is taken as 0.
   */
  readonly tick: () => 0 | 1 | 2;
  /** Yields: the guest goes on when the promise is fulfilled; true ends the guest. */
  readonly wait: () => boolean | Promise<boolean>;
}
