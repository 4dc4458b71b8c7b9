/** Prepared statements with types. SQL is written by hand; the types say what its author knows of it. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

export type SqlValue = SQLInputValue;

/** A prepared statement with these parameters, in order, and rows of this shape. */
export class Statement<Parameters extends readonly SqlValue[], Row = never> {
  readonly #statement: StatementSync;

  constructor(database: DatabaseSync, sql: string) {
    this.#statement = database.prepare(sql);
  }

  /** Returns how many rows it changed. */
  run(...parameters: Parameters): number {
    return Number(this.#statement.run(...parameters).changes);
  }

  get(...parameters: Parameters): Row | undefined {
    return this.#statement.get(...parameters) as Row | undefined;
  }

  all(...parameters: Parameters): Row[] {
    return this.#statement.all(...parameters) as Row[];
  }

  /** Rows one by one. The iterator must be finished or returned before the transaction ends. */
  iterate(...parameters: Parameters): NodeJS.Iterator<Row> {
    return this.#statement.iterate(...parameters) as NodeJS.Iterator<Row>;
  }
}

/** Keeps the prepared form of statements whose text is made at run time, the least recently used ones leave. */
export class StatementCache {
  readonly #database: DatabaseSync;
  readonly #capacity: number;
  readonly #statements = new Map<string, Statement<readonly SqlValue[], unknown>>();

  constructor(database: DatabaseSync, capacity: number) {
    this.#database = database;
    this.#capacity = capacity;
  }

  prepare<Row>(sql: string): Statement<readonly SqlValue[], Row> {
    const known = this.#statements.get(sql);
    this.#statements.delete(sql);
    const statement = known ?? new Statement<readonly SqlValue[], unknown>(this.#database, sql);
    this.#statements.set(sql, statement);
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= this.#capacity) break;
      this.#statements.delete(oldest);
    }
    return statement as Statement<readonly SqlValue[], Row>;
  }
}
