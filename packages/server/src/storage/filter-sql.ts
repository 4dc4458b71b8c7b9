/** Worker filters as SQL conditions over the worker table `w`. Values are always parameters. */
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../platform/store-error.ts";
import type { OrderComparator, StringComparator, WorkerFilter } from "../worker/worker-index.ts";
import { foldName } from "./filter-match.ts";
import { statusCode } from "./journal-format.ts";
import type { SqlValue } from "./statement.ts";

export interface Condition {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

const stringConditions: Readonly<Record<StringComparator, (column: string) => string>> = {
  Equal: (column) => `${column} = ?`,
  NotEqual: (column) => `${column} <> ?`,
  Like: (column) => `instr(${column}, ?) > 0`,
  NotLike: (column) => `instr(${column}, ?) = 0`,
};

const orderOperators: Readonly<Record<OrderComparator, string>> = {
  Equal: "=",
  NotEqual: "<>",
  GreaterEqual: ">=",
  Greater: ">",
  LessEqual: "<=",
  Less: "<",
};

/** Makes the function that conditions of environment names use. */
export function defineFilterFunctions(database: DatabaseSync): void {
  database.function("fold_name", { deterministic: true }, (name) => foldName(String(name)));
}

function junction(filters: readonly WorkerFilter[], operator: "AND" | "OR"): Condition {
  if (filters.length === 0) return { sql: "1", parameters: [] };
  const parts = filters.map((filter) => filterCondition(filter));
  return {
    sql: `(${parts.map((part) => part.sql).join(` ${operator} `)})`,
    parameters: parts.flatMap((part) => part.parameters),
  };
}

/** The condition of a filter. */
export function filterCondition(filter: WorkerFilter): Condition {
  switch (filter.type) {
    case "Name":
      return { sql: stringConditions[filter.comparator]("w.name"), parameters: [filter.value] };
    case "Env": {
      const value = stringConditions[filter.comparator]("json_extract(e.value, '$[1]')");
      const sql = `EXISTS (SELECT 1 FROM json_each(w.environment) e
        WHERE fold_name(json_extract(e.value, '$[0]')) = ? AND ${value})`;
      return { sql, parameters: [foldName(filter.name), filter.value] };
    }
    case "Status":
      return { sql: `w.status ${orderOperators[filter.comparator]} ?`, parameters: [statusCode(filter.value)] };
    case "Version":
      return { sql: `w.version ${orderOperators[filter.comparator]} ?`, parameters: [filter.value] };
    case "CreatedAt":
      return { sql: `w.created_at_ms ${orderOperators[filter.comparator]} ?`, parameters: [filter.valueMs] };
    case "And":
      return junction(filter.filters, "AND");
    case "Or":
      return junction(filter.filters, "OR");
    case "Not": {
      const inner = filterCondition(filter.filter);
      return { sql: `NOT ${inner.sql}`, parameters: inner.parameters };
    }
  }
}

function countNodes(filter: WorkerFilter, left: number): number {
  if (left <= 0) return 0;
  switch (filter.type) {
    case "And":
    case "Or":
      return filter.filters.reduce((rest, part) => countNodes(part, rest), left - 1);
    case "Not":
      return countNodes(filter.filter, left - 1);
    default:
      return left - 1;
  }
}

/** Refuses filters that would make a statement too large or too deep. */
export function checkFilterSize(filter: WorkerFilter, nodesMax: number): void {
  if (countNodes(filter, nodesMax + 1) > 0) return;
  throw new StoreError("failed", `cannot enumerate workers: the filter has more than ${nodesMax} conditions`);
}
