/** db-result-stream: rows page by page, each recorded when the guest gets it. */
import { HostTrap } from "../../durability/errors.ts";
import type { RemoteBatch } from "../../durability/remote-batch.ts";
import type { Database, ResultRow, ResultShape, RowStream, Statement } from "../../platform/databases/database.ts";
import { DatabaseError } from "../../platform/databases/database.ts";
import type { HostContext } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { ok } from "../results.ts";
import type { DbTransaction } from "./db-transaction.ts";
import type { Outcome, RdbmsRecords, StatementRequest } from "./records.ts";
import { attempt } from "./records.ts";
import { HeldSession } from "./sessions.ts";

const noShape: ResultShape = { columns: [], types: [] };

export class DbResultStream extends HostObject {
  shape: ResultShape = noShape;
  readonly #records: RdbmsRecords;
  readonly #batch: RemoteBatch;
  /** It is part of a transaction, which ends by itself. */
  readonly #inTransaction: boolean;
  #rows: RowStream | undefined;
  #held: HeldSession | undefined;
  #ended = false;

  constructor(records: RdbmsRecords, batch: RemoteBatch, inTransaction: boolean) {
    super();
    this.#records = records;
    this.#batch = batch;
    this.#inTransaction = inTransaction;
  }

  /** A stream of its own is a batch of its own: found unfinished at replay, it is repeated. */
  static async open(
    context: HostContext,
    records: RdbmsRecords,
    database: Database,
    request: { readonly request: StatementRequest; readonly statement: Statement },
  ): Promise<Outcome<DbResultStream>> {
    const batch = await context.durable.openBatch();
    const stream = new DbResultStream(records, batch, false);
    const open = async (): Promise<ResultShape> => {
      // The statement may have been executed already.
      if (batch.interrupted) batch.assertRepeatable();
      const held = await HeldSession.acquire(database, context.signal);
      stream.#held = held;
      stream.#rows = await held.use((session) => session.stream(request.statement));
      return stream.#rows.shape;
    };
    return stream.#opened(await batch.call(records.queryStream, request.request, () => attempt(open)));
  }

  static async openIn(
    transaction: DbTransaction,
    records: RdbmsRecords,
    { request, statement }: { readonly request: StatementRequest; readonly statement: Statement },
  ): Promise<Outcome<DbResultStream>> {
    const stream = new DbResultStream(records, transaction.batch, true);
    const opened = await transaction.queryStream(request, statement, (rows) => {
      stream.#rows = rows;
    });
    return stream.#opened(opened);
  }

  async next(): Promise<readonly ResultRow[] | undefined> {
    if (this.#ended) return undefined;
    const page = await this.#batch.call(this.#records.getNext, [], () => this.#nextNow());
    if (page === undefined) this.close();
    return page;
  }

  override close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#finish().catch(() => undefined);
    if (!this.#inTransaction) this.#batch.end();
  }

  #opened(shape: Outcome<ResultShape>): Outcome<DbResultStream> {
    if (shape.tag === "ok") {
      this.shape = shape.val;
      return ok(this);
    }
    this.close();
    return shape;
  }

  async #nextNow(): Promise<readonly ResultRow[] | undefined> {
    const rows = this.#rows;
    if (rows === undefined) {
      if (this.#batch.interrupted && !this.#batch.ended) return await this.#batch.repeat();
      throw new HostTrap("the connection of the result stream was lost");
    }
    try {
      return await (this.#held === undefined ? rows.next() : this.#held.use(() => rows.next()));
    } catch (error) {
      // get-next has no error to tell.
      if (error instanceof DatabaseError) throw new HostTrap(`the result stream failed: ${error.message}`);
      throw error;
    }
  }

  async #finish(): Promise<void> {
    try {
      await this.#rows?.close();
    } finally {
      this.#held?.release();
    }
  }
}
