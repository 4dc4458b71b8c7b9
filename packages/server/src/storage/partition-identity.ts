/**
 * Which partition a database is. A data directory is made in this order: the first partition's database, which locks the
 * directory; the others, each with its row; then the first one's row. Cut off before that it is new still, and has nothing
 * in it. From then on a database that is missing or isn't the one that belongs there is an error, and not made anew.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../platform/store-error.ts";
import { Statement } from "./statement.ts";

export interface PartitionIdentity {
  /** From 0. */
  readonly number: number;
  readonly count: number;
}

/** What a database is to be. Of the first one it is the database that knows how many there are. */
export type ExpectedPartition =
  | { readonly number: 0 }
  | (PartitionIdentity & {
      /** The directory is being made. */
      readonly isNew: boolean;
    });

export const firstPartition: ExpectedPartition = { number: 0 };

export function databaseFileOf(partition: number): string {
  return partition === 0 ? "storage.db" : `storage-${partition}.db`;
}

/** Throws for a database that isn't there though it must be; to be called before it would be made. */
export function checkPresence(dataDirectory: string, expected: ExpectedPartition): void {
  const path = join(dataDirectory, databaseFileOf(expected.number));
  if (existsSync(path)) return;
  if ("count" in expected) {
    if (!expected.isNew) throw new StoreError("failed", `cannot open "${path}": it is missing`);
    return;
  }
  // It is always made before the others.
  const other = readdirSync(dataDirectory).find((name) => /^storage-\d+\.db$/u.test(name));
  if (other === undefined) return;
  throw new StoreError("failed", `cannot open "${path}": it is missing, but "${other}" is there`);
}

/** Undefined for one that has not been completed. */
export function readIdentity(database: DatabaseSync): PartitionIdentity | undefined {
  return new Statement<[], PartitionIdentity>(database, "SELECT number, count FROM storage_partition").get();
}

/** In the transaction under way, or in one of its own. */
export function writeIdentity(database: DatabaseSync, { number, count }: PartitionIdentity): void {
  new Statement<[number: number, count: number]>(
    database,
    "INSERT OR REPLACE INTO storage_partition (only, number, count) VALUES (0, ?, ?)",
  ).run(number, count);
}

function isUsed(database: DatabaseSync): boolean {
  const used = "SELECT EXISTS (SELECT 1 FROM epochs) OR EXISTS (SELECT 1 FROM journal) AS used";
  return new Statement<[], { readonly used: number }>(database, used).get()?.used === 1;
}

/** Throws for a database that is another one. */
export function checkIdentity(database: DatabaseSync, file: string, expected: ExpectedPartition): void {
  const known = readIdentity(database);
  if (!("count" in expected)) {
    if (known === undefined || known.number === 0) return;
    throw new StoreError("failed", `cannot open "${file}": it is ${describe(known)}, not the first one`);
  }
  if (expected.isNew) {
    if (isUsed(database)) {
      throw new StoreError("failed", `cannot make "${file}": it has been used, but "${databaseFileOf(0)}" has not`);
    }
    writeIdentity(database, expected);
    return;
  }
  if (known?.number === expected.number && known.count === expected.count) return;
  const is = known === undefined ? "empty" : describe(known);
  throw new StoreError("failed", `cannot open "${file}": it is ${is}, not ${describe(expected)}`);
}

function describe({ number, count }: PartitionIdentity): string {
  return `partition ${number} of ${count}`;
}
