/** Made of packages/sdk/wit/golem-rdbms/postgres.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type DbConnection = number;

export type DbResultStream = number;

export type DbTransaction = number;

export type LazyDbColumnType = number;

export type LazyDbValue = number;

export type Timestamp = { readonly date: Date; readonly time: Time };

export type Timestamptz = { readonly timestamp: Timestamp; readonly offset: number };

export type Date = { readonly year: number; readonly month: number; readonly day: number };

export type Time = {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
};

export type Timetz = { readonly time: Time; readonly offset: number };

export type Interval = { readonly months: number; readonly days: number; readonly microseconds: bigint };

export type Uuid = { readonly highBits: bigint; readonly lowBits: bigint };

export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: readonly [number, number, number, number] }
  | { readonly tag: "ipv6"; readonly val: readonly [number, number, number, number, number, number, number, number] };

export type MacAddress = { readonly octets: readonly [number, number, number, number, number, number] };

export type Int4bound =
  | { readonly tag: "included"; readonly val: number }
  | { readonly tag: "excluded"; readonly val: number }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type Int4range = { readonly start: Int4bound; readonly end: Int4bound };

export type Int8bound =
  | { readonly tag: "included"; readonly val: bigint }
  | { readonly tag: "excluded"; readonly val: bigint }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type Int8range = { readonly start: Int8bound; readonly end: Int8bound };

export type Numbound =
  | { readonly tag: "included"; readonly val: string }
  | { readonly tag: "excluded"; readonly val: string }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type Numrange = { readonly start: Numbound; readonly end: Numbound };

export type Tsbound =
  | { readonly tag: "included"; readonly val: Timestamp }
  | { readonly tag: "excluded"; readonly val: Timestamp }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type Tsrange = { readonly start: Tsbound; readonly end: Tsbound };

export type Tstzbound =
  | { readonly tag: "included"; readonly val: Timestamptz }
  | { readonly tag: "excluded"; readonly val: Timestamptz }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type Tstzrange = { readonly start: Tstzbound; readonly end: Tstzbound };

export type Datebound =
  | { readonly tag: "included"; readonly val: Date }
  | { readonly tag: "excluded"; readonly val: Date }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type Daterange = { readonly start: Datebound; readonly end: Datebound };

export type Enumeration = { readonly name: string; readonly value: string };

export type Composite = { readonly name: string; readonly values: readonly LazyDbValue[] };

export type Domain = { readonly name: string; readonly value: LazyDbValue };

export type ValueBound =
  | { readonly tag: "included"; readonly val: LazyDbValue }
  | { readonly tag: "excluded"; readonly val: LazyDbValue }
  | { readonly tag: "unbounded"; readonly val?: undefined };

export type ValuesRange = { readonly start: ValueBound; readonly end: ValueBound };

export type Range = { readonly name: string; readonly value: ValuesRange };

export type DbValue =
  | { readonly tag: "character"; readonly val: number }
  | { readonly tag: "int2"; readonly val: number }
  | { readonly tag: "int4"; readonly val: number }
  | { readonly tag: "int8"; readonly val: bigint }
  | { readonly tag: "float4"; readonly val: number }
  | { readonly tag: "float8"; readonly val: number }
  | { readonly tag: "numeric"; readonly val: string }
  | { readonly tag: "boolean"; readonly val: boolean }
  | { readonly tag: "text"; readonly val: string }
  | { readonly tag: "varchar"; readonly val: string }
  | { readonly tag: "bpchar"; readonly val: string }
  | { readonly tag: "timestamp"; readonly val: Timestamp }
  | { readonly tag: "timestamptz"; readonly val: Timestamptz }
  | { readonly tag: "date"; readonly val: Date }
  | { readonly tag: "time"; readonly val: Time }
  | { readonly tag: "timetz"; readonly val: Timetz }
  | { readonly tag: "interval"; readonly val: Interval }
  | { readonly tag: "bytea"; readonly val: Uint8Array }
  | { readonly tag: "json"; readonly val: string }
  | { readonly tag: "jsonb"; readonly val: string }
  | { readonly tag: "jsonpath"; readonly val: string }
  | { readonly tag: "xml"; readonly val: string }
  | { readonly tag: "uuid"; readonly val: Uuid }
  | { readonly tag: "inet"; readonly val: IpAddress }
  | { readonly tag: "cidr"; readonly val: IpAddress }
  | { readonly tag: "macaddr"; readonly val: MacAddress }
  | { readonly tag: "bit"; readonly val: readonly boolean[] }
  | { readonly tag: "varbit"; readonly val: readonly boolean[] }
  | { readonly tag: "int4range"; readonly val: Int4range }
  | { readonly tag: "int8range"; readonly val: Int8range }
  | { readonly tag: "numrange"; readonly val: Numrange }
  | { readonly tag: "tsrange"; readonly val: Tsrange }
  | { readonly tag: "tstzrange"; readonly val: Tstzrange }
  | { readonly tag: "daterange"; readonly val: Daterange }
  | { readonly tag: "money"; readonly val: bigint }
  | { readonly tag: "oid"; readonly val: number }
  | { readonly tag: "enumeration"; readonly val: Enumeration }
  | { readonly tag: "composite"; readonly val: Composite }
  | { readonly tag: "domain"; readonly val: Domain }
  | { readonly tag: "array"; readonly val: readonly LazyDbValue[] }
  | { readonly tag: "range"; readonly val: Range }
  | { readonly tag: "null"; readonly val?: undefined };

export type EnumerationType = { readonly name: string };

export type CompositeType = {
  readonly name: string;
  readonly attributes: readonly (readonly [string, LazyDbColumnType])[];
};

export type DomainType = { readonly name: string; readonly baseType: LazyDbColumnType };

export type RangeType = DomainType;

export type DbColumnType =
  | { readonly tag: "character"; readonly val?: undefined }
  | { readonly tag: "int2"; readonly val?: undefined }
  | { readonly tag: "int4"; readonly val?: undefined }
  | { readonly tag: "int8"; readonly val?: undefined }
  | { readonly tag: "float4"; readonly val?: undefined }
  | { readonly tag: "float8"; readonly val?: undefined }
  | { readonly tag: "numeric"; readonly val?: undefined }
  | { readonly tag: "boolean"; readonly val?: undefined }
  | { readonly tag: "text"; readonly val?: undefined }
  | { readonly tag: "varchar"; readonly val?: undefined }
  | { readonly tag: "bpchar"; readonly val?: undefined }
  | { readonly tag: "timestamp"; readonly val?: undefined }
  | { readonly tag: "timestamptz"; readonly val?: undefined }
  | { readonly tag: "date"; readonly val?: undefined }
  | { readonly tag: "time"; readonly val?: undefined }
  | { readonly tag: "timetz"; readonly val?: undefined }
  | { readonly tag: "interval"; readonly val?: undefined }
  | { readonly tag: "bytea"; readonly val?: undefined }
  | { readonly tag: "uuid"; readonly val?: undefined }
  | { readonly tag: "xml"; readonly val?: undefined }
  | { readonly tag: "json"; readonly val?: undefined }
  | { readonly tag: "jsonb"; readonly val?: undefined }
  | { readonly tag: "jsonpath"; readonly val?: undefined }
  | { readonly tag: "inet"; readonly val?: undefined }
  | { readonly tag: "cidr"; readonly val?: undefined }
  | { readonly tag: "macaddr"; readonly val?: undefined }
  | { readonly tag: "bit"; readonly val?: undefined }
  | { readonly tag: "varbit"; readonly val?: undefined }
  | { readonly tag: "int4range"; readonly val?: undefined }
  | { readonly tag: "int8range"; readonly val?: undefined }
  | { readonly tag: "numrange"; readonly val?: undefined }
  | { readonly tag: "tsrange"; readonly val?: undefined }
  | { readonly tag: "tstzrange"; readonly val?: undefined }
  | { readonly tag: "daterange"; readonly val?: undefined }
  | { readonly tag: "money"; readonly val?: undefined }
  | { readonly tag: "oid"; readonly val?: undefined }
  | { readonly tag: "enumeration"; readonly val: EnumerationType }
  | { readonly tag: "composite"; readonly val: CompositeType }
  | { readonly tag: "domain"; readonly val: DomainType }
  | { readonly tag: "array"; readonly val: LazyDbColumnType }
  | { readonly tag: "range"; readonly val: DomainType };

export type DbColumn = {
  readonly ordinal: bigint;
  readonly name: string;
  readonly dbType: DbColumnType;
  readonly dbTypeName: string;
};

export type DbRow = { readonly values: readonly DbValue[] };

export type Error =
  | { readonly tag: "connection-failure"; readonly val: string }
  | { readonly tag: "query-parameter-failure"; readonly val: string }
  | { readonly tag: "query-execution-failure"; readonly val: string }
  | { readonly tag: "query-response-failure"; readonly val: string }
  | { readonly tag: "other"; readonly val: string };

export type DbResult = { readonly columns: readonly DbColumn[]; readonly rows: readonly DbRow[] };

/** golem:rdbms/postgres@0.0.1 */
export interface GolemRdbmsPostgres {
  readonly name: "golem:rdbms/postgres@0.0.1";
  readonly functions: {
    readonly "[constructor]lazy-db-value": (value: DbValue) => LazyDbValue;
    readonly "[method]lazy-db-value.get": (self: LazyDbValue) => DbValue;
    readonly "[constructor]lazy-db-column-type": (value: DbColumnType) => LazyDbColumnType;
    readonly "[method]lazy-db-column-type.get": (self: LazyDbColumnType) => DbColumnType;
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
  readonly resources: "lazy-db-value" | "lazy-db-column-type" | "db-result-stream" | "db-connection" | "db-transaction";
}
