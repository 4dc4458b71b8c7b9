/** Ended lives of workers, until nothing of them is left in segments and journal. */
import type { DatabaseSync } from "node:sqlite";
import { Statement } from "./statement.ts";

interface DeletedRow {
  readonly key: number;
  readonly journal_sequence: number;
}

/** Segments removed in one step: removing a segment reads its pages. */
const removeStepSegments = 64;

export class DeletedWorkers {
  readonly #insert: Statement<[key: number, journalSequence: number]>;
  readonly #forget: Statement<[key: number]>;
  readonly #removeSegments: Statement<[key: number]>;
  /** Lives and the newest journal row that can hold entries of theirs. */
  readonly #lives = new Map<number, number>();
  /** Those that still have segments. */
  readonly #withSegments: number[] = [];

  constructor(database: DatabaseSync) {
    this.#insert = new Statement(database, "INSERT INTO deleted_workers (key, journal_sequence) VALUES (?, ?)");
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

  insert(key: number, journalSequence: number): void {
    this.#insert.run(key, journalSequence);
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
