/** Component versions in the database. */
import type { DatabaseSync } from "node:sqlite";
import type { ComponentRecord, InitialFile, InstalledPlugin } from "../worker/stores.ts";
import type { SqlValue } from "./statement.ts";
import { Statement } from "./statement.ts";

interface ComponentRow {
  readonly component_id: string;
  readonly version: number;
  readonly name: string;
  readonly size: number;
  readonly type: ComponentRecord["componentType"];
  readonly created_at_ms: number;
  readonly metadata: string;
  readonly files: string;
  readonly plugins: string;
}

function recordOf(row: ComponentRow): ComponentRecord {
  return {
    componentId: row.component_id,
    version: row.version,
    componentName: row.name,
    componentSize: row.size,
    componentType: row.type,
    createdAtMs: row.created_at_ms,
    metadata: row.metadata,
    files: JSON.parse(row.files) as readonly InitialFile[],
    installedPlugins: JSON.parse(row.plugins) as readonly InstalledPlugin[],
  };
}

const columns = "component_id, version, name, size, type, created_at_ms, metadata, files, plugins";

export class ComponentTable {
  readonly #insert: Statement<SqlValue[]>;
  readonly #get: Statement<[componentId: string, version: number], ComponentRow>;
  readonly #latest: Statement<[componentId: string], ComponentRow>;
  readonly #versions: Statement<[componentId: string], ComponentRow>;
  readonly #byName: Statement<[name: string], ComponentRow>;
  readonly #all: Statement<[], ComponentRow>;

  constructor(database: DatabaseSync) {
    // A version that exists and a name that is taken both leave the row out: unique indexes see to either.
    this.#insert = new Statement(
      database,
      `INSERT OR IGNORE INTO components (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const select = `SELECT ${columns} FROM components`;
    this.#get = new Statement(database, `${select} WHERE component_id = ? AND version = ? AND removed = 0`);
    this.#latest = new Statement(database, `${select} WHERE component_id = ? ORDER BY version DESC LIMIT 1`);
    this.#versions = new Statement(database, `${select} WHERE component_id = ? AND removed = 0 ORDER BY version`);
    this.#byName = new Statement(database, `${select} WHERE name = ? AND removed = 0 ORDER BY component_id, version`);
    this.#all = new Statement(
      database,
      `SELECT c.* FROM components c JOIN components f ON f.component_id = c.component_id AND f.version = 0
       WHERE c.removed = 0
       ORDER BY f.created_at_ms, c.component_id, c.version`,
    );
  }

  /** For a new component (`version` 0) and for further versions alike; false if it is there or its name is taken. */
  insert(record: ComponentRecord): boolean {
    const { componentId, version, componentName, componentSize, componentType, createdAtMs, metadata } = record;
    const texts = [metadata, JSON.stringify(record.files), JSON.stringify(record.installedPlugins)];
    const values = [componentId, version, componentName, componentSize, componentType, createdAtMs, ...texts];
    return this.#insert.run(...values) === 1;
  }

  get(componentId: string, version: number): ComponentRecord | undefined {
    const row = this.#get.get(componentId, version);
    return row === undefined ? undefined : recordOf(row);
  }

  latest(componentId: string): ComponentRecord | undefined {
    const row = this.#latest.get(componentId);
    return row === undefined ? undefined : recordOf(row);
  }

  versions(componentId: string): readonly ComponentRecord[] {
    return this.#versions.all(componentId).map((row) => recordOf(row));
  }

  byName(name: string): readonly ComponentRecord[] {
    return this.#byName.all(name).map((row) => recordOf(row));
  }

  all(): readonly ComponentRecord[] {
    return this.#all.all().map((row) => recordOf(row));
  }
}
