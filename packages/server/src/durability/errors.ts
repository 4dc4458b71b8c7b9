/**
 * What ends a guest's call other than its own return. Each class says what the oplog and the worker do next; they cross
 * the guest as reasons of a trap that it can't catch (spec/host-interfaces.md §24.1).
 */

import type { WorkerId } from "../platform/worker-id.ts";

/** Replay met a record that doesn't fit the call: the worker fails like on any error. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  readonly index: number;
  readonly expected: string;
  readonly found: string;

  constructor(index: number, expected: string, found: string) {
    super(`Unexpected oplog entry at index ${index}: expected ${expected}, found ${found}`);
    this.index = index;
    this.expected = expected;
    this.found = found;
  }
}

/** Any failure of a host function that the guest can't be told of: an error of the invocation, retried by policy. */
export class HostTrap extends Error {
  override readonly name = "HostTrap";
}

/** What a worker that left memory waits for; any of it wakes it. */
export interface WakeUps {
  /** In milliseconds since the epoch. */
  readonly atMs?: number | undefined;
  readonly promise?: { readonly worker: WorkerId; readonly oplogIndex: number } | undefined;
  /** Calls of other workers, each of which may be made again with its key. */
  readonly calls?: readonly { readonly settled: Promise<void> }[] | undefined;
}

/** The worker leaves memory until something wakes it; nothing is wrong. */
export class SuspendSignal extends Error {
  override readonly name = "SuspendSignal";
  readonly wakeUps: WakeUps;

  constructor(wakeUps: WakeUps) {
    super("suspended");
    this.wakeUps = wakeUps;
  }
}

/** The guest called `exit`. */
export class ExitSignal extends Error {
  override readonly name = "ExitSignal";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("Process exited");
    this.exitCode = exitCode;
  }
}

/** The worker starts again from its oplog at once: it jumped, or a crash is imitated. */
export class RestartSignal extends Error {
  override readonly name = "RestartSignal";
}

/** A user stopped the worker. */
export class InterruptSignal extends Error {
  override readonly name = "InterruptSignal";

  constructor() {
    super("Interrupted via the Golem API");
  }
}
