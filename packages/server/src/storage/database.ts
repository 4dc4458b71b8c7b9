/** The connection to the embedded database, and its transactions. */
import { DatabaseSync } from "node:sqlite";
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

/** Runs transactions on a connection. */
export class Transactions {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  begin(): void {
    this.#database.exec("BEGIN IMMEDIATE");
  }

  /** Durable when it returns. If it throws, the transaction is still to be rolled back. */
  commit(): void {
    this.#database.exec("COMMIT");
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
