/** Registered plugins in the database. */
import type { DatabaseSync } from "node:sqlite";
import type { PluginRecord } from "../worker/stores.ts";
import { Statement } from "./statement.ts";

interface PluginRow {
  readonly name: string;
  readonly version: string;
  readonly created_at_ms: number;
  readonly definition: string;
}

function recordOf({ name, version, created_at_ms: createdAtMs, definition }: PluginRow): PluginRecord {
  return { name, version, createdAtMs, definition };
}

export class PluginTable {
  readonly #insert: Statement<[name: string, version: string, createdAtMs: number, definition: string]>;
  readonly #delete: Statement<[name: string, version: string]>;
  readonly #get: Statement<[name: string, version: string], PluginRow>;
  readonly #all: Statement<[], PluginRow>;

  constructor(database: DatabaseSync) {
    const columns = "name, version, created_at_ms, definition";
    this.#insert = new Statement(database, `INSERT OR IGNORE INTO plugins (${columns}) VALUES (?, ?, ?, ?)`);
    this.#delete = new Statement(database, "DELETE FROM plugins WHERE name = ? AND version = ?");
    this.#get = new Statement(database, `SELECT ${columns} FROM plugins WHERE name = ? AND version = ?`);
    this.#all = new Statement(database, `SELECT ${columns} FROM plugins ORDER BY created_at_ms, name, version`);
  }

  /** False if there is one of this name and version. */
  add({ name, version, createdAtMs, definition }: PluginRecord): boolean {
    return this.#insert.run(name, version, createdAtMs, definition) === 1;
  }

  /** False if there was none. */
  remove(name: string, version: string): boolean {
    return this.#delete.run(name, version) === 1;
  }

  get(name: string, version: string): PluginRecord | undefined {
    const row = this.#get.get(name, version);
    return row === undefined ? undefined : recordOf(row);
  }

  all(): readonly PluginRecord[] {
    return this.#all.all().map((row) => recordOf(row));
  }
}
