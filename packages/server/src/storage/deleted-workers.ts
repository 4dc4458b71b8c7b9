/** Ended lives of workers, until nothing of them is left in segments and journal. */
import type { DatabaseSync } from "node:sqlite";
import type { WorkerId } from "../platform/worker-id.ts";
import { Statement } from "./statement.ts";

interface DeletedRow {
  readonly key: number;
  readonly journal_sequence: number;
}

interface EndedName {
  readonly component_id: string;
  readonly name: string;
}

/** Names kept of workers deleted last: an enumeration whose position is such a worker goes on behind its name. */
const endedNamesMax = 100_000;

/** Segments removed in one step: removing a segment reads its pages. */
const removeStepSegments = 64;

export class DeletedWorkers {
  readonly #insert: Statement<[key: number, journalSequence: number]>;
  readonly #insertName: Statement<[key: number, componentId: string, name: string]>;
  readonly #pruneNames: Statement<[]>;
  readonly #selectName: Statement<[key: number], EndedName>;
  readonly #forget: Statement<[key: number]>;
  readonly #removeSegments: Statement<[key: number]>;
  /** Lives and the newest journal row that can hold entries of theirs. */
  readonly #lives = new Map<number, number>();
  /** Those that still have segments. */
  readonly #withSegments: number[] = [];

  constructor(database: DatabaseSync) {
    this.#insert = new Statement(database, "INSERT INTO deleted_workers (key, journal_sequence) VALUES (?, ?)");
    this.#insertName = new Statement(database, "INSERT INTO ended_names (key, component_id, name) VALUES (?, ?, ?)");
    this.#pruneNames = new Statement(
      database,
      `DELETE FROM ended_names WHERE deletion <= (SELECT max(deletion) FROM ended_names) - ${endedNamesMax}`,
    );
    this.#selectName = new Statement(database, "SELECT component_id, name FROM ended_names WHERE key = ?");
    this.#forget = new Statement(database, "DELETE FROM deleted_workers WHERE key = ?");
    this.#removeSegments = new Statement(
      database,
      `DELETE FROM segments WHERE segment IN
         (SELECT segment FROM segments INDEXED BY segments_by_worker WHERE worker = ? LIMIT ${removeStepSegments})`,
    );
    const rows = new Statement<[], DeletedRow>(database, "SELECT key, journal_sequence FROM deleted_workers");
    for (const row of rows.all()) {
      this.#lives.set(row.key, row.journal_sequence);
      this.#withSegments.push(row.key);
    }
  }

  /** The newest journal row that any of them may have entries in. */
  get newestSequence(): number {
    let newest = 0;
    for (const sequence of this.#lives.values()) newest = Math.max(newest, sequence);
    return newest;
  }

  has(key: number): boolean {
    return this.#lives.has(key);
  }

  insert({ key, id }: { readonly key: number; readonly id: WorkerId }, journalSequence: number): void {
    this.#insert.run(key, journalSequence);
    this.#insertName.run(key, id.componentId, id.workerName);
    this.#pruneNames.run();
  }

  /** Whose life had this key, if it ended not too long ago. */
  idOf(key: number): WorkerId | undefined {
    const ended = this.#selectName.get(key);
    return ended === undefined ? undefined : { componentId: ended.component_id, workerName: ended.name };
  }

  /** To be called when the transaction with the deletion is durable. */
  noteInserted(key: number, journalSequence: number): void {
    this.#lives.set(key, journalSequence);
    this.#withSegments.push(key);
  }

  /** The next life to remove segments of. */
  get nextWithSegments(): number | undefined {
    return this.#withSegments[0];
  }

  /** Removes some of its segments; true if it has none left. To be called in a transaction. */
  removeSegments(key: number): boolean {
    return this.#removeSegments.run(key) < removeStepSegments;
  }

  noteSegmentsRemoved(): void {
    this.#withSegments.shift();
  }

  /** Lives without segments of which nothing is left when all journal rows below `firstSequence` are gone. */
  finished(firstSequence: number): readonly number[] {
    const unfinished = new Set(this.#withSegments);
    const finished: number[] = [];
    for (const [key, sequence] of this.#lives) {
      if (sequence < firstSequence && !unfinished.has(key)) finished.push(key);
    }
    return finished;
  }

  /** Forgets a life, in a transaction; `noteForgotten` follows when it has ended. */
  forget(key: number): void {
    this.#forget.run(key);
  }

  noteForgotten(key: number): void {
    this.#lives.delete(key);
  }
}
