/**
 * Which parts of which indexes an enumeration reads. The scans of a filter together cover all workers that match it;
 * each worker found is still checked against the whole filter.
 */
import type { WorkerStatus } from "../durability/worker-row.ts";
import { workerStatuses } from "../durability/worker-row.ts";
import type { OrderComparator, WorkerFilter } from "../worker/worker-index.ts";
import { compareNumbers } from "./filter-match.ts";
import { statusCode } from "./journal-format.ts";

/** Inclusive bounds. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

export type Scan =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "versions"; readonly range: NumberRange }
  | { readonly kind: "created-at"; readonly range: NumberRange };

/** A filter's scans; "everything" if no index helps. */
export type Scans = readonly Scan[] | "everything";

const negations: Readonly<Record<OrderComparator, OrderComparator>> = {
  Equal: "NotEqual",
  NotEqual: "Equal",
  GreaterEqual: "Less",
  Greater: "LessEqual",
  LessEqual: "Greater",
  Less: "GreaterEqual",
};

/** A range around all that a comparison allows; undefined for `NotEqual`, which excludes almost nothing. */
function rangeOf(comparator: OrderComparator, value: number): NumberRange | undefined {
  switch (comparator) {
    case "Equal":
      return { from: value, to: value };
    case "GreaterEqual":
    case "Greater":
      return { from: value, to: Number.MAX_VALUE };
    case "LessEqual":
    case "Less":
      return { from: -Number.MAX_VALUE, to: value };
    case "NotEqual":
      return undefined;
  }
}

/** Versions are whole numbers: the one that a worker must be above or below, which most of them may have, is left out. */
function versionsOf(comparator: OrderComparator, value: number): NumberRange | undefined {
  const range = rangeOf(comparator, value);
  if (comparator === "Greater") return { from: value + 1, to: Number.MAX_VALUE };
  if (comparator === "Less") return { from: -Number.MAX_VALUE, to: value - 1 };
  return range;
}

function statusScans(comparator: OrderComparator, value: WorkerStatus): Scans {
  const wanted = statusCode(value);
  return workerStatuses
    .map((status) => statusCode(status))
    .filter((status) => compareNumbers(comparator, status, wanted))
    .map((status) => ({ kind: "status", status }));
}

function disjunction(parts: readonly Scans[]): Scans {
  const all: Scan[] = [];
  for (const part of parts) {
    if (part === "everything") return part;
    all.push(...part);
  }
  return all;
}

/** Says how much a scan reads, at most, as `worker-index.ts` finds out by looking into the index. */
export type ScanCost = (scan: Scan) => number;

function conjunction(parts: readonly Scans[], cost: ScanCost): Scans {
  let best: Scans = "everything";
  let bestCost = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    if (part === "everything") continue;
    let total = 0;
    for (const scan of part) total += cost(scan);
    if (total >= bestCost) continue;
    best = part;
    bestCost = total;
  }
  return best;
}

/** The scans for a filter, or for its negation. Where one of several conditions is enough, the cheapest is taken. */
export function scansOf(filter: WorkerFilter, cost: ScanCost, negated = false): Scans {
  switch (filter.type) {
    case "Name": {
      const exact = filter.comparator === (negated ? "NotEqual" : "Equal");
      return exact ? [{ kind: "name", name: filter.value }] : "everything";
    }
    case "Env":
      return "everything";
    case "Status":
      return statusScans(negated ? negations[filter.comparator] : filter.comparator, filter.value);
    case "Version": {
      const range = versionsOf(negated ? negations[filter.comparator] : filter.comparator, filter.value);
      return range === undefined ? "everything" : [{ kind: "versions", range }];
    }
    case "CreatedAt": {
      const range = rangeOf(negated ? negations[filter.comparator] : filter.comparator, filter.valueMs);
      return range === undefined ? "everything" : [{ kind: "created-at", range }];
    }
    case "And":
    case "Or": {
      // An empty filter of either kind matches everything, so its negation matches nothing.
      if (filter.filters.length === 0) return negated ? [] : "everything";
      const parts = filter.filters.map((part) => scansOf(part, cost, negated));
      return (filter.type === "And") === negated ? disjunction(parts) : conjunction(parts, cost);
    }
    case "Not":
      return scansOf(filter.filter, cost, !negated);
  }
}

/** The times of creation outside of which no worker matches. */
export function createdRangeOf(filter: WorkerFilter | undefined): NumberRange | undefined {
  if (filter?.type === "CreatedAt") return rangeOf(filter.comparator, filter.valueMs);
  if (filter?.type !== "And") return undefined;
  let { from, to }: NumberRange = { from: -Number.MAX_VALUE, to: Number.MAX_VALUE };
  for (const part of filter.filters) {
    const range = createdRangeOf(part);
    if (range === undefined) continue;
    from = Math.max(from, range.from);
    to = Math.min(to, range.to);
  }
  return { from, to };
}
