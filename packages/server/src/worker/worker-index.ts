/** The index of all workers: one row each, found by filter without reading oplogs. */
import type { WorkerRow, WorkerStatus } from "../durability/worker-row.ts";
import type { WorkerId } from "../platform/worker-id.ts";

export type StringComparator = "Equal" | "NotEqual" | "Like" | "NotLike";
export type OrderComparator = "Equal" | "NotEqual" | "GreaterEqual" | "Greater" | "LessEqual" | "Less";

/** spec/service.md §5.2. `Like` is a case-sensitive substring; environment names compare without case; empty `And` and `Or` match all. */
export type WorkerFilter =
  | { readonly type: "Name"; readonly comparator: StringComparator; readonly value: string }
  | { readonly type: "Env"; readonly name: string; readonly comparator: StringComparator; readonly value: string }
  | { readonly type: "Status"; readonly comparator: OrderComparator; readonly value: WorkerStatus }
  | { readonly type: "Version"; readonly comparator: OrderComparator; readonly value: number }
  | { readonly type: "CreatedAt"; readonly comparator: OrderComparator; readonly valueMs: number }
  | { readonly type: "And" | "Or"; readonly filters: readonly WorkerFilter[] }
  | { readonly type: "Not"; readonly filter: WorkerFilter };

export interface WorkerQuery {
  readonly componentId: string;
  readonly filter?: WorkerFilter;
  /** Only names above this one: the last name of the page before. */
  readonly afterName?: string;
  readonly count: number;
}

export interface IndexedWorker {
  readonly id: WorkerId;
  readonly row: WorkerRow;
}

export interface WorkerIndex {
  readonly get: (worker: WorkerId) => Promise<WorkerRow | undefined>;
  /**
   * In order of names (by code point), full pages; `nextName` is undefined when nothing follows. `nextPosition` stands
   * for that name in numbers, for clients that know positions as such.
   */
  readonly list: (query: WorkerQuery) => Promise<{
    readonly workers: readonly IndexedWorker[];
    readonly nextName: string | undefined;
    readonly nextPosition: number | undefined;
  }>;
  /** The name at a position given out before, also when its worker was deleted since; undefined if it is no such position. */
  readonly nameAt: (componentId: string, position: number) => Promise<string | undefined>;
  /** Workers whose row says `needsRecovery`, in pages ordered by worker id. */
  readonly needingRecovery: (after: WorkerId | undefined, count: number) => Promise<readonly IndexedWorker[]>;
}
