/** The journal table: one row per group commit, from its commit until all its entries were moved. */
import type { DatabaseSync } from "node:sqlite";
import type { JournalEntry } from "./journal-format.ts";
import { JournalError, readRow } from "./journal-format.ts";
import { Statement } from "./statement.ts";

interface JournalRow {
  readonly sequence: number;
  readonly bytes: number;
}

/** Removing a row reads its pages; a step that removes rows ends after about this many bytes of them. */
const removeStepBytes = 4 * 1024 * 1024;

export class Journal {
  readonly #insert: Statement<[sequence: number, data: Uint8Array]>;
  readonly #select: Statement<[], { readonly sequence: number; readonly data: Uint8Array }>;
  readonly #remove: Statement<[upTo: number]>;
  /** The rows in the table, oldest first. */
  #rows: JournalRow[] = [];
  #bytes = 0;
  #nextSequence = 1;

  constructor(database: DatabaseSync) {
    this.#insert = new Statement(database, "INSERT INTO journal (sequence, data) VALUES (?, ?)");
    this.#select = new Statement(database, "SELECT sequence, data FROM journal ORDER BY sequence");
    this.#remove = new Statement(database, "DELETE FROM journal WHERE sequence <= ?");
  }

  /** Bytes of all rows in the table. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The sequence number of the next row; `continueAfter` keeps it above those of removed rows. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  get firstSequence(): number | undefined {
    return this.#rows[0]?.sequence;
  }

  continueAfter(sequence: number): void {
    this.#nextSequence = Math.max(this.#nextSequence, sequence + 1);
  }

  /** Reads all rows at start; throws `JournalError` with the row's number if one is damaged. */
  *load(): Generator<JournalEntry> {
    for (const { sequence, data } of this.#select.iterate()) {
      this.noteCommitted(sequence, data.length);
      try {
        yield* readRow(Buffer.from(data.buffer, data.byteOffset, data.length));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new JournalError(`cannot recover from the journal, row ${sequence}: ${reason}`, { cause: error });
      }
    }
  }

  insert(row: Uint8Array): void {
    this.#insert.run(this.#nextSequence, row);
  }

  /** To be called when the transaction with a row is durable. */
  noteCommitted(sequence: number, bytes: number): void {
    this.#rows.push({ sequence, bytes });
    this.#bytes += bytes;
    this.#nextSequence = sequence + 1;
  }

  /** The newest sequence number of a step that removes rows up to `boundary`, undefined if there are none. */
  nextRemoval(boundary: number): number | undefined {
    let bytes = 0;
    let last: number | undefined;
    for (const row of this.#rows) {
      if (row.sequence > boundary || bytes >= removeStepBytes) break;
      bytes += row.bytes;
      last = row.sequence;
    }
    return last;
  }

  remove(upTo: number): void {
    this.#remove.run(upTo);
  }

  /** To be called when the transaction that removed rows has ended. */
  noteRemoved(upTo: number): void {
    const kept = this.#rows.findIndex((row) => row.sequence > upTo);
    const removed = this.#rows.splice(0, kept < 0 ? this.#rows.length : kept);
    for (const row of removed) this.#bytes -= row.bytes;
  }
}
