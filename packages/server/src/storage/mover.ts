/**
 * The background work: moves journal entries into segments and worker rows, removes journal rows and the remains of
 * deleted workers, and writes the write-ahead log back into the database. It runs in short steps between the
 * transactions of waiting writers, on the same thread. A step that fails changes nothing and is tried again later: its
 * data is still in the journal.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Transactions } from "./database.ts";
import { pageBytes } from "./database.ts";
import type { DeletedWorkers } from "./deleted-workers.ts";
import type { Journal } from "./journal.ts";
import type { StorageLimits } from "./limits.ts";
import type { Segments } from "./segments.ts";
import { Statement } from "./statement.ts";
import type { WorkerState, WorkerStates } from "./worker-states.ts";
import type { WorkerTable } from "./worker-table.ts";
import { columnsOf } from "./worker-table.ts";

export interface MoverParts {
  readonly transactions: Transactions;
  readonly states: WorkerStates;
  readonly journal: Journal;
  readonly segments: Segments;
  readonly table: WorkerTable;
  readonly deleted: DeletedWorkers;
  readonly limits: StorageLimits;
}

interface CheckpointResult {
  readonly busy: number;
  /** Pages in the log, and how many of them were written back. */
  readonly log: number;
  readonly checkpointed: number;
}

/** A worker row is about this many bytes beside its segments. */
const rowBytesEstimate = 512;

export class Mover {
  readonly #parts: MoverParts;
  readonly #checkpoint: Statement<[], CheckpointResult>;
  readonly #logState: Statement<[], CheckpointResult>;
  /** Workers whose entries are to be moved before the journal rows up to `#boundary` can go. */
  #queue: WorkerState[] = [];
  #boundary = 0;
  /** What the log held after so many commits. */
  #log = { afterCommits: -1, bytes: 0 };

  constructor(database: DatabaseSync, parts: MoverParts) {
    this.#parts = parts;
    this.#checkpoint = new Statement(database, "PRAGMA wal_checkpoint(PASSIVE)");
    this.#logState = new Statement(database, "PRAGMA wal_checkpoint(NOOP)");
  }

  /** Whether new appends must wait for the journal to become smaller. */
  get mustWait(): boolean {
    return this.#parts.journal.bytes >= this.#parts.limits.journalBytesMax;
  }

  get hasWork(): boolean {
    return this.#nextStep() !== undefined;
  }

  /** Begins to move everything in the journal, however little it is. */
  moveAll(): void {
    const { states, journal } = this.#parts;
    if (this.#queue.length > 0) return;
    this.#queue = [...states.dirty].toReversed();
    this.#boundary = journal.nextSequence - 1;
  }

  /** Does one step, which moves about `moveBytes`. */
  step(moveBytes: number): void {
    this.#nextStep()?.(moveBytes);
  }

  #nextStep(): ((moveBytes: number) => void) | undefined {
    const { states, journal, deleted, limits } = this.#parts;
    if (this.logBytes >= limits.checkpointBytes) return () => this.#writeBack();
    if (this.#queue.length > 0) return (moveBytes) => this.#move(moveBytes);
    if (deleted.nextWithSegments !== undefined) return () => this.#removeSegments();
    if (journal.nextRemoval(this.#boundary) !== undefined) return () => this.#removeRows();
    if (journal.bytes >= limits.journalMoveBytes || states.dirty.size >= limits.journalMoveWorkers) {
      return (moveBytes) => {
        this.moveAll();
        if (this.#queue.length > 0) this.#move(moveBytes);
      };
    }
    return undefined;
  }

  /** Bytes in the write-ahead log that were not written back. */
  get logBytes(): number {
    const { commits } = this.#parts.transactions;
    if (this.#log.afterCommits !== commits) {
      const state = this.#logState.get();
      const bytes = state === undefined ? 0 : (state.log - state.checkpointed) * pageBytes;
      this.#log = { afterCommits: commits, bytes };
    }
    return this.#log.bytes;
  }

  /** The only connection has no read transaction open here, so all of the log is written back and it begins anew. */
  #writeBack(): void {
    this.#log = { afterCommits: -1, bytes: 0 };
    this.#checkpoint.get();
  }

  /** Entries that arrived after the queue was filled are moved along: they are as durable as the others. */
  #move(moveBytes: number): void {
    const { transactions, states, segments, table } = this.#parts;
    const moved: WorkerState[] = [];
    let bytes = 0;
    try {
      transactions.rearrange(() => {
        for (let at = this.#queue.length - 1; at >= 0 && bytes < moveBytes; at -= 1) {
          const state = this.#queue[at];
          if (state === undefined) break;
          moved.push(state);
          const { newest } = state;
          // A worker that was deleted since has no entries to keep.
          if (newest === undefined || !states.dirty.has(state)) continue;
          bytes += segments.append(state.key, state.pending) + rowBytesEstimate;
          table.write(state, newest);
        }
      });
    } catch (error) {
      table.rolledBack();
      throw error;
    }
    this.#queue.length -= moved.length;
    for (const state of moved) this.#noteMoved(state);
    states.evict();
  }

  #noteMoved(state: WorkerState): void {
    const { newest } = state;
    if (newest === undefined || !this.#parts.states.dirty.delete(state)) return;
    state.stored = columnsOf(newest);
    state.environmentStored = true;
    state.movedIndex = state.lastIndex;
    state.pending = [];
  }

  #removeRows(): void {
    const { transactions, journal, deleted } = this.#parts;
    const last = journal.nextRemoval(this.#boundary);
    if (last === undefined) return;
    const finished = deleted.finished(last + 1);
    transactions.rearrange(() => {
      journal.remove(last);
      for (const key of finished) deleted.forget(key);
    });
    journal.noteRemoved(last);
    for (const key of finished) deleted.noteForgotten(key);
  }

  #removeSegments(): void {
    const { transactions, deleted } = this.#parts;
    const key = deleted.nextWithSegments;
    if (key === undefined) return;
    if (transactions.rearrange(() => deleted.removeSegments(key))) deleted.noteSegmentsRemoved();
  }
}
