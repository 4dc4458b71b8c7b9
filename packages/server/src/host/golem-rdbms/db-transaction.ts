/**
 * db-transaction: a batch of remote writes. Its connection ends with the instance, and the database rolls it back then;
 * one that is found unfinished at replay is repeated from its begin, as soon as something is needed of it.
 *
 * A commit whose answer was never recorded may have happened. So a token goes before it, by which the database tells
 * later: in PostgreSQL the transaction's own number, in MySQL and MariaDB a row of the table `emet_transactions`, which
 * the transaction itself writes.
 */
import { HostTrap } from "../../durability/errors.ts";
import type { RemoteBatch } from "../../durability/remote-batch.ts";
import type {
  CommitOutcome,
  Database,
  DatabaseSession,
  ResultShape,
  RowStream,
  Statement,
  StatementResult,
} from "../../platform/databases/database.ts";
import { DatabaseError } from "../../platform/databases/database.ts";
import type { HostContext } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Outcome, RdbmsRecords, StatementRequest } from "./records.ts";
import { attempt } from "./records.ts";
import { HeldSession } from "./sessions.ts";

/** Between two questions whether a transaction has come to its end. */
const askAgainMs = 100;

export class DbTransaction extends HostObject {
  readonly batch: RemoteBatch;
  readonly #context: HostContext;
  readonly #records: RdbmsRecords;
  readonly #database: Database;
  readonly #pool: { readonly pool: string };
  /** Undefined after a replay: then there is no connection. */
  #held: HeldSession | undefined;
  #ended = false;

  constructor(context: HostContext, records: RdbmsRecords, database: Database, batch: RemoteBatch) {
    super();
    this.#context = context;
    this.#records = records;
    this.#database = database;
    this.batch = batch;
    this.#pool = { pool: database.title };
  }

  static async begin(context: HostContext, records: RdbmsRecords, database: Database): Promise<Outcome<DbTransaction>> {
    const batch = await context.durable.openBatch();
    const transaction = new DbTransaction(context, records, database, batch);
    const begun = await batch.call(records.begin, transaction.#pool, () => attempt(() => transaction.#begin()));
    if (begun.tag === "ok") return ok(transaction);
    transaction.close();
    return begun;
  }

  get request(): { readonly pool: string } {
    return this.#pool;
  }

  async query(request: StatementRequest, statement: Statement): Promise<Outcome<Omit<StatementResult, "affected">>> {
    if (this.#ended) return hasEnded();
    return await this.batch.call(this.#records.transactionQuery, request, () =>
      attempt(() => this.#use((session) => session.run(statement))),
    );
  }

  async execute(request: StatementRequest, statement: Statement): Promise<Outcome<bigint>> {
    if (this.#ended) return hasEnded();
    return await this.batch.call(this.#records.transactionExecute, request, () =>
      attempt(() => this.#use(async (session) => (await session.run(statement)).affected)),
    );
  }

  /** `opened` gets the rows when they don't come from the record. */
  async queryStream(
    request: StatementRequest,
    statement: Statement,
    opened: (rows: RowStream) => void,
  ): Promise<Outcome<ResultShape>> {
    if (this.#ended) return hasEnded();
    const open = async (session: DatabaseSession): Promise<ResultShape> => {
      const rows = await session.stream(statement);
      opened(rows);
      return rows.shape;
    };
    return await this.batch.call(this.#records.transactionQueryStream, request, () => attempt(() => this.#use(open)));
  }

  async commit(): Promise<Outcome<undefined>> {
    if (this.#ended) return hasEnded();
    const { prepareCommit, commit } = this.#records;
    const { entropy } = this.#context;
    const prepared = await this.batch.call(prepareCommit, this.#pool, () =>
      attempt(() => this.#use((session) => session.commitToken(entropy.uuid()))),
    );
    if (prepared.tag === "err") {
      this.close();
      return prepared;
    }
    const token = prepared.val;
    const committed = await this.batch.call(commit, this.#pool, () => attempt(() => this.#commit(token)));
    if (this.#held !== undefined && token !== undefined && token !== "") this.#database.forget(token);
    this.close();
    return committed;
  }

  async rollback(): Promise<Outcome<undefined>> {
    if (this.#ended) return hasEnded();
    const rolledBack = await this.batch.call(this.#records.rollback, this.#pool, () =>
      attempt(async () => {
        // Without the connection it was rolled back.
        await this.#held?.use((session) => session.rollback());
        return undefined;
      }),
    );
    this.close();
    return rolledBack;
  }

  /** Dropped without a commit it is rolled back. */
  override close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#held?.release();
    this.batch.end();
  }

  async #begin(): Promise<undefined> {
    const held = await HeldSession.acquire(this.#database, this.#context.signal);
    try {
      await held.use((session) => session.begin());
    } catch (error) {
      held.release();
      throw error;
    }
    this.#held = held;
  }

  async #use<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    if (this.#held !== undefined) return await this.#held.use(work);
    if (this.batch.interrupted && !this.batch.ended) return await this.batch.repeat();
    throw new DatabaseError("connection-failure", "the transaction was rolled back when its connection was lost");
  }

  async #commit(token: string | undefined): Promise<undefined> {
    const held = this.#held;
    if (held !== undefined) {
      try {
        await held.use((session) => session.commit());
        return undefined;
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== "connection-failure") throw error;
      }
    }
    const outcome = await this.#outcome(token);
    if (outcome === "committed") return undefined;
    // The guest that is told so begins anew by itself.
    if (held !== undefined && outcome === "rolled-back") {
      throw new DatabaseError("connection-failure", "the connection was lost before the commit");
    }
    return await this.batch.repeat();
  }

  async #outcome(token: string | undefined): Promise<CommitOutcome> {
    if (token === undefined) return "unknown";
    if (token === "") return "committed";
    const { signal, sleep } = this.#context;
    for (;;) {
      const outcome = await this.#database.outcome(token).catch((error: unknown) => {
        // The next attempt of the invocation asks again.
        throw new HostTrap(`cannot find out whether a transaction was committed: ${String(error)}`);
      });
      if (outcome !== "in-progress") return outcome;
      await sleep(askAgainMs, signal);
      signal.throwIfAborted();
    }
  }
}

function hasEnded(): { readonly tag: "err"; readonly val: { readonly tag: "other"; readonly val: string } } {
  return err({ tag: "other", val: "the transaction has ended" });
}
