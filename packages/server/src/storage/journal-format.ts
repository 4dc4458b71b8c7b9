/**
 * Bytes of appends, on their way from a client to the storage thread and in rows of the journal.
 *
 * An entry is one append: a fixed header, then records, detail, environment (JSON) and worker id. All numbers are
 * little-endian. The storage thread copies entries into a journal row as they came, except that it sets the key and
 * cuts off the environment and the id (they come last for that) where the journal or the tables hold them already.
 *
 * A row is: u8 format version | 3 bytes zero | u32 CRC-32 of all that follows | u32 count of entries | entries.
 */
import { crc32 } from "node:zlib";
import type { OplogAppend } from "../durability/oplog-store.ts";
import type { WorkerStatus } from "../durability/worker-row.ts";
import { workerStatuses } from "../durability/worker-row.ts";

export const journalVersion = 1;
export const rowHeaderBytes = 12;

/** Where the fields of an entry lie, relative to its start. */
const field = {
  recordsBytes: 0,
  detailBytes: 4,
  /** 0: the environment is that of the worker's entry before. */
  environmentBytes: 8,
  /** 0: an earlier entry or the worker table has the id for this key. */
  idBytes: 12,
  status: 14,
  needsRecovery: 15,
  count: 16,
  firstIndex: 20,
  key: 28,
  createdAtMs: 36,
  componentVersion: 44,
} as const;
export const entryHeaderBytes = 52;

/** In a client's message each entry is preceded by shard (u32) and epoch (f64). */
export const fenceBytes = 12;

/** Thrown for a journal row that isn't what was written. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

const statusCodes: Readonly<Record<WorkerStatus, number>> = {
  Running: 0,
  Idle: 1,
  Suspended: 2,
  Interrupted: 3,
  Retrying: 4,
  Failed: 5,
  Exited: 6,
};

/** The order of statuses in filters, which is the code in tables and entries. */
export function statusCode(status: WorkerStatus): number {
  return statusCodes[status];
}

export function statusOfCode(code: number): WorkerStatus {
  const status = workerStatuses[code];
  if (status === undefined) throw new JournalError(`cannot read a worker status: code ${code} is unknown`);
  return status;
}

/** Bytes that an append's entry and fence take up at most; `environmentBytes` is the length of its JSON. */
export function entryBytesMax(append: OplogAppend, environmentBytes: number): number {
  const { worker, chunk, row } = append;
  const idBytes = (worker.componentId.length + 1 + worker.workerName.length) * 3;
  return fenceBytes + entryHeaderBytes + chunk.records.length + row.detail.length + environmentBytes + idBytes;
}

/** Writes fence and entry at `at`, with key 0; returns the end. `target` has room for `entryBytesMax`. */
export function writeEntry(target: Buffer, at: number, append: OplogAppend, environment: Uint8Array): number {
  const { worker, chunk, row } = append;
  target.writeUInt32LE(append.shard, at);
  target.writeDoubleLE(append.epoch, at + 4);
  const start = at + fenceBytes;
  target.writeUInt32LE(chunk.records.length, start + field.recordsBytes);
  target.writeUInt32LE(row.detail.length, start + field.detailBytes);
  target.writeUInt32LE(environment.length, start + field.environmentBytes);
  target[start + field.status] = statusCodes[row.status];
  target[start + field.needsRecovery] = row.needsRecovery ? 1 : 0;
  target.writeUInt32LE(chunk.count, start + field.count);
  target.writeDoubleLE(chunk.firstIndex, start + field.firstIndex);
  target.writeDoubleLE(0, start + field.key);
  target.writeDoubleLE(row.createdAtMs, start + field.createdAtMs);
  target.writeDoubleLE(row.componentVersion, start + field.componentVersion);
  let end = start + entryHeaderBytes;
  target.set(chunk.records, end);
  end += chunk.records.length;
  target.set(row.detail, end);
  end += row.detail.length;
  target.set(environment, end);
  end += environment.length;
  const idStart = end;
  end += target.write(worker.componentId, end);
  target[end++] = 0x2f;
  end += target.write(worker.workerName, end);
  target.writeUInt16LE(end - idStart, start + field.idBytes);
  return end;
}

