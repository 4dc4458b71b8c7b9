/** Routes of custom HTTP APIs in the database. */
import type { DatabaseSync } from "node:sqlite";
import type { RouteRecord } from "../worker/stores.ts";
import { Statement } from "./statement.ts";

interface RouteRow {
  readonly id: string;
  readonly created_at_ms: number;
  readonly definition: string;
}

export class RouteTable {
  readonly #insert: Statement<[id: string, createdAtMs: number, definition: string]>;
  readonly #delete: Statement<[id: string]>;
  readonly #all: Statement<[], RouteRow>;

  constructor(database: DatabaseSync) {
    this.#insert = new Statement(
      database,
      "INSERT OR IGNORE INTO routes (id, created_at_ms, definition) VALUES (?, ?, ?)",
    );
    this.#delete = new Statement(database, "DELETE FROM routes WHERE id = ?");
    this.#all = new Statement(database, "SELECT id, created_at_ms, definition FROM routes ORDER BY created_at_ms, id");
  }

  /** False if there is one of this id. */
  add({ id, createdAtMs, definition }: RouteRecord): boolean {
    return this.#insert.run(id, createdAtMs, definition) === 1;
  }

  /** False if there was none. */
  remove(id: string): boolean {
    return this.#delete.run(id) === 1;
  }

  all(): readonly RouteRecord[] {
    return this.#all.all().map((row) => ({ id: row.id, createdAtMs: row.created_at_ms, definition: row.definition }));
  }
}
