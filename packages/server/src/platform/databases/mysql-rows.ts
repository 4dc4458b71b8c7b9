/** The rows of one statement as they come. While nobody reads them the connection is paused. */
import type { Connection } from "mysql2";
import type { Cell, ResultRow, ResultShape, RowStream } from "./database.ts";
import { DatabaseError, pageBytes, pageRowsMax, resultBytesMax, rowBytes } from "./database.ts";
import { databaseError } from "./mysql-errors.ts";
import type { MysqlColumn, MysqlField } from "./mysql-types.ts";

/** What the package tells of a running statement. */
export interface MysqlCommand {
  on(event: "fields", listener: (fields: readonly MysqlColumn[] | undefined) => void): this;
  on(event: "result", listener: (row: unknown) => void): this;
  on(event: "error", listener: (error: unknown) => void): this;
  on(event: "end", listener: () => void): this;
}

export interface Reading {
  readonly connection: Connection;
  readonly shapeOf: (fields: readonly MysqlColumn[]) => ResultShape;
  readonly cellOf: (value: unknown, field: MysqlField) => Cell;
  /** Gets each row; without it, rows wait until they are asked for. */
  readonly onRow: ((row: ResultRow) => void) | undefined;
}

export class MysqlRows implements RowStream {
  shape: ResultShape = { columns: [], types: [] };
  /** What is left when it is closed is read and thrown away; otherwise the connection ends. */
  drains = false;
  readonly #reading: Reading;
  readonly #begun = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<bigint>();
  #fields: readonly MysqlColumn[] | undefined;
  #waiting: ResultRow[] = [];
  #waitingBytes = 0;
  #affected = 0n;
  #results = 0;
  #done = false;
  #error: DatabaseError | undefined;
  #wanted: (() => void) | undefined;
  /** What is read in one go may fill the memory only so far. */
  #bytesMax = pageBytes;
  #discarding = false;

  private constructor(command: MysqlCommand, reading: Reading) {
    this.#reading = reading;
    this.#ended.promise.catch(() => undefined);
    command.on("fields", (fields) => this.#take(fields));
    command.on("result", (row) => this.#row(row));
    command.on("error", (error) => this.#end(databaseError(error)));
    command.on("end", () => this.#end(undefined));
  }

  /** Resolves when the columns are known. */
  static async read(command: MysqlCommand, reading: Reading): Promise<MysqlRows> {
    const rows = new MysqlRows(command, reading);
    await rows.#begun.promise;
    return rows;
  }

  /** How many rows the statement has changed. */
  get ended(): Promise<bigint> {
    return this.#ended.promise;
  }

  readonly next = async (): Promise<readonly ResultRow[] | undefined> => {
    if (this.#discarding) return undefined;
    while (!this.#done && this.#waitingBytes < pageBytes && this.#waiting.length < pageRowsMax) {
      await new Promise<void>((resolve) => {
        this.#wanted = resolve;
        this.#reading.connection.resume();
      });
    }
    if (this.#waiting.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      return undefined;
    }
    return this.#takePage();
  };

  /** Reads the rest into memory: the connection is needed for something else. */
  async keep(): Promise<void> {
    this.#bytesMax = resultBytesMax;
    while (!this.#done) {
      if (this.#waitingBytes >= resultBytesMax) {
        const message = `more than ${resultBytesMax} bytes of a stream have not been read, and the next statement waits for them`;
        throw new DatabaseError("other", message);
      }
      await new Promise<void>((resolve) => {
        this.#wanted = resolve;
        this.#reading.connection.resume();
      });
    }
  }

  readonly close = async (): Promise<void> => {
    this.#discarding = true;
    this.#waiting = [];
    if (this.#done) return;
    if (this.drains) this.#reading.connection.resume();
    else {
      // There may be more to come than is worth waiting for.
      this.#reading.connection.destroy();
      this.#end(undefined);
    }
    await this.#ended.promise.catch(() => undefined);
  };

  #takePage(): readonly ResultRow[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < pageRowsMax && bytes < pageBytes) {
      bytes += rowBytes(this.#waiting[count] ?? []);
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  #take(fields: readonly MysqlColumn[] | undefined): void {
    this.#results += 1;
    // Of a procedure's several results the first one is given.
    if (this.#results > 1) return;
    this.#fields = fields;
    if (fields !== undefined) this.shape = this.#reading.shapeOf(fields);
    this.#begun.resolve();
  }

  #row(raw: unknown): void {
    if (!Array.isArray(raw)) {
      const { affectedRows } = raw as { readonly affectedRows?: number };
      this.#affected += BigInt(affectedRows ?? 0);
      return;
    }
    const fields = this.#fields;
    if (this.#results > 1 || this.#discarding || fields === undefined) return;
    const { cellOf, onRow, connection } = this.#reading;
    const row = fields.map((field, index) => cellOf(raw[index], field));
    if (onRow !== undefined) return onRow(row);
    this.#waiting.push(row);
    this.#waitingBytes += rowBytes(row);
    if (this.#waitingBytes < this.#bytesMax && (this.#waiting.length < pageRowsMax || this.#bytesMax > pageBytes))
      return;
    connection.pause();
    this.#wake();
  }

  #end(error: DatabaseError | undefined): void {
    if (this.#done) return;
    this.#done = true;
    this.#error = error;
    if (error === undefined) {
      this.#begun.resolve();
      this.#ended.resolve(this.#affected);
    } else {
      this.#begun.reject(error);
      this.#ended.reject(error);
    }
    this.#wake();
  }

  #wake(): void {
    this.#wanted?.();
    this.#wanted = undefined;
  }
}