export function shardAt(message: Buffer, at: number): number {
  return message.readUInt32LE(at);
}

export function epochAt(message: Buffer, at: number): number {
  return message.readDoubleLE(at + 4);
}

/** One entry within a buffer. Fields are read where they are needed, since most entries are only copied. */
export class JournalEntry {
  readonly buffer: Buffer;
  readonly start: number;

  constructor(buffer: Buffer, start: number) {
    this.buffer = buffer;
    this.start = start;
  }

  get recordsBytes(): number {
    return this.buffer.readUInt32LE(this.start + field.recordsBytes);
  }

  get detailBytes(): number {
    return this.buffer.readUInt32LE(this.start + field.detailBytes);
  }

  get environmentBytes(): number {
    return this.buffer.readUInt32LE(this.start + field.environmentBytes);
  }

  get idBytes(): number {
    return this.buffer.readUInt16LE(this.start + field.idBytes);
  }

  get status(): number {
    return this.buffer.readUInt8(this.start + field.status);
  }

  get needsRecovery(): boolean {
    return this.buffer.readUInt8(this.start + field.needsRecovery) === 1;
  }

  get count(): number {
    return this.buffer.readUInt32LE(this.start + field.count);
  }

  get firstIndex(): number {
    return this.buffer.readDoubleLE(this.start + field.firstIndex);
  }

  get nextIndex(): number {
    return this.firstIndex + this.count;
  }

  get key(): number {
    return this.buffer.readDoubleLE(this.start + field.key);
  }

  set key(key: number) {
    this.buffer.writeDoubleLE(key, this.start + field.key);
  }

  get createdAtMs(): number {
    return this.buffer.readDoubleLE(this.start + field.createdAtMs);
  }

  get componentVersion(): number {
    return this.buffer.readDoubleLE(this.start + field.componentVersion);
  }

  get recordsStart(): number {
    return this.start + entryHeaderBytes;
  }

  get detailStart(): number {
    return this.recordsStart + this.recordsBytes;
  }

  get environmentStart(): number {
    return this.detailStart + this.detailBytes;
  }

  get end(): number {
    return this.environmentStart + this.environmentBytes + this.idBytes;
  }

  /** A copy of the worker's encoded status. */
  get detail(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(this.detailStart, this.environmentStart));
  }

  /** The worker id's text, empty when it was cut off. */
  get id(): string {
    const start = this.environmentStart + this.environmentBytes;
    return this.buffer.toString("utf8", start, start + this.idBytes);
  }

  /** Takes environment and id off: an earlier entry has them. */
  strip(): void {
    this.buffer.writeUInt32LE(0, this.start + field.environmentBytes);
    this.buffer.writeUInt16LE(0, this.start + field.idBytes);
  }
}

/** Fills in the header of a row whose entries were written behind it. */
export function finishRow(row: Buffer, count: number): void {
  row.writeUInt32LE(journalVersion, 0);
  row.writeUInt32LE(count, 8);
  row.writeUInt32LE(crc32(row.subarray(8)), 4);
}

/** The entries of a row read from the journal. Throws `JournalError` for a damaged or unknown one. */
export function readRow(row: Buffer): JournalEntry[] {
  if (row.length < rowHeaderBytes) throw new JournalError(`cannot read a journal row: it has ${row.length} bytes`);
  const version = row.readUInt32LE(0);
  if (version !== journalVersion) {
    throw new JournalError(`cannot read a journal row: format version ${version}, this server knows ${journalVersion}`);
  }
  if (row.readUInt32LE(4) !== crc32(row.subarray(8))) {
    throw new JournalError("cannot read a journal row: its checksum does not match, the database file is damaged");
  }
  const count = row.readUInt32LE(8);
  const entries: JournalEntry[] = [];
  let at = rowHeaderBytes;
  while (entries.length < count) {
    if (at + entryHeaderBytes > row.length) throw new JournalError("cannot read a journal row: it ends in an entry");
    const entry = new JournalEntry(row, at);
    entries.push(entry);
    at = entry.end;
  }
  if (at !== row.length) throw new JournalError("cannot read a journal row: its entries don't fill it");
  return entries;
}
