/** Segments: the records of one worker in rows of bounded size, each with a checksum in front. */
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { StoreError } from "../platform/store-error.ts";
import { chunkHeaderBytes, writeChunk } from "./chunk-list.ts";
import type { JournalEntry } from "./journal-format.ts";
import { Statement } from "./statement.ts";

/** u8 format version | 3 bytes zero | u32 CRC-32 of the chunk list that follows. */
export const segmentHeaderBytes = 8;
const segmentVersion = 1;

export interface Segment {
  readonly firstIndex: number;
  /** Header and chunk list; checked. */
  readonly data: Buffer;
}

interface SegmentRow {
  readonly first_index: number;
  readonly data: Uint8Array;
}

function encodeSegment(entries: readonly JournalEntry[]): Buffer {
  let bytes = segmentHeaderBytes;
  for (const entry of entries) bytes += chunkHeaderBytes + entry.recordsBytes;
  const data = Buffer.allocUnsafe(bytes);
  let at = segmentHeaderBytes;
  for (const entry of entries) {
    at = writeChunk(data, at, entry.count, entry.buffer.subarray(entry.recordsStart, entry.detailStart));
  }
  data.writeUInt32LE(segmentVersion, 0);
  data.writeUInt32LE(crc32(data.subarray(segmentHeaderBytes)), 4);
  return data;
}

function checkSegment(worker: number, row: SegmentRow): Segment {
  const data = Buffer.from(row.data.buffer, row.data.byteOffset, row.data.length);
  const where = `segment of worker key ${worker} at index ${row.first_index}`;
  if (data.length < segmentHeaderBytes || data.readUInt32LE(0) !== segmentVersion) {
    throw new StoreError("failed", `cannot read the ${where}: its format is unknown`);
  }
  if (data.readUInt32LE(4) !== crc32(data.subarray(segmentHeaderBytes))) {
    throw new StoreError(
      "failed",
      `cannot read the ${where}: its checksum does not match, the database file is damaged`,
    );
  }
  return { firstIndex: row.first_index, data };
}

export class Segments {
  readonly #insert: Statement<[worker: number, firstIndex: number, data: Uint8Array]>;
  readonly #select: Statement<[worker: number, workerAgain: number, fromIndex: number], SegmentRow>;
  readonly #remove: Statement<[worker: number, fromIndex: number, nextIndex: number]>;
  readonly #segmentBytes: number;

  constructor(database: DatabaseSync, segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
    this.#insert = new Statement(database, "INSERT INTO segments (worker, first_index, data) VALUES (?, ?, ?)");
    this.#remove = new Statement(
      database,
      `DELETE FROM segments WHERE segment IN
         (SELECT segment FROM segments INDEXED BY segments_by_worker
          WHERE worker = ? AND first_index >= ? AND first_index < ?)`,
    );
    this.#select = new Statement(
      database,
      `SELECT first_index, data FROM segments INDEXED BY segments_by_worker
       WHERE worker = ? AND first_index >=
         coalesce((SELECT max(first_index) FROM segments INDEXED BY segments_by_worker WHERE worker = ? AND first_index <= ?), 0)
       ORDER BY first_index`,
    );
  }

  /** Writes consecutive entries of one worker; returns the bytes written. To be called in a transaction. */
  append(worker: number, entries: readonly JournalEntry[]): number {
    let written = 0;
    let first = 0;
    let bytes = 0;
    for (const [index, entry] of entries.entries()) {
      bytes += chunkHeaderBytes + entry.recordsBytes;
      if (bytes < this.#segmentBytes && index + 1 < entries.length) continue;
      const firstIndex = entries[first]?.firstIndex ?? 0;
      const data = encodeSegment(entries.slice(first, index + 1));
      this.#insert.run(worker, firstIndex, data);
      written += data.length;
      first = index + 1;
      bytes = 0;
    }
    return written;
  }

  /** Removes those that begin with a record from `fromIndex` on and before `nextIndex`. */
  remove(worker: number, fromIndex: number, nextIndex: number): void {
    this.#remove.run(worker, fromIndex, nextIndex);
  }

  /** The segment with `fromIndex` and those after it; all for 0. Throws a `StoreError` at a damaged one. */
  *read(worker: number, fromIndex: number): Generator<Segment> {
    for (const row of this.#select.iterate(worker, worker, fromIndex)) yield checkSegment(worker, row);
  }
}
