/** The functions that generated code calls. */
import { enter, leave } from "./component-state.ts";
import { f32FromBits, f32ToBits, f64FromBits, f64ToBits } from "./float-bits.ts";
import { hostFrames } from "./guest.ts";
import { parametersMismatch, resultMismatch } from "./mismatch.ts";
import { liftNumbers, lowerNumbers, numberArrays, viewNumbers } from "./number-lists.ts";
import {
  isChar,
  liftChar,
  liftLatin1OrUtf16,
  liftUtf16,
  liftUtf8,
  lowerLatin1OrUtf16,
  lowerUtf16,
  lowerUtf8,
} from "./text.ts";
import { toTrap, trap } from "./trap.ts";

function badDiscriminant(): never {
  trap("invalid variant discriminant");
}

/** Position of each name in a list. */
function indices(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** What generated code knows as `T`. */
export const support = {
  badDiscriminant,
  enter,
  f32FromBits,
  f32ToBits,
  f64FromBits,
  f64ToBits,
  hostFrames,
  indices,
  isChar,
  isThenable,
  leave,
  liftChar,
  liftLatin1OrUtf16,
  liftNumbers,
  liftUtf16,
  liftUtf8,
  lowerLatin1OrUtf16,
  lowerNumbers,
  lowerUtf16,
  lowerUtf8,
  numberArrays,
  parametersMismatch,
  resultMismatch,
  toTrap,
  viewNumbers,
} as const;
