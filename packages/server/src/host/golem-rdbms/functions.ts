/** The functions that `postgres` and `mysql` have in common; they differ in their values. */
import { HostTrap } from "../../durability/errors.ts";
import type {
  Database,
  DatabaseKind,
  ResultRow,
  ResultShape,
  Statement,
  StatementParameter,
  StatementResult,
} from "../../platform/databases/database.ts";
import { DatabaseError } from "../../platform/databases/database.ts";
import type { GolemRdbmsMysql } from "../generated/golem-rdbms/mysql.ts";
import type { GolemRdbmsPostgres } from "../generated/golem-rdbms/postgres.ts";
import type { FunctionsOf, HostContext, RecordsOf } from "../interface.ts";
import { suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { ok } from "../results.ts";
import { DbResultStream } from "./db-result-stream.ts";
import { DbTransaction } from "./db-transaction.ts";
import type { Outcome, RdbmsRecords, StatementRequest } from "./records.ts";
import { attempt, refused } from "./records.ts";
import { withSession } from "./sessions.ts";

/** How one kind of database has its values; throws `DatabaseError` for what can't be converted. */
export interface Values<Value, Column> {
  readonly parameter: (value: Value) => StatementParameter;
  readonly columns: (shape: ResultShape) => readonly Column[];
  readonly rows: (shape: ResultShape, rows: readonly ResultRow[]) => readonly DbRow<Value>[];
}

export interface DbRow<Value> {
  readonly values: readonly Value[];
}

interface DbResult<Value, Column> {
  readonly columns: readonly Column[];
  readonly rows: readonly DbRow<Value>[];
}

type Statements<Value, Result> = (self: number, statement: string, params: readonly Value[]) => Outcome<Result>;

interface CommonWit<Value, Column> {
  readonly name: string;
  readonly functions: {
    readonly "[static]db-connection.open": (address: string) => Outcome<number>;
    readonly "[method]db-connection.query": Statements<Value, DbResult<Value, Column>>;
    readonly "[method]db-connection.execute": Statements<Value, bigint>;
    readonly "[method]db-connection.query-stream": Statements<Value, number>;
    readonly "[method]db-connection.begin-transaction": (self: number) => Outcome<number>;
    readonly "[method]db-result-stream.get-columns": (self: number) => readonly Column[];
    readonly "[method]db-result-stream.get-next": (self: number) => readonly DbRow<Value>[] | undefined;
    readonly "[method]db-transaction.query": Statements<Value, DbResult<Value, Column>>;
    readonly "[method]db-transaction.execute": Statements<Value, bigint>;
    readonly "[method]db-transaction.query-stream": Statements<Value, number>;
    readonly "[method]db-transaction.commit": (self: number) => Outcome<undefined>;
    readonly "[method]db-transaction.rollback": (self: number) => Outcome<undefined>;
  };
  readonly resources: "db-connection" | "db-result-stream" | "db-transaction";
}

interface SavedConnection {
  readonly kind: DatabaseKind;
  readonly address: string;
}

const savedConnection = savedKind<SavedConnection>(
  "db-connection",
  ({ kind, address }, { context }) => new DbConnection(context.databases.open(kind, address), { kind, address }),
);

class DbConnection extends HostObject {
  readonly database: Database;
  readonly #opened: SavedConnection;

  constructor(database: Database, opened: SavedConnection) {
    super();
    this.database = database;
    this.#opened = opened;
  }

  override save(): SavedObject {
    return savedConnection(this.#opened);
  }
}

interface Prepared {
  readonly request: StatementRequest;
  readonly statement: Statement;
}

/** What is wrong with what the guest gives, or with what comes for it, is an error of the call. */
function converted<T>(convert: () => T): Outcome<T> {
  try {
    return ok(convert());
  } catch (error) {
    if (error instanceof DatabaseError) return refused(error);
    throw error;
  }
}

/** The functions on the resources of one instance. */
class Calls<Value, Column> {
  readonly #context: HostContext;
  readonly #records: RdbmsRecords;
  readonly #values: Values<Value, Column>;

  constructor(context: HostContext, records: RdbmsRecords, values: Values<Value, Column>) {
    this.#context = context;
    this.#records = records;
    this.#values = values;
  }

  open(kind: DatabaseKind, address: string): Outcome<number> {
    const opened = converted(() => this.#context.databases.open(kind, address));
    return opened.tag === "ok"
      ? ok(this.#context.resources.add(new DbConnection(opened.val, { kind, address })))
      : opened;
  }

  readonly query = async (
    self: number,
    text: string,
    params: readonly Value[],
  ): Promise<Outcome<DbResult<Value, Column>>> => {
    const database = this.#database(self);
    const prepared = this.#prepared(database.title, text, params);
    if (prepared.tag === "err") return prepared;
    const { request, statement } = prepared.val;
    const { durable, signal } = this.#context;
    const perform = (): Promise<StatementResult> => withSession(database, signal, (session) => session.run(statement));
    return this.#result(await durable.callWaiting(this.#records.query, request, () => attempt(perform)));
  };

  readonly execute = async (self: number, text: string, params: readonly Value[]): Promise<Outcome<bigint>> => {
    const database = this.#database(self);
    const prepared = this.#prepared(database.title, text, params);
    if (prepared.tag === "err") return prepared;
    const { request, statement } = prepared.val;
    const { durable, signal } = this.#context;
    const perform = (): Promise<bigint> =>
      withSession(database, signal, async (session) => (await session.run(statement)).affected);
    return await durable.callWaiting(this.#records.execute, request, () => attempt(perform));
  };

  readonly queryStream = async (self: number, text: string, params: readonly Value[]): Promise<Outcome<number>> => {
    const database = this.#database(self);
    const prepared = this.#prepared(database.title, text, params);
    if (prepared.tag === "err") return prepared;
    return this.#added(await DbResultStream.open(this.#context, this.#records, database, prepared.val));
  };

  readonly beginTransaction = async (self: number): Promise<Outcome<number>> =>
    this.#added(await DbTransaction.begin(this.#context, this.#records, this.#database(self)));

  readonly transactionQuery = async (
    self: number,
    text: string,
    params: readonly Value[],
  ): Promise<Outcome<DbResult<Value, Column>>> => {
    const transaction = this.transaction(self);
    const prepared = this.#prepared(transaction.request.pool, text, params);
    if (prepared.tag === "err") return prepared;
    return this.#result(await transaction.query(prepared.val.request, prepared.val.statement));
  };

  readonly transactionExecute = async (
    self: number,
    text: string,
    params: readonly Value[],
  ): Promise<Outcome<bigint>> => {
    const transaction = this.transaction(self);
    const prepared = this.#prepared(transaction.request.pool, text, params);
    if (prepared.tag === "err") return prepared;
    return await transaction.execute(prepared.val.request, prepared.val.statement);
  };

  readonly transactionQueryStream = async (
    self: number,
    text: string,
    params: readonly Value[],
  ): Promise<Outcome<number>> => {
    const transaction = this.transaction(self);
    const prepared = this.#prepared(transaction.request.pool, text, params);
    if (prepared.tag === "err") return prepared;
    return this.#added(await DbResultStream.openIn(transaction, this.#records, prepared.val));
  };

  transaction(self: number): DbTransaction {
    return this.#context.resources.get(self, DbTransaction);
  }

  columns(self: number): readonly Column[] {
    return this.#values.columns(this.#context.resources.get(self, DbResultStream).shape);
  }

  async next(self: number): Promise<readonly DbRow<Value>[] | undefined> {
    const stream = this.#context.resources.get(self, DbResultStream);
    const page = await stream.next();
    if (page === undefined) return undefined;
    const rows = converted(() => this.#values.rows(stream.shape, page));
    if (rows.tag === "err") throw new HostTrap(`the result stream failed: ${rows.val.val}`);
    return rows.val;
  }

  #database(self: number): Database {
    return this.#context.resources.get(self, DbConnection).database;
  }

  #prepared(pool: string, text: string, params: readonly Value[]): Outcome<Prepared> {
    return converted(() => {
      const parameters = params.map(this.#values.parameter);
      return { request: { pool, statement: text, params: parameters }, statement: { text, parameters } };
    });
  }

  #result(outcome: Outcome<Omit<StatementResult, "affected">>): Outcome<DbResult<Value, Column>> {
    if (outcome.tag === "err") return outcome;
    const result = outcome.val;
    return converted(() => {
      const rows = this.#values.rows(result, result.rows);
      return { columns: this.#values.columns(result), rows };
    });
  }

  #added(outcome: Outcome<HostObject>): Outcome<number> {
    return outcome.tag === "ok" ? ok(this.#context.resources.add(outcome.val)) : outcome;
  }
}

export function commonFunctions<Value, Column>(
  context: HostContext,
  kind: DatabaseKind,
  records: RdbmsRecords,
  values: Values<Value, Column>,
): FunctionsOf<CommonWit<Value, Column>> {
  const calls = new Calls(context, records, values);
  return {
    "[static]db-connection.open": sync((address: string) => calls.open(kind, address)),
    "[method]db-connection.query": suspending(calls.query),
    "[method]db-connection.execute": suspending(calls.execute),
    "[method]db-connection.query-stream": suspending(calls.queryStream),
    "[method]db-connection.begin-transaction": suspending(calls.beginTransaction),
    "[method]db-result-stream.get-columns": sync((self: number) => calls.columns(self)),
    "[method]db-result-stream.get-next": suspending((self: number) => calls.next(self)),
    "[method]db-transaction.query": suspending(calls.transactionQuery),
    "[method]db-transaction.execute": suspending(calls.transactionExecute),
    "[method]db-transaction.query-stream": suspending(calls.transactionQueryStream),
    "[method]db-transaction.commit": suspending((self: number) => calls.transaction(self).commit()),
    "[method]db-transaction.rollback": suspending((self: number) => calls.transaction(self).rollback()),
  };
}

/** What each function leaves in the oplog. */
export function recordsOf(records: RdbmsRecords): RecordsOf<GolemRdbmsPostgres> & RecordsOf<GolemRdbmsMysql> {
  return {
    "[method]db-connection.query": records.query,
    "[method]db-connection.execute": records.execute,
    "[method]db-connection.query-stream": ["begin-remote-write", records.queryStream, "end-remote-write"],
    "[method]db-connection.begin-transaction": ["begin-remote-write", records.begin],
    "[method]db-result-stream.get-next": records.getNext,
    "[method]db-transaction.query": records.transactionQuery,
    "[method]db-transaction.execute": records.transactionExecute,
    "[method]db-transaction.query-stream": records.transactionQueryStream,
    "[method]db-transaction.commit": [records.prepareCommit, records.commit, "end-remote-write"],
    "[method]db-transaction.rollback": [records.rollback, "end-remote-write"],
  };
}
