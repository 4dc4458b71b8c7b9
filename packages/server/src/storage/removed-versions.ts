/** Removal of single versions of components. What is under way meanwhile must not make one the version of a worker. */
import type { DatabaseSync } from "node:sqlite";
import type { ComponentVersion, RemoveVersionResult } from "../worker/stores.ts";
import { Statement } from "./statement.ts";
import type { WorkerStates } from "./worker-states.ts";

export class RemovedVersions {
  readonly #states: WorkerStates;
  readonly #latest: Statement<[componentId: string], { readonly version: number | null }>;
  readonly #remove: Statement<[componentId: string, version: number]>;
  readonly #clean: Statement<[componentId: string, version: number]>;
  readonly #select: Statement<[componentId: string, version: number], { readonly removed: number }>;
  readonly #uncleaned: Statement<[], { readonly component_id: string; readonly version: number }>;
  readonly #all: Statement<[], { readonly component_id: string; readonly version: number }>;
  readonly #workers: Statement<[componentId: string, version: number, count: number], { readonly key: number }>;

  constructor(database: DatabaseSync, states: WorkerStates) {
    this.#states = states;
    const where = "component_id = ? AND version = ?";
    this.#latest = new Statement(database, "SELECT max(version) AS version FROM components WHERE component_id = ?");
    this.#remove = new Statement(database, `UPDATE components SET removed = 1 WHERE ${where} AND removed = 0`);
    this.#clean = new Statement(database, `UPDATE components SET removed = 2 WHERE ${where} AND removed = 1`);
    this.#select = new Statement(
      database,
      `SELECT EXISTS (SELECT 1 FROM components WHERE ${where} AND removed > 0) AS removed`,
    );
    this.#uncleaned = new Statement(database, "SELECT component_id, version FROM components WHERE removed = 1");
    this.#all = new Statement(database, "SELECT component_id, version FROM components WHERE removed > 0");
    this.#workers = new Statement(
      database,
      `SELECT key FROM workers WHERE
         component = (SELECT component FROM worker_components WHERE component_id = ?) AND version = ? LIMIT ?`,
    );
  }

  /** Removes it if it isn't the latest one and no worker is of that version now. */
  remove({ componentId, version }: ComponentVersion): RemoveVersionResult {
    if (this.#latest.get(componentId)?.version === version) return "latest";
    if (this.isUsed(componentId, version)) return "in-use";
    return this.#remove.run(componentId, version) === 1 ? "removed" : "unknown";
  }

  has(componentId: string, version: number): boolean {
    return this.#select.get(componentId, version)?.removed === 1;
  }

  /** Those whose binaries may be left. */
  uncleaned(): readonly ComponentVersion[] {
    return this.#uncleaned.all().map((row) => ({ componentId: row.component_id, version: row.version }));
  }

  /** All that ever were. */
  all(): readonly ComponentVersion[] {
    return this.#all.all().map((row) => ({ componentId: row.component_id, version: row.version }));
  }

  noteCleaned({ componentId, version }: ComponentVersion): void {
    this.#clean.run(componentId, version);
  }

  /** Whether a worker is of that version now. */
  isUsed(componentId: string, version: number): boolean {
    // The rows of those are not what they were.
    const others = new Set<number>();
    for (const { id, key, newest } of this.#states.dirty) {
      if (id.componentId !== componentId || newest === undefined) continue;
      if (newest.componentVersion === version) return true;
      others.add(key);
    }
    return this.#workers.all(componentId, version, others.size + 1).some(({ key }) => !others.has(key));
  }
}
