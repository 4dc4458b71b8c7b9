/** A session with MySQL or MariaDB, on the package `mysql2`. */
import { createConnection } from "mysql2";
import type { Connection } from "mysql2";
import type { DatabaseAddress } from "./address.ts";
import type {
  CommitOutcome,
  DatabaseSession,
  ResultRow,
  ResultShape,
  ResultType,
  RowStream,
  Statement,
  StatementResult,
} from "./database.ts";
import { DatabaseError, resultBytesMax, rowBytes, tooLarge } from "./database.ts";
import {
  databaseError,
  duplicateKey,
  errorNumber,
  lockWaitTimeout,
  markerRefusals,
  notPreparable,
  readOnlyTransaction,
} from "./mysql-errors.ts";
import type { MarkerTable } from "./mysql-markers.ts";
import { MysqlRows } from "./mysql-rows.ts";
import type { MysqlCommand } from "./mysql-rows.ts";
import type { MysqlColumn } from "./mysql-types.ts";
import { boundParameter, cellOf, columnTypeName } from "./mysql-types.ts";

const connectMsMax = 10_000;
const preparedMax = 16;

interface Executing {
  readonly execute: (options: object) => MysqlCommand;
  readonly query: (options: object) => MysqlCommand;
}

/** Statements that leave nothing behind in the session. */
const traceless = /^\s*(select|insert|update|delete|replace|with|values)\b(?!.*(:=|get_lock|\binto\s+@))/isu;

function shapeOf(fields: readonly MysqlColumn[]): ResultShape {
  const ids = new Map<string, number>();
  const columns = fields.map((field) => {
    const type = columnTypeName(field);
    const id = ids.get(type) ?? ids.size;
    ids.set(type, id);
    return { name: field.name, type: id };
  });
  const types = [...ids].map(([name, id]): ResultType => ({ id, name, kind: "base", base: 0, attributes: [] }));
  return { columns, types };
}

const encryption = {
  none: undefined,
  preferred: { rejectUnauthorized: false },
  required: { rejectUnauthorized: false },
  verify: { rejectUnauthorized: true, verifyIdentity: true },
} as const;

export class MysqlSession implements DatabaseSession {
  readonly #connection: Connection;
  readonly #markers: MarkerTable | undefined;
  #closed = false;
  #inTransaction = false;
  #marked = false;
  /** A stream whose rows still come: whatever is next has to wait for its end. */
  #reading: MysqlRows | undefined;

