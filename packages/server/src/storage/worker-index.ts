/**
 * Enumeration of workers. A page is put together from ranges of names: of each range the rows of the worker table that
 * match, and those of workers whose newest row is still in the journal, which take the place of older ones in the
 * table. Between two ranges writers get their turn; pages are in order of names, so changes between ranges show or not,
 * as changes between two pages do.
 */
import type { DatabaseSync } from "node:sqlite";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerQuery } from "../worker/worker-index.ts";
import { compareCodePoints, compareIds } from "./code-points.ts";
import type { NumberRange } from "./filter-scans.ts";
import { createdRangeOf } from "./filter-scans.ts";
import type { Condition } from "./filter-sql.ts";
import { checkFilterSize, defineFilterFunctions, filterCondition } from "./filter-sql.ts";
import type { IndexScan } from "./index-scans.ts";
import { IndexScans } from "./index-scans.ts";
import type { StorageLimits } from "./limits.ts";
import { Statement, StatementCache } from "./statement.ts";
import type { PackedRow, PackedWorker } from "./worker-rows.ts";
import { packedColumns, packPending, pendingMatches } from "./worker-rows.ts";
import type { WorkerState, WorkerStates } from "./worker-states.ts";
import type { WorkerTable } from "./worker-table.ts";

export interface PackedPage {
  readonly rows: readonly PackedRow[];
  readonly nextName: string | undefined;
  readonly nextPosition: number | undefined;
}

/** Statements kept prepared; one filter shape uses two per index. */
const statementsMax = 128;
/** The first range is short, since most pages are filled by it; each later one is longer. */
const firstStepCount = 128;

/** What of the table one page is made from. */
interface Plan {
  readonly component: number;
  readonly scans: readonly IndexScan[];
  readonly condition: Condition;
  /** The times of creation that can match, if names are skipped for them. */
  readonly created: NumberRange | undefined;
}

/** Rows with names above `after` up to `upTo`; undefined: up to the end. */
interface Range {
  readonly rows: readonly PackedRow[];
  readonly upTo: string | undefined;
}

const everything: IndexScan = { index: "workers_by_name", condition: "1", parameters: [], short: false };

function lower(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return compareCodePoints(left, right) < 0 ? left : right;
}

export class WorkerIndexReader {
  readonly #states: WorkerStates;
  readonly #table: WorkerTable;
  readonly #limits: StorageLimits;
  readonly #statements: StatementCache;
  readonly #scans: IndexScans;
  readonly #selectRow: Statement<[key: number], PackedRow>;
  readonly #nextSpan: Statement<
    [component: number, again: number, after: string, fromMs: number, toMs: number],
    { readonly first_name: string }
  >;
  readonly #components: Statement<[from: string], { readonly component: number; readonly component_id: string }>;
  readonly #recovery: Statement<[component: number, after: string, count: number], PackedRow>;

