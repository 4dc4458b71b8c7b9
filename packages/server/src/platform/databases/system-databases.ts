/** Databases over the network; one for all workers of a thread. */
import { parseAddress } from "./address.ts";
import type { DatabaseAddress } from "./address.ts";
import type { CommitOutcome, Database, DatabaseKind, Databases, DatabaseSession } from "./database.ts";
import { MarkerTable } from "./mysql-markers.ts";
import type { MysqlSession } from "./mysql-session.ts";
import type { PostgresSession } from "./postgres-session.ts";
import { SessionPool } from "./session-pool.ts";
import type { SessionCount } from "./session-pool.ts";

/** Connections of one thread, to all databases. */
const connectionsMax = 200;

/** Markers of recorded commits are removed so many at a time. */
const forgottenMax = 50;

// The clients are large, most servers use neither, and every thread would load both before it is ready.

async function connectPostgres(address: DatabaseAddress): Promise<PostgresSession> {
  const { PostgresSession } = await import("./postgres-session.ts");
  return await PostgresSession.connect(address);
}

async function connectMysql(address: DatabaseAddress, markers: MarkerTable | undefined): Promise<MysqlSession> {
  const { MysqlSession } = await import("./mysql-session.ts");
  return await MysqlSession.connect(address, markers);
}

class PostgresDatabase {
  readonly pool: SessionPool;
  readonly #address: DatabaseAddress;

  constructor(address: DatabaseAddress, count: SessionCount) {
    this.#address = address;
    this.pool = new SessionPool(() => connectPostgres(address), count);
  }

  /** The question is asked by a session of its own: a full pool must not keep a worker from going on. */
  async outcome(token: string): Promise<CommitOutcome> {
    const session = await connectPostgres(this.#address);
    try {
      return await session.outcome(token);
    } finally {
      session.close();
    }
  }

  forget(): void {}
}

class MysqlDatabase {
  readonly pool: SessionPool;
  readonly #address: DatabaseAddress;
  readonly #markers: MarkerTable | undefined;
  #forgotten: string[] = [];

  constructor(address: DatabaseAddress, count: SessionCount) {
    this.#address = address;
    this.#markers = address.database === "" ? undefined : new MarkerTable(address.database);
    this.pool = new SessionPool(() => connectMysql(address, this.#markers), count);
  }

  async outcome(token: string): Promise<CommitOutcome> {
    const session = await connectMysql(this.#address, this.#markers);
    try {
      return await session.outcome(token);
    } finally {
      session.close();
    }
  }

  /** A few that are never removed, after a crash, do no harm. */
  forget(token: string): void {
    this.#forgotten.push(token);
    if (this.#forgotten.length < forgottenMax) return;
    const tokens = this.#forgotten.splice(0);
    const remove = async (): Promise<void> => {
      const session = (await this.pool.acquire()) as MysqlSession;
      try {
        await session.forget(tokens);
      } finally {
        this.pool.release(session);
      }
    };
    remove().catch(() => undefined);
  }
}

const kinds = { postgres: PostgresDatabase, mysql: MysqlDatabase } as const;

export function systemDatabases(): Databases {
  const count: SessionCount = { open: 0, max: connectionsMax };
  const known = new Map<string, PostgresDatabase | MysqlDatabase>();
  const atAddress = (kind: DatabaseKind, key: string, address: DatabaseAddress): PostgresDatabase | MysqlDatabase => {
    const found = known.get(key);
    if (found !== undefined) return found;
    for (const [other, { pool }] of known) if (pool.unused) known.delete(other);
    const made = new kinds[kind](address, count);
    known.set(key, made);
    return made;
  };
  return {
    open: (kind, text): Database => {
      const address = parseAddress(kind, text);
      const key = JSON.stringify([kind, address]);
      // Asked for each time: one that nobody uses any more is forgotten.
      const database = (): PostgresDatabase | MysqlDatabase => atAddress(kind, key, address);
      const pools = new WeakMap<DatabaseSession, SessionPool>();
      return {
        title: address.title,
        acquire: async () => {
          const { pool } = database();
          const session = await pool.acquire();
          pools.set(session, pool);
          return session;
        },
        release: (session) => pools.get(session)?.release(session),
        outcome: async (token) => await database().outcome(token),
        forget: (token) => database().forget(token),
      };
    },
  };
}
