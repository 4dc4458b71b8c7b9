/** Deletion of components. A worker whose creation was under way meanwhile must not come into being without one. */
import type { DatabaseSync } from "node:sqlite";
import type { EndResult } from "../worker/stores.ts";
import { Statement } from "./statement.ts";
import type { WorkerStates } from "./worker-states.ts";

export class EndedComponents {
  readonly #states: WorkerStates;
  readonly #deleteVersions: Statement<[componentId: string]>;
  readonly #insert: Statement<[componentId: string]>;
  readonly #clean: Statement<[componentId: string]>;
  readonly #select: Statement<[componentId: string], { readonly ended: number }>;
  readonly #uncleaned: Statement<[], { readonly component_id: string }>;
  readonly #all: Statement<[], { readonly component_id: string }>;
  readonly #hasWorkers: Statement<[componentId: string], { readonly workers: number }>;

  constructor(database: DatabaseSync, states: WorkerStates) {
    this.#states = states;
    this.#deleteVersions = new Statement(database, "DELETE FROM components WHERE component_id = ?");
    this.#insert = new Statement(database, "INSERT INTO ended_components (component_id, cleaned) VALUES (?, 0)");
    this.#clean = new Statement(database, "UPDATE ended_components SET cleaned = 1 WHERE component_id = ?");
    this.#select = new Statement(
      database,
      "SELECT EXISTS (SELECT 1 FROM ended_components WHERE component_id = ?) AS ended",
    );
    this.#uncleaned = new Statement(database, "SELECT component_id FROM ended_components WHERE cleaned = 0");
    this.#all = new Statement(database, "SELECT component_id FROM ended_components");
    this.#hasWorkers = new Statement(
      database,
      `SELECT EXISTS
         (SELECT 1 FROM workers JOIN worker_components USING (component) WHERE component_id = ?) AS workers`,
    );
  }

  /** Removes all versions, if there are no workers or they don't matter. */
  end(componentId: string, withWorkers: boolean): EndResult {
    if (!withWorkers && this.isUsed(componentId)) return "in-use";
    if (this.#deleteVersions.run(componentId) === 0) return "unknown";
    this.#insert.run(componentId);
    return "ended";
  }

  has(componentId: string): boolean {
    return this.#select.get(componentId)?.ended === 1;
  }

  /** Those of which something may be left. */
  uncleaned(): readonly string[] {
    return this.#uncleaned.all().map((row) => row.component_id);
  }

  /** All that ever ended. */
  all(): readonly string[] {
    return this.#all.all().map((row) => row.component_id);
  }

  noteCleaned(componentId: string): void {
    this.#clean.run(componentId);
  }

  /** Whether it has workers here. */
  isUsed(componentId: string): boolean {
    if (this.#hasWorkers.get(componentId)?.workers === 1) return true;
    for (const { id } of this.#states.dirty) if (id.componentId === componentId) return true;
    return false;
  }
}