  private constructor(address: DatabaseAddress, markers: MarkerTable | undefined) {
    const { host, port, user, password, database } = address;
    const ssl = encryption[address.encryption];
    this.#markers = markers;
    this.#connection = createConnection({
      host,
      port,
      user,
      password,
      ...(database === "" ? {} : { database }),
      ...(ssl === undefined ? {} : { ssl }),
      connectTimeout: connectMsMax,
      charset: "utf8mb4",
      timezone: "Z",
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      jsonStrings: true,
      // Names of columns are chosen by guests.
      disableEval: true,
      maxPreparedStatements: preparedMax,
      // A database must not be able to ask for the server's files.
      flags: ["-LOCAL_FILES"],
    });
    this.#connection.on("error", () => {
      this.#closed = true;
    });
    this.#connection.on("end", () => {
      this.#closed = true;
    });
  }

  /** Without the table, what became of a transaction can't be found out. */
  static async connect(address: DatabaseAddress, markers: MarkerTable | undefined): Promise<MysqlSession> {
    const session = new MysqlSession(address, markers);
    try {
      await new Promise<void>((resolve, reject) => {
        session.#connection.connect((error) => (error === null ? resolve() : reject(error)));
      });
      await session.#prepareSession();
      return session;
    } catch (error) {
      session.close();
      const { code, message } = databaseError(error);
      throw new DatabaseError(code === "query-execution-failure" ? code : "connection-failure", message, {
        cause: error,
      });
    }
  }

  get usable(): boolean {
    return !this.#closed;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    const rows: ResultRow[] = [];
    let bytes = 0;
    let affected = 0n;
    const reading = await this.#start(statement, (row) => {
      bytes += rowBytes(row);
      if (bytes > resultBytesMax) {
        rows.length = 0;
        this.close();
      } else rows.push(row);
    });
    try {
      affected = await reading.ended;
    } catch (error) {
      throw bytes > resultBytesMax ? tooLarge() : error;
    }
    if (bytes > resultBytesMax) throw tooLarge();
    return { ...reading.shape, rows, affected: reading.shape.columns.length > 0 ? BigInt(rows.length) : affected };
  };

  readonly stream = async (statement: Statement): Promise<RowStream> => {
    const reading = await this.#start(statement, undefined);
    // Given up, it must not take the transaction with it.
    reading.drains = this.#inTransaction;
    this.#reading = reading;
    return reading;
  };

  readonly begin = async (): Promise<void> => {
    // Not later: making a table commits the transaction.
    await this.#markers?.createOnce((text) => this.#do(text));
    await this.#do("START TRANSACTION");
    this.#inTransaction = true;
  };

  /** Writes a row as part of the transaction: when it is there later, the transaction was committed. */
  readonly commitToken = async (unique: string): Promise<string | undefined> => {
    if (this.#markers === undefined) return undefined;
    const token = `${unique}/${this.#connection.threadId}`;
    try {
      await this.run(this.#markers.insert(token));
      return token;
    } catch (error) {
      // Without the table, or the right to write there, nothing can be found out later.
      if (errorNumber(error) === readOnlyTransaction) return "";
      if (markerRefusals.has(errorNumber(error))) return undefined;
      throw error;
    }
  };

  readonly commit = async (): Promise<void> => {
    await this.#do("COMMIT");
    this.#inTransaction = false;
  };

  readonly rollback = async (): Promise<void> => {
    await this.#do("ROLLBACK");
    this.#inTransaction = false;
  };

  readonly reset = async (): Promise<void> => {
    await this.#reading?.close();
    if (this.#inTransaction) await this.rollback();
    if (!this.#marked) return;
    await new Promise<void>((resolve, reject) => {
      this.#connection.reset((error) => (error === null ? resolve() : reject(databaseError(error))));
    });
    await this.#prepareSession();
    this.#marked = false;
  };

  readonly close = (): void => {
    this.#closed = true;
    this.#connection.destroy();
  };

  /**
   * Takes the place of the transaction's marker: when that succeeds, nothing of the transaction is left that could be
   * committed. One that still runs is ended, as nobody is left to do that.
   */
  async outcome(token: string): Promise<CommitOutcome> {
    if (this.#markers === undefined) return "unknown";
    await this.#do("SET innodb_lock_wait_timeout = 1");
    try {
      await this.run(this.#markers.insert(token));
      await this.forget([token]);
      return "rolled-back";
    } catch (error) {
      if (errorNumber(error) === duplicateKey) return "committed";
      if (errorNumber(error) !== lockWaitTimeout) throw error;
      const [, thread = ""] = token.split("/");
      // It may have ended by itself meanwhile.
      if (/^\d+$/u.test(thread)) await this.#do(`KILL ${thread}`).catch(() => undefined);
      return "in-progress";
    }
  }

  async forget(tokens: readonly string[]): Promise<void> {
    if (this.#markers !== undefined) await this.run(this.#markers.remove(tokens));
  }

  async #prepareSession(): Promise<void> {
    await this.#do("SET time_zone = '+00:00', NAMES utf8mb4");
    this.#marked = false;
  }

  /** The session's own statements: they need not be prepared. */
  async #do(text: string): Promise<void> {
    this.#assertOpen();
    await this.#reading?.keep();
    this.#reading = undefined;
    const reading = await this.#read(this.#commands.query({ sql: text, rowsAsArray: true }), () => undefined);
    await reading.ended;
  }

  async #start(statement: Statement, onRow: ((row: ResultRow) => void) | undefined): Promise<MysqlRows> {
    this.#assertOpen();
    if (!traceless.test(statement.text)) this.#marked = true;
    await this.#reading?.keep();
    this.#reading = undefined;
    const values = statement.parameters.map(boundParameter);
    const options = { sql: statement.text, values, rowsAsArray: true };
    try {
      return await this.#read(this.#commands.execute(options), onRow);
    } catch (error) {
      if (errorNumber(error) !== notPreparable || values.length > 0) throw error;
      return await this.#read(this.#commands.query({ sql: statement.text, rowsAsArray: true }), onRow);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new DatabaseError("connection-failure", "the connection was closed");
  }

  get #commands(): Executing {
    return this.#connection as unknown as Executing;
  }

  #read(command: MysqlCommand, onRow: ((row: ResultRow) => void) | undefined): Promise<MysqlRows> {
    return MysqlRows.read(command, { connection: this.#connection, shapeOf, cellOf, onRow });
  }
}
