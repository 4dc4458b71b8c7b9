/** How far oplogs have gone to oplog processors, in the database. */
import type { DatabaseSync } from "node:sqlite";
import { formatWorkerId, parseWorkerId } from "../platform/worker-id.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { Delivery, DeliveryCursor } from "../worker/delivery-store.ts";
import { Statement } from "./statement.ts";
import type { SqlValue } from "./statement.ts";

interface DeliveryRow {
  readonly worker: string;
  readonly installation: string;
  readonly id: string;
  readonly revision: number;
  readonly last_index: number;
  readonly sending: number;
  readonly state: string;
}

function deliveryOf(row: DeliveryRow): Delivery {
  const { id, revision, state } = row;
  const worker = parseWorkerId(row.worker);
  const sending = row.sending !== 0;
  return { worker, installationId: row.installation, id, revision, lastIndex: row.last_index, sending, state };
}

export interface DeliveriesBehind {
  readonly workers: readonly WorkerId[];
  readonly next: DeliveryCursor | undefined;
}

export class DeliveryTable {
  readonly #insert: Statement<SqlValue[]>;
  readonly #update: Statement<SqlValue[]>;
  readonly #of: Statement<[worker: string], DeliveryRow>;
  readonly #after: Statement<[worker: string, installation: string, count: number], DeliveryRow>;
  readonly #delete: Statement<[worker: string]>;

  constructor(database: DatabaseSync) {
    const columns = "worker, installation, id, revision, last_index, sending, state";
    this.#insert = new Statement(
      database,
      `INSERT OR IGNORE INTO deliveries (${columns}) VALUES (?, ?, ?, 0, ?, ?, ?)`,
    );
    this.#update = new Statement(
      database,
      `UPDATE deliveries SET revision = revision + 1, last_index = ?, sending = ?, state = ?
       WHERE worker = ? AND installation = ? AND id = ? AND revision = ? - 1`,
    );
    const select = `SELECT ${columns} FROM deliveries`;
    this.#of = new Statement(database, `${select} WHERE worker = ? ORDER BY installation`);
    this.#after = new Statement(
      database,
      `${select} WHERE (worker, installation) > (?, ?) ORDER BY worker, installation LIMIT ?`,
    );
    this.#delete = new Statement(database, "DELETE FROM deliveries WHERE worker = ?");
  }

  begin({ worker, installationId, id, lastIndex, sending, state }: Omit<Delivery, "revision">): void {
    this.#insert.run(formatWorkerId(worker), installationId, id, lastIndex, Number(sending), state);
  }

  /** False if there is none of the revision before. */
  advance({ worker, installationId, id, revision, lastIndex, sending, state }: Delivery): boolean {
    const key = [formatWorkerId(worker), installationId, id];
    return this.#update.run(lastIndex, Number(sending), state, ...key, revision) === 1;
  }

  of(worker: WorkerId): readonly Delivery[] {
    return this.#of.all(formatWorkerId(worker)).map((row) => deliveryOf(row));
  }

  behind(after: DeliveryCursor | undefined, count: number, lastIndexOf: (worker: string) => number): DeliveriesBehind {
    const start = after === undefined ? "" : formatWorkerId(after.worker);
    const rows = this.#after.all(start, after?.installationId ?? "", count);
    const last = rows.length < count ? undefined : rows.at(-1);
    return {
      workers: rows
        .filter((row) => row.sending !== 0 || row.last_index < lastIndexOf(row.worker))
        .map((row) => parseWorkerId(row.worker)),
      next: last === undefined ? undefined : { worker: parseWorkerId(last.worker), installationId: last.installation },
    };
  }

  forget(worker: string): void {
    this.#delete.run(worker);
  }
}
