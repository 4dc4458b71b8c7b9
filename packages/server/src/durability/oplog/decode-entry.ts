/** Reads oplog records back as entries, for the status fold and the views; replay has its own faster cursor. */
import { ByteReader, DecodeError } from "../codec/byte-reader.ts";
import { valueCodec } from "../codec/value-codec.ts";
import type { OplogChunk } from "../oplog-store.ts";
import { entryKindByCode, entryTypes } from "./entry-types.ts";
import type { EntryKind, OplogEntry } from "./entry-types.ts";
import { formatVersion, readFrame, skipRecords } from "./record-format.ts";
import type { RecordFrame } from "./record-format.ts";

/** Fetches a payload that was too large for its record. */
export type PayloadSource = (blobName: string) => Uint8Array | undefined;

/** Positions a reader behind the format version of a chunk. */
export function openChunk(chunk: OplogChunk): ByteReader {
  const reader = new ByteReader(chunk.records);
  const version = reader.u8();
  if (version !== formatVersion) throw new DecodeError(`cannot read oplog format ${version}: newer than this server`);
  return reader;
}

/** What a chunk has from `index` on, which lies in it: of very many records before that none is looked at. */
export function chunkFrom(chunk: OplogChunk, index: number): OplogChunk {
  const passed = index - chunk.firstIndex;
  if (passed <= 0) return chunk;
  const reader = openChunk(chunk);
  skipRecords(reader, passed);
  const rest = reader.bytes.subarray(reader.offset, reader.end);
  const records = new Uint8Array(1 + rest.length);
  records[0] = formatVersion;
  records.set(rest, 1);
  return { firstIndex: index, count: chunk.count - passed, records };
}

export function entryKind(code: number): EntryKind {
  const kind = entryKindByCode.get(code);
  if (kind === undefined) throw new DecodeError(`cannot read oplog entry kind ${code}: newer than this server`);
  return kind;
}

/** A reader on the payload of `frame`, wherever it lies. */
export function payloadReader(reader: ByteReader, frame: RecordFrame, payloads: PayloadSource): ByteReader {
  if (!frame.external) return new ByteReader(reader.bytes, frame.payloadStart, frame.payloadEnd);
  const name = new ByteReader(reader.bytes, frame.payloadStart, frame.payloadEnd).string();
  const payload = payloads(name);
  if (payload === undefined) throw new DecodeError(`cannot read an oplog payload: blob "${name}" is missing`);
  return new ByteReader(payload);
}

export interface IndexedFrame {
  readonly index: number;
  readonly frame: RecordFrame;
  readonly kind: EntryKind;
  readonly reader: ByteReader;
}

/** All records of a chunk, without their payloads decoded. */
export function* framesOf(chunk: OplogChunk): Generator<IndexedFrame> {
  const reader = openChunk(chunk);
  for (let position = 0; position < chunk.count; position++) {
    const frame = readFrame(reader);
    yield { index: chunk.firstIndex + position, frame, kind: entryKind(frame.code), reader };
    reader.offset = frame.payloadEnd;
  }
}

/** The entry in `record`; not for host calls, which need their declarations (`imported-function.ts`). */
export function decodeEntry(record: IndexedFrame, payloads: PayloadSource): OplogEntry {
  const { kind, frame, reader } = record;
  const codec = valueCodec<OplogEntry["fields"]>(entryTypes[kind].fields.type);
  const fields = codec.decode(payloadReader(reader, frame, payloads));
  return { kind, timestampMs: frame.timestampMs, fields } as OplogEntry;
}
