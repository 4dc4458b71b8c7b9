/**
 * The archive layer of oplogs: when a worker has many segments, its oldest are compressed into a blob (`archiver.ts`)
 * and removed here. A blob is durable before its row is, and named by its first record: an attempt that a crash ended
 * is made again under the same name.
 */
import type { DatabaseSync } from "node:sqlite";
import { chunkHeaderBytes } from "./chunk-list.ts";
import type { StorageLimits } from "./limits.ts";
import type { Segments } from "./segments.ts";
import { segmentHeaderBytes } from "./segments.ts";
import { Statement } from "./statement.ts";
import type { WorkerStates } from "./worker-states.ts";

/** A run of records that is to be archived: chunks as in `chunk-list.ts`. */
export interface ArchiveUnit {
  readonly key: number;
  readonly firstIndex: number;
  readonly nextIndex: number;
  readonly chunks: Uint8Array<ArrayBuffer>;
}

/** Where the records of a run lie. */
export interface ArchivedRun {
  readonly key: number;
  readonly firstIndex: number;
  readonly nextIndex: number;
}

/** Rows of the index that one step of a scan looks at. */
const scanRows = 4096;

/** Holds a directory for each life that has archives, named by its key and, but for the first one, its partition. */
export const archiveDirectory = "archive";

export function archivesOf(key: number, partition: number): string {
  return `${archiveDirectory}/${partition === 0 ? "" : `${partition}-`}${key}`;
}

/** The key of a directory's life; undefined for those of another partition. */
export function keyOfArchives(name: string, partition: number): number | undefined {
  const [key = "", owner = "0"] = name.split("-").toReversed();
  return Number(owner) === partition ? Number(key) : undefined;
}

export function archiveBlobName(
  { key, firstIndex }: Pick<ArchivedRun, "key" | "firstIndex">,
  partition: number,
): string {
  return `${archivesOf(key, partition)}/${firstIndex}`;
}

export class ArchiveTable {
  readonly #segments: Segments;
  readonly #states: WorkerStates;
  readonly #limits: StorageLimits;
  readonly #scan: Statement<[after: number], { readonly worker: number; readonly segments: number }>;
  readonly #count: Statement<[worker: number], { readonly segments: number }>;
  readonly #insert: Statement<[worker: number, firstIndex: number, nextIndex: number, bytes: number]>;
  readonly #find: Statement<
    [worker: number, index: number],
    { readonly first_index: number; readonly next_index: number }
  >;
  readonly #forget: Statement<[worker: number]>;
  readonly #any: Statement<[], { readonly any: number }>;
  #empty: boolean;

  constructor(
    database: DatabaseSync,
    parts: { readonly segments: Segments; readonly states: WorkerStates },
    limits: StorageLimits,
  ) {
    this.#segments = parts.segments;
    this.#states = parts.states;
    this.#limits = limits;
    this.#scan = new Statement(
      database,
      `SELECT worker, count(*) AS segments FROM
         (SELECT worker FROM segments INDEXED BY segments_by_worker WHERE worker > ? ORDER BY worker LIMIT ${scanRows})
       GROUP BY worker`,
    );
    this.#count = new Statement(
      database,
      "SELECT count(*) AS segments FROM segments INDEXED BY segments_by_worker WHERE worker = ?",
    );
    this.#insert = new Statement(
      database,
      "INSERT INTO archives (worker, first_index, next_index, bytes) VALUES (?, ?, ?, ?)",
    );
    this.#find = new Statement(
      database,
      `SELECT first_index, next_index FROM archives WHERE worker = ? AND first_index <= ?
       ORDER BY first_index DESC LIMIT 1`,
    );
    this.#forget = new Statement(database, "DELETE FROM archives WHERE worker = ?");
    this.#any = new Statement(database, "SELECT EXISTS (SELECT 1 FROM archives) AS [any]");
    this.#empty = this.#any.get()?.any === 0;
  }

  /** Some lives behind `after` that have enough segments, and where to go on; undefined at the end. */
  candidates(after: number): { readonly keys: readonly number[]; readonly next: number | undefined } {
    const rows = this.#scan.all(after);
    const keys = rows.filter(({ segments }) => segments >= this.#limits.archiveSegmentsMin).map(({ worker }) => worker);
    return { keys, next: rows.at(-1)?.worker };
  }

  /** The oldest records that lie in segments; undefined when there are too few segments to archive any. */
  nextUnit(key: number): ArchiveUnit | undefined {
    const spare = (this.#count.get(key)?.segments ?? 0) - this.#limits.archiveSegmentsKept;
    if (spare + this.#limits.archiveSegmentsKept < this.#limits.archiveSegmentsMin) return undefined;
    const lists: Buffer[] = [];
    let bytes = 0;
    let firstIndex: number | undefined;
    let nextIndex = 0;
    for (const segment of this.#segments.read(key, 0)) {
      if (lists.length === spare || bytes >= this.#limits.archiveBytes) break;
      const list = segment.data.subarray(segmentHeaderBytes);
      firstIndex ??= segment.firstIndex;
      nextIndex = segment.firstIndex + recordsIn(list);
      lists.push(list);
      bytes += list.length;
    }
    if (firstIndex === undefined) return undefined;
    const chunks = new Uint8Array(bytes);
    let at = 0;
    for (const list of lists) {
      chunks.set(list, at);
      at += list.length;
    }
    return { key, firstIndex, nextIndex, chunks };
  }

  /** Its blob is durable: the segments go. False, changing nothing, when the life has ended meanwhile. */
  store({ key, firstIndex, nextIndex }: ArchivedRun, bytes: number): boolean {
    if (!this.isAlive(key)) return false;
    this.#insert.run(key, firstIndex, nextIndex, bytes);
    this.#segments.remove(key, firstIndex, nextIndex);
    this.#empty = false;
    return true;
  }

  isAlive(key: number): boolean {
    return this.#states.idOf(key) !== undefined;
  }

  /** The run with this record, if it is archived. */
  find(key: number, index: number): ArchivedRun | undefined {
    if (this.#empty) return undefined;
    const row = this.#find.get(key, index);
    if (row === undefined || row.next_index <= index) return undefined;
    return { key, firstIndex: row.first_index, nextIndex: row.next_index };
  }

  /** With the worker; the archiver finds its blobs by their directory. */
  forget(key: number): void {
    if (!this.#empty) this.#forget.run(key);
  }
}

function recordsIn(list: Buffer): number {
  let records = 0;
  for (let at = 0; at < list.length; at += chunkHeaderBytes + list.readUInt32LE(at + 4)) {
    records += list.readUInt32LE(at);
  }
  return records;
}
