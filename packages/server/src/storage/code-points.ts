import type { WorkerId } from "../platform/worker-id.ts";

/**
 * Compares strings by code point, which is how the database orders names. JavaScript's `<` compares UTF-16 units and
 * puts characters beyond U+FFFF before some below it.
 */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const aSurrogate = a >= 0xd800 && a < 0xe000;
    const bSurrogate = b >= 0xd800 && b < 0xe000;
    // A surrogate is part of a character above all others.
    if (aSurrogate !== bSurrogate) return aSurrogate ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}

/** The order of worker ids. */
export function compareIds(left: WorkerId, right: WorkerId): number {
  return compareCodePoints(left.componentId, right.componentId) || compareCodePoints(left.workerName, right.workerName);
}
