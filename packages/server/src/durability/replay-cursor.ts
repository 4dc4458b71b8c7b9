/**
 * Walks an oplog for replay: it stands on the next record that replay consumes, passing over hints and deleted regions.
 * It is read a million times a second, so the current record is in fields instead of an object.
 */
import { ByteReader, DecodeError } from "./codec/byte-reader.ts";
import { DeletedRegions } from "./deleted-regions.ts";
import { decodeEntry, entryKind, openChunk, payloadReader } from "./oplog/decode-entry.ts";
import type { PayloadSource } from "./oplog/decode-entry.ts";
import type { EntryFields, EntryKind, OplogRegion } from "./oplog/entry-types.ts";
import { entryTypes } from "./oplog/entry-types.ts";
import { readFrame } from "./oplog/record-format.ts";
import type { RecordFrame } from "./oplog/record-format.ts";
import type { OplogChunk } from "./oplog-store.ts";

const hintCodes = new Set<number>(Object.values(entryTypes).flatMap((type) => (type.hint ? [type.code] : [])));
const logCode = entryTypes.log.code;
const importedCode = entryTypes["imported-function-invoked"].code;

export type LogFields = EntryFields<"log">;

export class ReplayCursor {
  readonly #chunks: readonly OplogChunk[];
  readonly #deleted: DeletedRegions;
  readonly #payloads: PayloadSource;
  #nextChunk = 0;
  #reader = new ByteReader(new Uint8Array(0));
  /** Index of the next record to read, and the first index behind the current chunk. */
  #nextIndex = 0;
  #chunkEnd = 0;
  #frame: RecordFrame | undefined;
  /** Log records since the last record that isn't a hint. */
  #logs: { readonly index: number; readonly frame: RecordFrame; readonly reader: ByteReader }[] = [];

  /** The index of the record it stands on. */
  index = 0;

  constructor(chunks: readonly OplogChunk[], deletedRegions: readonly OplogRegion[], payloads: PayloadSource) {
    this.#chunks = chunks;
    this.#deleted = new DeletedRegions(deletedRegions);
    this.#payloads = payloads;
    this.next();
  }

  /** True when no record is left to replay. */
  get done(): boolean {
    return this.#frame === undefined;
  }

  /** The kind it stands on. Must not be asked when done. */
  get kind(): EntryKind {
    return entryKind(this.#current().code);
  }

  /** When the record it stands on was written. */
  get timestampMs(): number {
    return this.#current().timestampMs;
  }

  get isImportedCall(): boolean {
    return this.#frame?.code === importedCode;
  }

  /** A reader on the payload of the current record. */
  payload(): ByteReader {
    const frame = this.#current();
    if (frame.external) return payloadReader(this.#reader, frame, this.#payloads);
    this.#reader.offset = frame.payloadStart;
    return this.#reader;
  }

  /** Asserts that `payload`, which `payload()` gave, was read to its end: else it was written for other types. */
  expectRead(payload: ByteReader): void {
    const end = payload === this.#reader ? this.#current().payloadEnd : payload.end;
    if (payload.offset !== end) throw new DecodeError(`cannot read oplog entry ${this.index}: it has another layout`);
  }

  /** The fields of the current record, which is of kind `kind`. */
  fields<K extends EntryKind>(kind: K): EntryFields<K> {
    const record = { index: this.index, frame: this.#current(), kind, reader: this.#reader };
    const { fields } = decodeEntry(record, this.#payloads);
    return fields;
  }

  /** Moves to the next record. */
  next(): void {
    for (;;) {
      if (this.#frame !== undefined) this.#reader.offset = this.#frame.payloadEnd;
      this.#frame = undefined;
      while (this.#nextIndex >= this.#chunkEnd) if (!this.#enterChunk()) return;
      const frame = readFrame(this.#reader);
      const index = this.#nextIndex++;
      this.#frame = frame;
      // What was logged in a region that is void is said once more: the code runs anew.
      if (this.#deleted.has(index)) continue;
      if (hintCodes.has(frame.code)) {
        if (frame.code === logCode) this.#logs.push({ index, frame, reader: this.#reader });
      } else {
        this.index = index;
        this.#logs = this.#logs.length === 0 ? this.#logs : [];
        return;
      }
    }
  }

  /** What was logged after the last replayed record: the code that runs again from there will say it once more. */
  trailingLogs(): readonly LogFields[] {
    return this.#logs.map(
      (record) => decodeEntry({ ...record, kind: "log" }, this.#payloads).fields as EntryFields<"log">,
    );
  }

  #current(): RecordFrame {
    if (this.#frame === undefined) throw new DecodeError("cannot read the oplog: replay is at its end");
    return this.#frame;
  }

  #enterChunk(): boolean {
    const chunk = this.#chunks[this.#nextChunk];
    if (chunk === undefined) return false;
    this.#nextChunk += 1;
    this.#reader = openChunk(chunk);
    this.#nextIndex = chunk.firstIndex;
    this.#chunkEnd = chunk.firstIndex + chunk.count;
    return true;
  }
}
