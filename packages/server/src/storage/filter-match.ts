/** Worker filters evaluated in JavaScript: for rows that were not moved into the worker table, and as oracle in tests. */
import type { OrderComparator, StringComparator, WorkerFilter } from "../worker/worker-index.ts";
import { statusCode } from "./journal-format.ts";

/** What filters look at. */
export interface FilterSubject {
  readonly name: string;
  readonly status: number;
  readonly componentVersion: number;
  readonly createdAtMs: number;
  /** Asked for only by filters of the environment. */
  readonly env: readonly (readonly [name: string, value: string])[];
}

function compareStrings(comparator: StringComparator, subject: string, value: string): boolean {
  switch (comparator) {
    case "Equal":
      return subject === value;
    case "NotEqual":
      return subject !== value;
    case "Like":
      return subject.includes(value);
    case "NotLike":
      return !subject.includes(value);
  }
}

export function compareNumbers(comparator: OrderComparator, subject: number, value: number): boolean {
  switch (comparator) {
    case "Equal":
      return subject === value;
    case "NotEqual":
      return subject !== value;
    case "GreaterEqual":
      return subject >= value;
    case "Greater":
      return subject > value;
    case "LessEqual":
      return subject <= value;
    case "Less":
      return subject < value;
  }
}

/** How names of environment variables are compared. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** Whether a worker matches. A filter of a variable matches if one of that name satisfies the comparison. */
export function matchesFilter(filter: WorkerFilter, subject: FilterSubject): boolean {
  switch (filter.type) {
    case "Name":
      return compareStrings(filter.comparator, subject.name, filter.value);
    case "Env": {
      const folded = foldName(filter.name);
      return subject.env.some(
        ([name, value]) => foldName(name) === folded && compareStrings(filter.comparator, value, filter.value),
      );
    }
    case "Status":
      return compareNumbers(filter.comparator, subject.status, statusCode(filter.value));
    case "Version":
      return compareNumbers(filter.comparator, subject.componentVersion, filter.value);
    case "CreatedAt":
      return compareNumbers(filter.comparator, subject.createdAtMs, filter.valueMs);
    case "And":
      return filter.filters.every((part) => matchesFilter(part, subject));
    case "Or":
      return filter.filters.length === 0 || filter.filters.some((part) => matchesFilter(part, subject));
    case "Not":
      return !matchesFilter(filter.filter, subject);
  }
}
