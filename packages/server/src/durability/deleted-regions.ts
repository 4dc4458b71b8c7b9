/** Which entries jumps and reverts have voided. */
import type { OplogRegion } from "./oplog/entry-types.ts";

export function isDeleted(regions: readonly OplogRegion[], index: number): boolean {
  return regions.some((region) => index >= region.start && index <= region.end);
}

/** The same for all indices of an oplog in order: a guest can make regions without end, and each is passed once. */
export class DeletedRegions {
  readonly #regions: readonly OplogRegion[];
  #next = 0;

  constructor(regions: readonly OplogRegion[]) {
    this.#regions = mergeRegions(regions);
  }

  /** `index` must not be below the one asked for before. */
  has(index: number): boolean {
    for (;;) {
      const region = this.#regions[this.#next];
      if (region === undefined || index < region.start) return false;
      if (index <= region.end) return true;
      this.#next += 1;
    }
  }
}

/** Sorted and without overlaps. */
function mergeRegions(regions: readonly OplogRegion[]): readonly OplogRegion[] {
  const merged: { start: number; end: number }[] = [];
  for (const region of regions.toSorted((left, right) => left.start - right.start)) {
    const last = merged.at(-1);
    if (last !== undefined && region.start <= last.end + 1) last.end = Math.max(last.end, region.end);
    else merged.push({ ...region });
  }
  return merged;
}
