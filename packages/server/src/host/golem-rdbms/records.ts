/** What the calls of a database leave in the oplog: rows as the database has sent them. */
import {
  bytes,
  enumeration,
  list,
  option,
  record,
  result,
  string,
  u32,
  u64,
  unit,
  variant,
} from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import type { DurableFunction, FunctionClass } from "../../durability/durable-function.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type {
  Cell,
  DatabaseErrorCode,
  DatabaseKind,
  ResultRow,
  ResultShape,
  ResultType,
  StatementParameter,
  StatementResult,
} from "../../platform/databases/database.ts";
import { DatabaseError, typeKinds } from "../../platform/databases/database.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";

const cell: Schema<Cell> = variant({ null: undefined, text: string, bytes });
const parameter: Schema<StatementParameter> = record({ type: string, value: cell });
const columns = list(record({ name: string, type: u32 }));
const type: Schema<ResultType> = record({
  id: u32,
  name: string,
  kind: enumeration(...typeKinds),
  base: u32,
  attributes: columns,
});
const row: Schema<ResultRow> = list(cell);
const shape: Schema<ResultShape> = record({ columns, types: list(type) });
const whole: Schema<Omit<StatementResult, "affected">> = record({ columns, types: list(type), rows: list(row) });

const pool = record({ pool: string });
const statement = record({ pool: string, statement: string, params: list(parameter) });

export interface StatementRequest {
  readonly pool: string;
  readonly statement: string;
  readonly params: readonly StatementParameter[];
}

/** An error of either database. */
export interface RdbmsError {
  readonly tag: DatabaseErrorCode;
  readonly val: string;
}

export type Outcome<T> = Result<T, RdbmsError>;

const error: Schema<RdbmsError> = variant({
  "connection-failure": string,
  "query-parameter-failure": string,
  "query-execution-failure": string,
  "query-response-failure": string,
  other: string,
});

type Recorded<Request, T> = DurableFunction<Request, Outcome<T>>;

export interface RdbmsRecords {
  readonly query: Recorded<StatementRequest, Omit<StatementResult, "affected">>;
  readonly execute: Recorded<StatementRequest, bigint>;
  readonly queryStream: Recorded<StatementRequest, ResultShape>;
  readonly getNext: DurableFunction<readonly [], readonly ResultRow[] | undefined>;
  readonly begin: Recorded<{ readonly pool: string }, undefined>;
  readonly transactionQuery: Recorded<StatementRequest, Omit<StatementResult, "affected">>;
  readonly transactionExecute: Recorded<StatementRequest, bigint>;
  readonly transactionQueryStream: Recorded<StatementRequest, ResultShape>;
  /** The token by which the database will know the transaction. */
  readonly prepareCommit: Recorded<{ readonly pool: string }, string | undefined>;
  readonly commit: Recorded<{ readonly pool: string }, undefined>;
  readonly rollback: Recorded<{ readonly pool: string }, undefined>;
}

export function rdbmsRecords(kind: DatabaseKind): RdbmsRecords {
  const declare = <Request, Response>(
    name: string,
    request: Schema<Request>,
    response: Schema<Response>,
    functionClass: FunctionClass = "batched-remote-write",
  ): DurableFunction<Request, Response> =>
    durableFunction({ name: `rdbms::${kind}::${name}`, class: functionClass, request, response });
  const nothing = result(undefined, error) as Schema<Outcome<undefined>>;
  return {
    query: declare("db-connection::query", statement, result(whole, error), "remote-write"),
    execute: declare("db-connection::execute", statement, result(u64, error), "remote-write"),
    queryStream: declare("db-connection::query-stream", statement, result(shape, error)),
    getNext: declare("db-result-stream::get-next", unit, option(list(row))),
    begin: declare("db-connection::begin-transaction", pool, nothing),
    transactionQuery: declare("db-transaction::query", statement, result(whole, error)),
    transactionExecute: declare("db-transaction::execute", statement, result(u64, error)),
    transactionQueryStream: declare("db-transaction::query-stream", statement, result(shape, error)),
    prepareCommit: declare("db-transaction::prepare-commit", pool, result(option(string), error)),
    commit: declare("db-transaction::commit", pool, nothing),
    rollback: declare("db-transaction::rollback", pool, nothing),
  };
}

/** What a database refuses the guest is told, and recorded. */
export async function attempt<T>(perform: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return ok(await perform());
  } catch (failure) {
    if (failure instanceof DatabaseError) return refused(failure);
    throw failure;
  }
}

export function refused({ code, message }: DatabaseError): { readonly tag: "err"; readonly val: RdbmsError } {
  return err({ tag: code, val: message });
}