  constructor(
    database: DatabaseSync,
    parts: { readonly states: WorkerStates; readonly table: WorkerTable; readonly limits: StorageLimits },
  ) {
    this.#states = parts.states;
    this.#table = parts.table;
    this.#limits = parts.limits;
    defineFilterFunctions(database);
    this.#statements = new StatementCache(database, statementsMax);
    this.#scans = new IndexScans(database);
    this.#selectRow = new Statement(database, `SELECT ${packedColumns} FROM workers w WHERE w.key = ?`);
    this.#nextSpan = new Statement(
      database,
      `SELECT first_name FROM worker_spans WHERE component = ? AND first_name >=
         (SELECT coalesce(max(first_name), '') FROM worker_spans WHERE component = ? AND first_name <= ?)
       AND created_to_ms >= ? AND created_from_ms <= ? ORDER BY first_name LIMIT 1`,
    );
    this.#components = new Statement(
      database,
      "SELECT component, component_id FROM worker_components WHERE component_id >= ? ORDER BY component_id",
    );
    this.#recovery = new Statement(
      database,
      `SELECT ${packedColumns} FROM workers w INDEXED BY workers_needing_recovery
       WHERE w.component = ? AND w.needs_recovery = 1 AND w.name > ? ORDER BY w.name LIMIT ?`,
    );
  }

  get(id: string): PackedRow | undefined {
    const state = this.#states.find(id);
    if (state === undefined) return undefined;
    return packPending(state) ?? this.#selectRow.get(state.key);
  }

  /** Yields between ranges; what it returns is the page. */
  *list(query: WorkerQuery): Generator<undefined, PackedPage> {
    const count = Math.max(1, Math.min(query.count, this.#limits.pageCountMax));
    if (query.filter !== undefined) checkFilterSize(query.filter, this.#limits.filterNodesMax);
    let rows: PackedRow[] = [];
    let after = query.afterName ?? "";
    let stepCount = firstStepCount;
    for (;;) {
      // One more than the page: whether something follows it.
      const wanted = count + 1 - rows.length;
      const range = this.#readRange(query, after, { rows: wanted, step: stepCount });
      rows = [...rows, ...range.rows];
      if (rows.length > count) {
        const page = rows.slice(0, count);
        const last = page.at(-1);
        return { rows: page, nextName: last?.name, nextPosition: last?.key };
      }
      if (range.upTo === undefined) return { rows, nextName: undefined, nextPosition: undefined };
      after = range.upTo;
      stepCount = Math.min(stepCount * 2, this.#limits.listStepCount);
      yield undefined;
    }
  }

  needingRecovery(after: WorkerId | undefined, count: number): readonly PackedWorker[] {
    const found: PackedWorker[] = [];
    let from = after ?? { componentId: "", workerName: "" };
    while (found.length < count) {
      const stored = this.#storedNeedingRecovery(from, count);
      const upTo = stored.length < count ? undefined : stored.at(-1)?.id;
      const settled = stored.filter(({ id }) => !this.#isDirty(id.componentId, id.workerName));
      const pending = this.#pendingRecovery(from, upTo);
      found.push(...[...settled, ...pending].sort((left, right) => compareIds(left.id, right.id)));
      if (upTo === undefined) break;
      from = upTo;
    }
    return found.slice(0, count);
  }

  /** Those of the journal behind one worker up to another. */
  #pendingRecovery(after: WorkerId, upTo: WorkerId | undefined): readonly PackedWorker[] {
    const found: PackedWorker[] = [];
    for (const state of this.#states.dirty) {
      const { id } = state;
      if (compareIds(id, after) <= 0 || (upTo !== undefined && compareIds(id, upTo) > 0)) continue;
      const row = packPending(state);
      if (row?.needs_recovery === 1) found.push({ id, row });
    }
    return found;
  }

  #storedNeedingRecovery(after: WorkerId, count: number): readonly PackedWorker[] {
    const found: PackedWorker[] = [];
    for (const { component, component_id: componentId } of this.#components.all(after.componentId)) {
      if (found.length === count) break;
      const name = componentId === after.componentId ? after.workerName : "";
      const rows = this.#recovery.all(component, name, count - found.length);
      for (const row of rows) found.push({ id: { componentId, workerName: row.name }, row });
    }
    return found;
  }

  #isDirty(componentId: string, name: string): boolean {
    const state = this.#states.cached(`${componentId}/${name}`);
    return state !== undefined && this.#states.dirty.has(state);
  }

  /** Rows of table and journal in the next range, in order, at most as many as wanted. */
  #readRange(query: WorkerQuery, after: string, wanted: { readonly rows: number; readonly step: number }): Range {
    const plan = this.#plan(query);
    const stored: Range = plan === undefined ? { rows: [], upTo: undefined } : this.#readTable(plan, after, wanted);
    const rows = new Map<string, PackedRow>();
    for (const row of stored.rows) if (!this.#isDirty(query.componentId, row.name)) rows.set(row.name, row);
    const inRange = (state: WorkerState): boolean =>
      state.id.componentId === query.componentId &&
      compareCodePoints(state.id.workerName, after) > 0 &&
      (stored.upTo === undefined || compareCodePoints(state.id.workerName, stored.upTo) <= 0);
    const pending = [...this.#states.dirty]
      .filter((state) => inRange(state) && pendingMatches(state, query.filter))
      .sort((left, right) => compareCodePoints(left.id.workerName, right.id.workerName))
      .slice(0, wanted.rows);
    for (const state of pending) {
      const row = packPending(state);
      if (row !== undefined) rows.set(row.name, row);
    }
    const merged = [...rows.values()].sort((left, right) => compareCodePoints(left.name, right.name));
    return { rows: merged.slice(0, wanted.rows), upTo: stored.upTo };
  }

  #plan(query: WorkerQuery): Plan | undefined {
    const component = this.#table.component(query.componentId);
    if (component === undefined) return undefined;
    const scans = this.#scans.choose(component, query.filter);
    return {
      component,
      scans: scans ?? [everything],
      condition: query.filter === undefined ? { sql: "1", parameters: [] } : filterCondition(query.filter),
      created: scans?.every((scan) => scan.short) === true ? undefined : createdRangeOf(query.filter),
    };
  }

  #readTable(plan: Plan, after: string, wanted: { readonly rows: number; readonly step: number }): Range {
    const { component, created } = plan;
    let from = after;
    let operator = ">";
    if (created !== undefined) {
      const span = this.#nextSpan.get(component, component, after, created.from, created.to);
      if (span === undefined) return { rows: [], upTo: undefined };
      if (compareCodePoints(span.first_name, after) > 0) {
        from = span.first_name;
        operator = ">=";
      }
    }
    let upTo: string | undefined;
    for (const scan of plan.scans) {
      if (scan.short) continue;
      const sql = `SELECT w.name FROM workers w INDEXED BY ${scan.index}
        WHERE w.component = ? AND ${scan.condition} AND w.name ${operator} ? ORDER BY w.name LIMIT 1 OFFSET ?`;
      const bound = this.#statements
        .prepare<{ readonly name: string }>(sql)
        .get(component, ...scan.parameters, from, wanted.step - 1);
      upTo = lower(upTo, bound?.name);
    }
    const rows: PackedRow[] = [];
    for (const scan of plan.scans) {
      const bounded = upTo === undefined ? "" : "AND w.name <= ?";
      const sql = `SELECT ${packedColumns} FROM workers w INDEXED BY ${scan.index}
        WHERE w.component = ? AND ${scan.condition} AND w.name ${operator} ? ${bounded} AND ${plan.condition.sql}
        ORDER BY w.name LIMIT ?`;
      const bounds = upTo === undefined ? [from] : [from, upTo];
      const found = this.#statements
        .prepare<PackedRow>(sql)
        .all(component, ...scan.parameters, ...bounds, ...plan.condition.parameters, wanted.rows);
      rows.push(...found);
      // Names beyond the last one of a scan that was cut off are for the next range.
      if (found.length === wanted.rows) upTo = lower(upTo, found.at(-1)?.name);
    }
    const end = upTo;
    return { rows: end === undefined ? rows : rows.filter((row) => compareCodePoints(row.name, end) <= 0), upTo };
  }
}
