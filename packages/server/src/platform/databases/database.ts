/**
 * Relational databases as hosts use them. What comes from one is kept in the form in which it was sent, texts above
 * all: so it is recorded, and becomes the guest's values when it is taken from the record.
 */

export const databaseErrorCodes = [
  "connection-failure",
  "query-parameter-failure",
  "query-execution-failure",
  "query-response-failure",
  "other",
] as const;

export type DatabaseErrorCode = (typeof databaseErrorCodes)[number];

/** What the guest is told of as an error. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type DatabaseKind = "postgres" | "mysql";

export type Cell =
  | { readonly tag: "null"; readonly val: undefined }
  | { readonly tag: "text"; readonly val: string }
  | { readonly tag: "bytes"; readonly val: Uint8Array };

export const nullCell: Cell = { tag: "null", val: undefined };

export function textCell(val: string): Cell {
  return { tag: "text", val };
}

export interface StatementParameter {
  /** The type's name; an array's is that of its elements, with `[]` behind. Empty when the database has to find out. */
  readonly type: string;
  readonly value: Cell;
}

export interface Statement {
  readonly text: string;
  readonly parameters: readonly StatementParameter[];
}

export interface ResultColumn {
  readonly name: string;
  /** The `id` of one of the result's types. */
  readonly type: number;
}

export const typeKinds = ["base", "enumeration", "composite", "domain", "array", "range"] as const;

export interface ResultType {
  readonly id: number;
  readonly name: string;
  readonly kind: (typeof typeKinds)[number];
  /** That of an array's elements, below a domain, of a range's bounds; otherwise 0. */
  readonly base: number;
  /** Of a composite type. */
  readonly attributes: readonly ResultColumn[];
}

export interface ResultShape {
  readonly columns: readonly ResultColumn[];
  /** All that the columns' types consist of, too. */
  readonly types: readonly ResultType[];
}

export type ResultRow = readonly Cell[];

export interface StatementResult extends ResultShape {
  readonly rows: readonly ResultRow[];
  readonly affected: bigint;
}

export interface RowStream {
  readonly shape: ResultShape;
  /** The next page; undefined at the end. */
  readonly next: () => Promise<readonly ResultRow[] | undefined>;
  /** Gives up what has not been read; the session can be used for something else. */
  readonly close: () => Promise<void>;
}

/** One connection, for one user at a time. Rejects with `DatabaseError`. */
export interface DatabaseSession {
  /** False once the connection is gone, or in the midst of something. */
  readonly usable: boolean;
  readonly run: (statement: Statement) => Promise<StatementResult>;
  /** Of rows that come page by page. */
  readonly stream: (statement: Statement) => Promise<RowStream>;
  readonly begin: () => Promise<void>;
  /**
   * Prepares the commit of the open transaction: by the token it can be found out later whether it was committed.
   * Empty where it has changed nothing, undefined where nothing will be found out.
   */
  readonly commitToken: (unique: string) => Promise<string | undefined>;
  readonly commit: () => Promise<void>;
  readonly rollback: () => Promise<void>;
  /** What one user has set is no other's business. */
  readonly reset: () => Promise<void>;
  readonly close: () => void;
}

export type CommitOutcome = "committed" | "rolled-back" | "in-progress" | "unknown";

/** A database at one address. */
export interface Database {
  /** What it is called where it is recorded: the address without its secrets. */
  readonly title: string;
  /** A session of its own, to be given back. */
  readonly acquire: () => Promise<DatabaseSession>;
  /** One that isn't usable is closed. */
  readonly release: (session: DatabaseSession) => void;
  /** What became of the transaction with this token. */
  readonly outcome: (token: string) => Promise<CommitOutcome>;
  /** The outcome is recorded: nobody will ask for it. */
  readonly forget: (token: string) => void;
}

export interface Databases {
  /** Does not connect. Throws `DatabaseError` when that is no address. */
  readonly open: (kind: DatabaseKind, address: string) => Database;
}

/** Bytes that the result of a statement may have; longer ones are read as streams. */
export const resultBytesMax = 32 * 1024 * 1024;

/** What one page of a stream is to have, about. */
export const pageBytes = 256 * 1024;
export const pageRowsMax = 1000;

export function tooLarge(): DatabaseError {
  const message = `the result is larger than ${resultBytesMax} bytes: read it as a stream`;
  return new DatabaseError("query-response-failure", message);
}

export function rowBytes(row: ResultRow): number {
  let bytes = 16;
  for (const { val } of row) bytes += 16 + (val?.length ?? 0);
  return bytes;
}
