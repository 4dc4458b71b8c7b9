/** The sessions with one address: made when they are needed, bounded, used again, closed when nobody needs them. */
import { DatabaseError } from "./database.ts";
import type { DatabaseSession } from "./database.ts";

const sessionsMax = 20;
/** How long one waits for a session that another gives back. */
const waitMsMax = 30_000;
/** Idle sessions are closed after one to two of these. */
const idleMs = 30_000;

interface Waiter {
  readonly resolve: (session: DatabaseSession) => void;
  readonly reject: (error: unknown) => void;
  readonly timeout: NodeJS.Timeout;
}

/** Sessions of all addresses together. */
export interface SessionCount {
  open: number;
  readonly max: number;
}

export class SessionPool {
  readonly #connect: () => Promise<DatabaseSession>;
  readonly #count: SessionCount;
  readonly #idle: DatabaseSession[] = [];
  readonly #waiters: Waiter[] = [];
  /** Those that nobody used since the timer was last run. */
  readonly #stale = new Set<DatabaseSession>();
  #open = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(connect: () => Promise<DatabaseSession>, count: SessionCount) {
    this.#connect = connect;
    this.#count = count;
  }

  /** Nothing is open, and nobody waits. */
  get unused(): boolean {
    return this.#open === 0;
  }

  async acquire(): Promise<DatabaseSession> {
    for (;;) {
      const session = this.#idle.pop();
      if (session === undefined) break;
      if (session.usable) {
        this.#stale.delete(session);
        return session;
      }
      this.#discard(session);
    }
    if (this.#open < sessionsMax) return await this.#openAnother();
    return await new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new DatabaseError("connection-failure", `all ${sessionsMax} connections stayed in use`));
      }, waitMsMax);
      const waiter: Waiter = { resolve, reject, timeout };
      this.#waiters.push(waiter);
    });
  }

  /** Takes a session back; what its user has left in it is cleared first. */
  release(session: DatabaseSession): void {
    const clear = async (): Promise<void> => {
      if (session.usable) await session.reset();
    };
    clear().then(
      () => this.#give(session),
      () => {
        session.close();
        this.#give(session);
      },
    );
  }

  #give(session: DatabaseSession): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) clearTimeout(waiter.timeout);
    if (session.usable) {
      if (waiter !== undefined) return waiter.resolve(session);
      this.#idle.push(session);
      this.#timer ??= setInterval(() => this.#closeStale(), idleMs).unref();
      return;
    }
    this.#discard(session);
    if (waiter !== undefined) this.#openAnother().then(waiter.resolve, waiter.reject);
  }

  async #openAnother(): Promise<DatabaseSession> {
    if (this.#count.open >= this.#count.max) {
      throw new DatabaseError("connection-failure", `${this.#count.max} connections to databases are open`);
    }
    this.#open += 1;
    this.#count.open += 1;
    try {
      return await this.#connect();
    } catch (error) {
      this.#closed();
      throw error;
    }
  }

  #closeStale(): void {
    for (const session of this.#idle.splice(0)) {
      if (this.#stale.has(session) || !session.usable) this.#discard(session);
      else {
        this.#stale.add(session);
        this.#idle.push(session);
      }
    }
    if (this.#idle.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #discard(session: DatabaseSession): void {
    this.#stale.delete(session);
    session.close();
    this.#closed();
  }

  #closed(): void {
    this.#open -= 1;
    this.#count.open -= 1;
  }
}
