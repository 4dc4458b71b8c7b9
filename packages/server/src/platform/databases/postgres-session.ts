/** A session with PostgreSQL, on the package `postgres`, which is used for its protocol only: values stay texts. */
import { EventEmitter } from "node:events";
import postgres from "postgres";
import type { DatabaseAddress } from "./address.ts";
import type {
  Cell,
  CommitOutcome,
  DatabaseErrorCode,
  DatabaseSession,
  ResultRow,
  RowStream,
  Statement,
  StatementResult,
} from "./database.ts";
import { DatabaseError, nullCell, resultBytesMax, rowBytes, textCell, tooLarge } from "./database.ts";
import { pageSize, storedStream } from "./pages.ts";
import { describe, typeIds } from "./postgres-types.ts";

const connectSeconds = 10;

/** What makes the texts of values the same everywhere. */
const settings = {
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  IntervalStyle: "iso_8601",
  bytea_output: "hex",
  extra_float_digits: "1",
  lc_monetary: "C",
  application_name: "emet",
};

/** Types whose values the package would otherwise make objects of. */
const parsedTypes = [16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1082, 1114, 1184, 3802];

function asItIs(value: unknown): unknown {
  return value;
}

/** What is used of the package's queries. */
interface RawQuery extends PromiseLike<unknown> {
  readonly raw: () => RawQuery;
  readonly forEach: (each: (row: readonly (Buffer | null)[]) => void) => RawQuery;
  readonly cancel: () => void;
}

interface RawResult {
  readonly columns: readonly { readonly name: string; readonly type: number }[] | undefined;
  readonly count: number | null;
  readonly command: string | null;
}

const encryption = { none: false, preferred: "prefer", required: "require", verify: "verify-full" } as const;

/** Connection exceptions, refused authorization, missing databases, too many connections, shutdowns. */
const connectionStates = /^(08|28|3D|53300|57P)/u;

/** "bind message supplies … parameters": a protocol violation, but the guest's. */
const wrongParameters = "08P01";

function codeOf(state: string): DatabaseErrorCode {
  if (state === wrongParameters || state === "MAX_PARAMETERS_EXCEEDED") return "query-parameter-failure";
  if (connectionStates.test(state) || !/^[0-9A-Z]{5}$/u.test(state)) return "connection-failure";
  return "query-execution-failure";
}

function databaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { code = "" } = error as { readonly code?: string };
  const message = error instanceof Error ? error.message : String(error);
  // An attempt at several addresses of one name has no message of its own.
  return new DatabaseError(codeOf(code), message === "" ? code : message, { cause: error });
}

function parameterText(cell: Cell): string | null {
  if (cell.tag === "null") return null;
  const text = cell.tag === "text" ? cell.val : String.raw`\x${Buffer.from(cell.val).toString("hex")}`;
  if (text.includes("\0")) throw new DatabaseError("query-parameter-failure", "a text contains a zero character");
  return text;
}

/** Statements that leave nothing behind in the session. */
const traceless = /^\s*(select|insert|update|delete|with|values|table)\b(?!.*(set_config|advisory|dblink))/isu;

/** Statements that a cursor can be declared for. */
const readable = /^\s*(select|values|table|with)\b(?!.*\b(insert|update|delete|merge|into)\b)/isu;

export class PostgresSession implements DatabaseSession {
  readonly #sql: postgres.Sql;
  #closed = false;
  #inTransaction = false;
  /** Something may have been set that the next user must not see. */
  #marked = false;
  #cursors = 0;

  private constructor(address: DatabaseAddress) {
    const { host, port, user, password, database } = address;
    const options = {
      // Lists, as in a text the colons of an IPv6 address would be taken for that of a port.
      host: [host],
      port: [port],
      user,
      database: database === "" ? user : database,
      // A function, as otherwise the server's own environment would fill in for an empty one.
      password: () => password,
      ssl: encryption[address.encryption],
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: connectSeconds,
      prepare: false,
      fetch_types: false,
      connection: settings,
      types: { text: { to: 25, from: parsedTypes, serialize: asItIs, parse: asItIs } },
      onnotice: () => undefined,
      // The package would connect again, and the rest of a transaction would run outside of it.
      onclose: () => {
        this.#closed = true;
      },
    };
    // The declared types have no lists of hosts.
    this.#sql = postgres(options as unknown as postgres.Options<Record<string, postgres.PostgresType>>);
  }

  static async connect(address: DatabaseAddress): Promise<PostgresSession> {
    if (address.user === "") throw new DatabaseError("connection-failure", "the address names no user");
    const session = new PostgresSession(address);
    try {
      await session.#send("select 1", []);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  get usable(): boolean {
    return !this.#closed;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    if (!traceless.test(statement.text)) this.#marked = true;
    const ids = await typeIds(
      statement.parameters.map(({ type }) => type),
      this.#runBuiltIn,
    );
    const sent = await this.#send(
      statement.text,
      statement.parameters.map(({ value }, index) => [parameterText(value), ids[index] ?? 0]),
    );
    const types = await describe(
      sent.columns.map(({ type }) => type),
      this.#runBuiltIn,
    );
    return { ...sent, types };
  };

