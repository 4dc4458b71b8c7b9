/** Sessions with a database as long as the instance lives that needs them. */
import type { Database, DatabaseSession } from "../../platform/databases/database.ts";

/** A session that is held; it is closed when the instance ends, with whatever it does just then. */
export class HeldSession {
  readonly session: DatabaseSession;
  readonly #database: Database;
  readonly #signal: AbortSignal;
  #released = false;

  private constructor(database: Database, session: DatabaseSession, signal: AbortSignal) {
    this.#database = database;
    this.session = session;
    this.#signal = signal;
    signal.addEventListener("abort", session.close, { once: true });
  }

  static async acquire(database: Database, signal: AbortSignal): Promise<HeldSession> {
    const session = await database.acquire();
    const held = new HeldSession(database, session, signal);
    if (!signal.aborted) return held;
    held.release();
    throw signal.reason;
  }

  /** What is open in it is rolled back. May be called again. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#signal.removeEventListener("abort", this.session.close);
    this.#database.release(this.session);
  }

  /** An error that comes of the instance's end is no answer of the database. */
  async use<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    try {
      return await work(this.session);
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }
}

/** A session for one statement. */
export async function withSession<T>(
  database: Database,
  signal: AbortSignal,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  const held = await HeldSession.acquire(database, signal);
  try {
    return await held.use(work);
  } finally {
    held.release();
  }
}
