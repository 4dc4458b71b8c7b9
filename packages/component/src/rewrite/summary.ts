/** What `rewrite/` found out about a core module; stored beside the rewritten bytes. */
export interface ModuleSummary {
  /** Indices of memories defined by the module (not imported), each exported under its reserved name. */
  readonly memories: readonly {
    readonly index: number;
    readonly initialPages: number;
    readonly maximumPages?: number;
    /** As it was before the rewriting; absent if the module set none. */
    readonly declaredMaximumPages?: number;
  }[];
  /** Indices of defined mutable globals of number type, with reserved exports. */
  readonly globals: readonly number[];
  /** Indices of defined tables, with reserved exports. */
  readonly tables: readonly number[];
  readonly hasStart: boolean;
  /** Whether instances draw from a stack budget: some function may recur, or call indirectly. */
  readonly countsStack: boolean;
  /** Why an idle instance can't be saved and restored (a table instruction that changes it, a dropped segment, …); absent when it can. */
  readonly snapshotObstacle?: string;
}