  readonly stream = async (statement: Statement): Promise<RowStream> => {
    if (!readable.test(statement.text)) return storedStream(await this.run(statement));
    const own = !this.#inTransaction;
    if (own) await this.begin();
    try {
      this.#cursors += 1;
      const name = `emet_cursor_${this.#cursors}`;
      await this.run({ ...statement, text: `declare ${name} no scroll cursor for ${statement.text}` });
      return await this.#cursorStream(name, own);
    } catch (error) {
      if (own && this.usable) await this.rollback();
      throw error;
    }
  };

  readonly begin = async (): Promise<void> => {
    await this.#send("begin", []);
    this.#inTransaction = true;
  };

  readonly commitToken = async (): Promise<string | undefined> => {
    const text = "select txid_current_if_assigned()::text || '/' || pg_backend_pid()::text";
    const { rows } = await this.#send(text, []).catch(async (error: unknown) => {
      if (this.usable) await this.rollback();
      throw error;
    });
    return rows[0]?.[0]?.val?.toString() ?? "";
  };

  readonly commit = async (): Promise<void> => {
    const { command } = await this.#send("commit", []);
    this.#inTransaction = false;
    if (command === "COMMIT") return;
    throw new DatabaseError("query-execution-failure", "the transaction had failed and was rolled back");
  };

  readonly rollback = async (): Promise<void> => {
    await this.#send("rollback", []);
    this.#inTransaction = false;
  };

  readonly reset = async (): Promise<void> => {
    if (this.#inTransaction) await this.rollback();
    if (!this.#marked) return;
    // What the guest itself has begun must be ended for the other to be possible.
    await this.#send("rollback", []);
    await this.#send("discard all", []);
    this.#marked = false;
  };

  readonly close = (): void => {
    this.#closed = true;
    // Whoever waits for an answer is told that there won't be one.
    this.#sql.end({ timeout: 0 }).catch(() => undefined);
  };

  /** What became of a transaction; one that still runs is ended, as nobody is left to do that. */
  async outcome(token: string): Promise<CommitOutcome> {
    const [id = "", process = ""] = token.split("/");
    const parameters = [[id, 20] as const];
    const { rows } = await this.#send("select txid_status($1)", parameters);
    const status = rows[0]?.[0]?.val;
    if (status === "committed") return "committed";
    if (status === "aborted") return "rolled-back";
    if (status !== "in progress") return "unknown";
    await this.#send(
      "select pg_terminate_backend(pid) from pg_stat_activity " +
        "where pid = $2::int4 and backend_xid::text::int8 = $1::int8 % 4294967296",
      [...parameters, [process, 23]],
    );
    return "in-progress";
  }

  /** For the catalogue: of built-in types only. */
  readonly #runBuiltIn = async (statement: Statement): Promise<StatementResult> => {
    const ids = { "int8[]": 1016, "text[]": 1009 } as const;
    const result = await this.#send(
      statement.text,
      statement.parameters.map(({ type, value }) => [parameterText(value), ids[type as keyof typeof ids]]),
    );
    return { ...result, types: [] };
  };

  async #send(
    text: string,
    parameters: readonly (readonly [value: string | null, type: number])[],
  ): Promise<Omit<StatementResult, "types"> & { readonly command: string | null }> {
    if (this.#closed) throw new DatabaseError("connection-failure", "the connection was closed");
    const rows: ResultRow[] = [];
    let bytes = 0;
    const values = parameters.map(([value, type]) => this.#sql.typed(value, type));
    const options = { simple: false, prepare: false };
    const query = (this.#sql.unsafe(text, values as never, options) as unknown as RawQuery).raw();
    query.forEach((raw) => {
      if (bytes > resultBytesMax) return;
      const row = raw.map((value) => (value === null ? nullCell : textCell(value.toString("utf8"))));
      bytes += rowBytes(row);
      rows.push(row);
      if (bytes <= resultBytesMax) return;
      rows.length = 0;
      query.cancel();
    });
    let result: unknown;
    try {
      result = await query;
    } catch (error) {
      throw bytes > resultBytesMax ? tooLarge() : databaseError(error);
    }
    if (bytes > resultBytesMax) throw tooLarge();
    if (!Array.isArray(result)) {
      // The connection waits for data now, or sends some: it ends, which the stream that stands for it tells.
      if (result instanceof EventEmitter) result.on("error", () => undefined);
      this.close();
      throw new DatabaseError("query-execution-failure", "COPY from or to the client is not possible");
    }
    const { columns, count, command } = result as unknown as RawResult;
    const shape = (columns ?? []).map(({ name, type }) => ({ name, type }));
    return { columns: shape, rows, affected: BigInt(count ?? 0), command };
  }

  async #cursorStream(name: string, own: boolean): Promise<RowStream> {
    const size = pageSize();
    const first = await this.run({ text: `fetch ${size.rows()} from ${name}`, parameters: [] });
    let page: readonly ResultRow[] | undefined = first.rows;
    let open = true;
    const close = async (): Promise<void> => {
      if (!open) return;
      open = false;
      if (!this.usable) return;
      await this.#send(`close ${name}`, []);
      if (own) await this.commit();
    };
    const next = async (): Promise<readonly ResultRow[] | undefined> => {
      if (!open) return undefined;
      const rows = page ?? (await this.#send(`fetch ${size.rows()} from ${name}`, [])).rows;
      page = undefined;
      size.note(rows);
      if (rows.length > 0) return rows;
      await close();
      return undefined;
    };
    return { shape: { columns: first.columns, types: first.types }, next, close };
  }
}
