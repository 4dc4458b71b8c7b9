/** Promises in the database. A promise is pending while its data is NULL. */
import type { DatabaseSync } from "node:sqlite";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { ListedPromise, PromiseId, PromiseState } from "../worker/stores.ts";
import { Statement } from "./statement.ts";

export class PromiseTable {
  readonly #insert: Statement<[worker: string, index: number]>;
  readonly #complete: Statement<[data: Uint8Array, worker: string, index: number]>;
  readonly #select: Statement<[worker: string, index: number], { readonly data: Uint8Array | null }>;
  readonly #of: Statement<
    [worker: string, before: number, count: number],
    { readonly oplog_index: number; readonly completed: number }
  >;
  readonly #delete: Statement<[worker: string, index: number]>;
  readonly #deleteOf: Statement<[worker: string]>;

  constructor(database: DatabaseSync) {
    const where = "WHERE worker = ? AND oplog_index = ?";
    this.#insert = new Statement(database, "INSERT OR IGNORE INTO promises (worker, oplog_index) VALUES (?, ?)");
    this.#complete = new Statement(database, `UPDATE promises SET data = ? ${where} AND data IS NULL`);
    this.#select = new Statement(database, `SELECT data FROM promises ${where}`);
    this.#of = new Statement(
      database,
      "SELECT oplog_index, data IS NOT NULL AS completed FROM promises WHERE worker = ? AND oplog_index < ? ORDER BY oplog_index DESC LIMIT ?",
    );
    this.#delete = new Statement(database, `DELETE FROM promises ${where}`);
    this.#deleteOf = new Statement(database, "DELETE FROM promises WHERE worker = ?");
  }

  create(id: PromiseId): void {
    this.#insert.run(formatWorkerId(id.worker), id.oplogIndex);
  }

  complete(id: PromiseId, data: Uint8Array): boolean | undefined {
    const worker = formatWorkerId(id.worker);
    if (this.#complete.run(data, worker, id.oplogIndex) === 1) return true;
    return this.#select.get(worker, id.oplogIndex) === undefined ? undefined : false;
  }

  get(id: PromiseId): PromiseState | undefined {
    const row = this.#select.get(formatWorkerId(id.worker), id.oplogIndex);
    if (row === undefined) return undefined;
    return row.data === null ? { kind: "pending" } : { kind: "completed", data: row.data };
  }

  of(worker: WorkerId, count: number, before: number = Number.MAX_SAFE_INTEGER): readonly ListedPromise[] {
    const rows = this.#of.all(formatWorkerId(worker), before, count);
    return rows.map(({ oplog_index: oplogIndex, completed }) => ({ oplogIndex, completed: completed === 1 }));
  }

  delete(id: PromiseId): void {
    this.#delete.run(formatWorkerId(id.worker), id.oplogIndex);
  }

  deleteOf(worker: WorkerId): void {
    this.#deleteOf.run(formatWorkerId(worker));
  }
}
