/** The connection to the embedded database, and its transactions. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { StoreError } from "../platform/store-error.ts";
import type { StorageLimits } from "./limits.ts";
import { migrate } from "./schema.ts";
import { isBusy } from "./sqlite-error.ts";

/** Of new databases. */
export const pageBytes = 4096;

/**
 * Opens the one connection that writes. It locks the database for itself until it is closed or the process ends: with
 * `locking_mode=EXCLUSIVE` SQLite also keeps the index of the write-ahead log in memory instead of a shared file.
 */
export function openConnection(path: string, limits: StorageLimits): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA page_size = ${pageBytes};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -${Math.ceil(limits.cacheBytes / 1024)};
      PRAGMA temp_store = MEMORY;
    `);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new StoreError("failed", `cannot open "${path}": another process uses this data directory`, { cause: error });
  }
}

/** In small pieces: pages that were written together are later accounted as written together. */
const fillBytes = pageBytes;

/**
 * Fills the write-ahead log up with zeros behind what is in it. To SQLite they are like the old frames that lie behind
 * the current ones after a checkpoint: not part of the log. Its locks lie on the database's file, so that opening and
 * closing this one doesn't end them. Without room on the disk the log stays as it was.
 */
export function fillLog(databasePath: string, bytesMin: number): void {
  const file = openSync(`${databasePath}-wal`, "r+");
  try {
    const before = fstatSync(file).size;
    try {
      const zeros = Buffer.alloc(fillBytes);
      for (let size = before; size < bytesMin; size += fillBytes) writeSync(file, zeros, 0, fillBytes, size);
      fsyncSync(file);
    } catch {
      ftruncateSync(file, before);
    }
  } finally {
    closeSync(file);
  }
}

/** Runs transactions on a connection. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #commits = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
  }

  /** How many there were: what depends on the database's files alone changes with it. */
  get commits(): number {
    return this.#commits;
  }

  begin(): void {
    this.#begin.run();
  }

  /** Durable when it returns. If it throws, the transaction is still to be rolled back. */
  commit(): void {
    this.#commits += 1;
    this.#commit.run();
  }

  /** SQLite has rolled back by itself after some errors, such as a full disk. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
  }

  /**
   * Runs a transaction that need not be durable when it ends: it only rearranges what is durable in another form. It
   * isn't synced, the next durable commit or the checkpoint syncs it. The write-ahead log is replayed up to the first
   * damaged frame, so what survives a power cut is a prefix of the commits in any case: a lost rearrangement takes none
   * of the acknowledged commits before it with it.
   */
  rearrange<T>(work: () => T): T {
    this.#database.exec("PRAGMA synchronous = NORMAL");
    try {
      this.begin();
      const result = work();
      this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    } finally {
      this.#database.exec("PRAGMA synchronous = FULL");
    }
  }
}
