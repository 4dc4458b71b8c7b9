/**
 * Names that `rewrite/` adds to the exports of a core module and that `link/` uses. Guests can't clash with them:
 * rewriting refuses a module that exports a name with this prefix.
 */
export const reservedPrefix = "$emet:";

export const reservedExports = {
  /** funcref table of two slots: 0 is tick `() -> i32`, 1 is wait `() -> i32` (suspending); null until the hooks are set. */
  hooks: "$emet:hooks",
  /** mutable i32 global: fuel left in this slice; the slow path runs when it falls below zero. */
  fuel: "$emet:fuel",
  /**
   * mutable i32 global: bytes of the stack budget left (see `rewrite/stack-budget.ts`). Below zero after a trap: the
   * guest ran out of stack.
   */
  stack: "$emet:stack",
  /** The start function, which is no longer called by instantiation. */
  start: "$emet:start",
  memory: (index: number): string => `$emet:memory:${index}`,
  global: (index: number): string => `$emet:global:${index}`,
  table: (index: number): string => `$emet:table:${index}`,
} as const;
