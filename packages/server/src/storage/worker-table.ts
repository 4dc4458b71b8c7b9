/** Rows of the worker table, brought up to date when journal entries are moved. Enumeration is in `worker-index.ts`. */
import type { DatabaseSync } from "node:sqlite";
import type { JournalEntry } from "./journal-format.ts";
import type { SqlValue } from "./statement.ts";
import { Statement } from "./statement.ts";
import type { StoredColumns, WorkerState } from "./worker-states.ts";
import { WorkerSpans } from "./worker-spans.ts";

type RowValues = [
  component: number,
  name: string,
  lastIndex: number,
  status: number,
  version: number,
  createdAtMs: number,
  needsRecovery: number,
  environment: string,
  detail: Uint8Array,
];

export function columnsOf(entry: JournalEntry): StoredColumns {
  const { status, componentVersion, createdAtMs, needsRecovery } = entry;
  return { status, componentVersion, createdAtMs, needsRecovery };
}

function sameColumns(left: StoredColumns, right: StoredColumns): boolean {
  return (
    left.status === right.status &&
    left.componentVersion === right.componentVersion &&
    left.createdAtMs === right.createdAtMs &&
    left.needsRecovery === right.needsRecovery
  );
}

export class WorkerTable {
  readonly #spans: WorkerSpans;
  readonly #insert: Statement<[key: number, ...RowValues]>;
  readonly #updateDetail: Statement<[lastIndex: number, detail: Uint8Array, key: number]>;
  readonly #update: Statement<SqlValue[]>;
  readonly #delete: Statement<[key: number]>;
  readonly #selectComponent: Statement<[componentId: string], { readonly component: number }>;
  readonly #insertComponent: Statement<[componentId: string]>;
  /** Numbers of components that are certain to be in the table. */
  readonly #components = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#spans = new WorkerSpans(database);
    this.#insert = new Statement(
      database,
      `INSERT INTO workers (key, component, name, last_index, status, version, created_at_ms, needs_recovery, environment, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    // SQLite rewrites the entries of every index that has a column in SET, changed or not: most moves change none.
    this.#updateDetail = new Statement(database, "UPDATE workers SET last_index = ?, detail = ? WHERE key = ?");
    this.#update = new Statement(
      database,
      `UPDATE workers SET last_index = ?, status = ?, version = ?, created_at_ms = ?, needs_recovery = ?, environment = ?, detail = ?
       WHERE key = ?`,
    );
    this.#delete = new Statement(database, "DELETE FROM workers WHERE key = ?");
    this.#selectComponent = new Statement(database, "SELECT component FROM worker_components WHERE component_id = ?");
    this.#insertComponent = new Statement(database, "INSERT INTO worker_components (component_id) VALUES (?)");
  }

  /** The number of a component in the tables, undefined if no worker of it was ever moved. */
  component(componentId: string): number | undefined {
    const known = this.#components.get(componentId);
    if (known !== undefined) return known;
    const component = this.#selectComponent.get(componentId)?.component;
    if (component !== undefined) this.#components.set(componentId, component);
    return component;
  }

  /** Writes the worker's row as of its newest pending entry. `state` is changed by the caller, after the commit. */
  write(state: WorkerState, newest: JournalEntry): void {
    const { stored } = state;
    const columns = columnsOf(newest);
    if (stored === undefined) {
      this.#insertRow(state, columns, newest.detail);
      return;
    }
    if (state.environmentStored && sameColumns(stored, columns)) {
      this.#updateDetail.run(state.lastIndex, newest.detail, state.key);
      return;
    }
    if (stored.createdAtMs !== columns.createdAtMs) {
      this.#spans.widen(this.#requireComponent(state.id.componentId), state.id.workerName, columns.createdAtMs);
    }
    this.#update.run(
      state.lastIndex,
      columns.status,
      columns.componentVersion,
      columns.createdAtMs,
      columns.needsRecovery ? 1 : 0,
      environmentText(state),
      newest.detail,
      state.key,
    );
  }

  remove(state: WorkerState): void {
    this.#delete.run(state.key);
    this.#spans.remove(this.#requireComponent(state.id.componentId), state.id.workerName);
  }

  /** Forgets numbers given to components in a transaction that failed. */
  rolledBack(): void {
    this.#components.clear();
  }

  #insertRow(state: WorkerState, columns: StoredColumns, detail: Uint8Array): void {
    const component = this.#requireComponent(state.id.componentId);
    this.#insert.run(
      state.key,
      component,
      state.id.workerName,
      state.lastIndex,
      columns.status,
      columns.componentVersion,
      columns.createdAtMs,
      columns.needsRecovery ? 1 : 0,
      environmentText(state),
      detail,
    );
    this.#spans.add(component, state.id.workerName, columns.createdAtMs);
  }

  #requireComponent(componentId: string): number {
    const known = this.component(componentId);
    if (known !== undefined) return known;
    this.#insertComponent.run(componentId);
    const component = this.component(componentId);
    if (component === undefined) throw new Error(`cannot find component "${componentId}" after inserting it`);
    return component;
  }
}

function environmentText(state: WorkerState): string {
  return Buffer.from(state.environment.buffer, state.environment.byteOffset, state.environment.length).toString();
}
