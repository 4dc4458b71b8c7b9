/** Traps: errors that end a guest, raised by the engine or by the canonical ABI. */
import { ComponentError } from "../errors.ts";
import { describeFrames, parseFrames } from "./backtrace.ts";
import type { GuestFrame } from "./backtrace.ts";
import { uncatchable } from "./uncatchable.ts";
import { WebAssembly } from "./webassembly.ts";

/** What made the guest trap. */
export type TrapKind =
  | "unreachable"
  | "memory-out-of-bounds"
  | "table-out-of-bounds"
  | "indirect-call"
  | "integer-arithmetic"
  | "invalid-conversion"
  | "stack-overflow"
  /** A WebAssembly exception that no guest code caught. */
  | "exception"
  /** A function that may wait was called where the guest can't be suspended. */
  | "cannot-suspend"
  /** A rule of the canonical ABI was broken. */
  | "canonical-abi"
  /** A call while another one is under way. */
  | "re-entrance"
  /** A call of an instance that has ended, by a trap or by `abort`. */
  | "ended"
  | "other";

/** A trap. The message is wasmtime's form of a backtrace, followed by the cause. */
export class TrapError extends ComponentError {
  readonly trap: TrapKind;
  /** The cause alone, without backtrace. */
  readonly reason: string;
  /** Guest frames, innermost first. */
  readonly frames: readonly GuestFrame[];

  constructor(kind: TrapKind, reason: string, cause?: unknown) {
    super("trap", reason, cause === undefined ? undefined : { cause });
    this.trap = kind;
    this.reason = reason;
    this.frames = parseFrames(cause instanceof Error ? cause.stack : this.stack);
    if (this.frames.length > 0) this.message = describeFrames(this.frames, reason);
  }
}

/** Raises a trap of the canonical ABI. */
export function trap(reason: string): never {
  throw new TrapError("canonical-abi", reason);
}

/** Reason of stack overflows, counted or found by the engine. */
export const callStackExhausted = "wasm trap: call stack exhausted";

/** Reason of traps by functions that had to wait below a JavaScript frame. */
export const cannotSuspend =
  "a host function had to wait where the guest can't be suspended (realloc, post-return, start, or a plain call)";

/** V8's messages, with what they mean and wasmtime's words for it. */
const engineTraps: readonly (readonly [pattern: RegExp, kind: TrapKind, reason: string])[] = [
  [/^unreachable/, "unreachable", "wasm trap: wasm `unreachable` instruction executed"],
  [/memory access out of bounds/, "memory-out-of-bounds", "wasm trap: out of bounds memory access"],
  [/^table (index|access)/, "table-out-of-bounds", "wasm trap: undefined element: out of bounds table access"],
  [/signature mismatch/, "indirect-call", "wasm trap: indirect call type mismatch"],
  [/divide by zero|remainder by zero/, "integer-arithmetic", "wasm trap: integer divide by zero"],
  [/result unrepresentable/, "integer-arithmetic", "wasm trap: integer overflow"],
  [/float unrepresentable/, "invalid-conversion", "wasm trap: invalid conversion to integer"],
];

/**
 * What an exception that came out of guest code means. Called for everything that leaves a plain or promising call into
 * WebAssembly, so that an engine error never looks like an error of a host function. The uncatchable object stays what
 * it is: it says that the error proper has been recorded already.
 */
export function toTrap(error: unknown): unknown {
  if (error === uncatchable || error instanceof ComponentError) return error;
  if (error instanceof WebAssembly.RuntimeError) return engineTrap(error);
  if (isStackOverflow(error)) return new TrapError("stack-overflow", callStackExhausted, error);
  if (isSuspendError(error)) {
    return new TrapError("cannot-suspend", cannotSuspend, error);
  }
  if (isWebAssemblyException(error)) return new TrapError("exception", "uncaught WebAssembly exception", error);
  return error;
}

function engineTrap(error: Error): TrapError {
  const found = engineTraps.find(([pattern]) => pattern.test(error.message));
  return found === undefined
    ? new TrapError("other", `wasm trap: ${error.message}`, error)
    : new TrapError(found[1], found[2], error);
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === "Maximum call stack size exceeded";
}

function isSuspendError(error: unknown): boolean {
  return error instanceof Error && error.name === "SuspendError";
}

function isWebAssemblyException(error: unknown): boolean {
  const { Exception } = WebAssembly;
  return Exception !== undefined && error instanceof Exception;
}
