/** Made of packages/sdk/wit/golem-rdbms/mysql.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type DbConnection = number;

export type DbResultStream = number;

export type DbTransaction = number;

export type DbColumnType =
  | { readonly tag: "boolean"; readonly val?: undefined }
  | { readonly tag: "tinyint"; readonly val?: undefined }
  | { readonly tag: "smallint"; readonly val?: undefined }
  | { readonly tag: "mediumint"; readonly val?: undefined }
  | { readonly tag: "int"; readonly val?: undefined }
  | { readonly tag: "bigint"; readonly val?: undefined }
  | { readonly tag: "tinyint-unsigned"; readonly val?: undefined }
  | { readonly tag: "smallint-unsigned"; readonly val?: undefined }
  | { readonly tag: "mediumint-unsigned"; readonly val?: undefined }
  | { readonly tag: "int-unsigned"; readonly val?: undefined }
  | { readonly tag: "bigint-unsigned"; readonly val?: undefined }
  | { readonly tag: "float"; readonly val?: undefined }
  | { readonly tag: "double"; readonly val?: undefined }
  | { readonly tag: "decimal"; readonly val?: undefined }
  | { readonly tag: "date"; readonly val?: undefined }
  | { readonly tag: "datetime"; readonly val?: undefined }
  | { readonly tag: "timestamp"; readonly val?: undefined }
  | { readonly tag: "time"; readonly val?: undefined }
  | { readonly tag: "year"; readonly val?: undefined }
  | { readonly tag: "fixchar"; readonly val?: undefined }
  | { readonly tag: "varchar"; readonly val?: undefined }
  | { readonly tag: "tinytext"; readonly val?: undefined }
  | { readonly tag: "text"; readonly val?: undefined }
  | { readonly tag: "mediumtext"; readonly val?: undefined }
  | { readonly tag: "longtext"; readonly val?: undefined }
  | { readonly tag: "binary"; readonly val?: undefined }
  | { readonly tag: "varbinary"; readonly val?: undefined }
  | { readonly tag: "tinyblob"; readonly val?: undefined }
  | { readonly tag: "blob"; readonly val?: undefined }
  | { readonly tag: "mediumblob"; readonly val?: undefined }
  | { readonly tag: "longblob"; readonly val?: undefined }
  | { readonly tag: "enumeration"; readonly val?: undefined }
  | { readonly tag: "set"; readonly val?: undefined }
  | { readonly tag: "bit"; readonly val?: undefined }
  | { readonly tag: "json"; readonly val?: undefined };

export type DbColumn = {
  readonly ordinal: bigint;
  readonly name: string;
  readonly dbType: DbColumnType;
  readonly dbTypeName: string;
};

export type Date = { readonly year: number; readonly month: number; readonly day: number };

export type Timestamp = { readonly date: Date; readonly time: Time };

export type Time = {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
};

export type DbValue =
  | { readonly tag: "boolean"; readonly val: boolean }
  | { readonly tag: "tinyint"; readonly val: number }
  | { readonly tag: "smallint"; readonly val: number }
  | { readonly tag: "mediumint"; readonly val: number }
  | { readonly tag: "int"; readonly val: number }
  | { readonly tag: "bigint"; readonly val: bigint }
  | { readonly tag: "tinyint-unsigned"; readonly val: number }
  | { readonly tag: "smallint-unsigned"; readonly val: number }
  | { readonly tag: "mediumint-unsigned"; readonly val: number }
  | { readonly tag: "int-unsigned"; readonly val: number }
  | { readonly tag: "bigint-unsigned"; readonly val: bigint }
  | { readonly tag: "float"; readonly val: number }
  | { readonly tag: "double"; readonly val: number }
  | { readonly tag: "decimal"; readonly val: string }
  | { readonly tag: "date"; readonly val: Date }
  | { readonly tag: "datetime"; readonly val: Timestamp }
  | { readonly tag: "timestamp"; readonly val: Timestamp }
  | { readonly tag: "time"; readonly val: Time }
  | { readonly tag: "year"; readonly val: number }
  | { readonly tag: "fixchar"; readonly val: string }
  | { readonly tag: "varchar"; readonly val: string }
  | { readonly tag: "tinytext"; readonly val: string }
  | { readonly tag: "text"; readonly val: string }
  | { readonly tag: "mediumtext"; readonly val: string }
  | { readonly tag: "longtext"; readonly val: string }
  | { readonly tag: "binary"; readonly val: Uint8Array }
  | { readonly tag: "varbinary"; readonly val: Uint8Array }
  | { readonly tag: "tinyblob"; readonly val: Uint8Array }
  | { readonly tag: "blob"; readonly val: Uint8Array }
  | { readonly tag: "mediumblob"; readonly val: Uint8Array }
  | { readonly tag: "longblob"; readonly val: Uint8Array }
  | { readonly tag: "enumeration"; readonly val: string }
  | { readonly tag: "set"; readonly val: string }
  | { readonly tag: "bit"; readonly val: readonly boolean[] }
  | { readonly tag: "json"; readonly val: string }
  | { readonly tag: "null"; readonly val?: undefined };

export type DbRow = { readonly values: readonly DbValue[] };

export type Error =
  | { readonly tag: "connection-failure"; readonly val: string }
  | { readonly tag: "query-parameter-failure"; readonly val: string }
  | { readonly tag: "query-execution-failure"; readonly val: string }
  | { readonly tag: "query-response-failure"; readonly val: string }
  | { readonly tag: "other"; readonly val: string };

export type DbResult = { readonly columns: readonly DbColumn[]; readonly rows: readonly DbRow[] };

/** golem:rdbms/mysql@0.0.1 */
export interface GolemRdbmsMysql {
  readonly name: "golem:rdbms/mysql@0.0.1";
  readonly functions: {
    readonly "[method]db-result-stream.get-columns": (self: DbResultStream) => readonly DbColumn[];
    readonly "[method]db-result-stream.get-next": (self: DbResultStream) => readonly DbRow[] | undefined;
    readonly "[static]db-connection.open": (address: string) => Result<DbConnection, Error>;
    readonly "[method]db-connection.query": (
      self: DbConnection,
      statement: string,
      params: readonly DbValue[],
    ) => Result<DbResult, Error>;
    readonly "[method]db-connection.query-stream": (
      self: DbConnection,
      statement: string,
      params: readonly DbValue[],
    ) => Result<DbResultStream, Error>;
    readonly "[method]db-connection.execute": (
      self: DbConnection,
      statement: string,
      params: readonly DbValue[],
    ) => Result<bigint, Error>;
    readonly "[method]db-connection.begin-transaction": (self: DbConnection) => Result<DbTransaction, Error>;
    readonly "[method]db-transaction.query": (
      self: DbTransaction,
      statement: string,
      params: readonly DbValue[],
    ) => Result<DbResult, Error>;
    readonly "[method]db-transaction.query-stream": (
      self: DbTransaction,
      statement: string,
      params: readonly DbValue[],
    ) => Result<DbResultStream, Error>;
    readonly "[method]db-transaction.execute": (
      self: DbTransaction,
      statement: string,
      params: readonly DbValue[],
    ) => Result<bigint, Error>;
    readonly "[method]db-transaction.commit": (self: DbTransaction) => Result<void, Error>;
    readonly "[method]db-transaction.rollback": (self: DbTransaction) => Result<void, Error>;
  };
  readonly resources: "db-result-stream" | "db-connection" | "db-transaction";
}
