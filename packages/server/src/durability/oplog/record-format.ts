/**
 * The frame around every oplog record, format version 1:
 *
 *   u8 kind | u32 payload length | u48 timestamp in ms | payload
 *
 * Bit 7 of the kind says that the payload lies in the blob store; the frame then holds the blob's name. A chunk is
 * such records one after another; its own first byte is the format version.
 */
import type { ByteReader } from "../codec/byte-reader.ts";
import { DecodeError } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";

export const formatVersion = 1;

/** Payloads above this many bytes go to the blob store. */
export const inlinePayloadBytesMax = 65_536;

export const headerBytes = 11;
const externalBit = 0x80;

export interface RecordFrame {
  readonly code: number;
  readonly external: boolean;
  readonly timestampMs: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Writes the header with an open length; returns the position to hand to `endRecord`. */
export function beginRecord(writer: ByteWriter, code: number, timestampMs: number): number {
  writer.reserve(headerBytes);
  const start = writer.length;
  const { view } = writer;
  writer.bytes[start] = code;
  // Wraps around by itself; a remainder of floats takes as long as the rest of the header.
  view.setUint32(start + 5, timestampMs, true);
  view.setUint16(start + 9, timestampMs / 0x1_0000_0000, true);
  writer.length = start + headerBytes;
  return start;
}

export function endRecord(writer: ByteWriter, start: number): void {
  writer.view.setUint32(start + 1, writer.length - start - headerBytes, true);
}

/** Marks the record as having its payload in the blob store, replacing it by `blobName`. */
export function externalizeRecord(writer: ByteWriter, start: number, blobName: string): void {
  writer.length = start + headerBytes;
  writer.bytes[start] = (writer.bytes[start] ?? 0) | externalBit;
  writer.string(blobName);
  endRecord(writer, start);
}

/** Passes over records without looking at them. */
export function skipRecords(reader: ByteReader, count: number): void {
  const { view, end } = reader;
  let { offset } = reader;
  for (let skipped = 0; skipped < count; skipped++) {
    if (offset + headerBytes > end) throw new DecodeError(`cannot read an oplog record at ${offset}: data ends`);
    offset += headerBytes + view.getUint32(offset + 1, true);
  }
  if (offset > end) throw new DecodeError("cannot read an oplog record: data ends");
  reader.offset = offset;
}

/** Reads a header and leaves `reader` at the payload. */
export function readFrame(reader: ByteReader): RecordFrame {
  const { view, offset } = reader;
  const payloadStart = offset + headerBytes;
  if (payloadStart > reader.end) throw new DecodeError(`cannot read an oplog record at ${offset}: data ends`);
  const kind = view.getUint8(offset);
  const payloadEnd = payloadStart + view.getUint32(offset + 1, true);
  if (payloadEnd > reader.end) throw new DecodeError(`cannot read an oplog record at ${offset}: data ends`);
  const timestampMs = view.getUint32(offset + 5, true) + view.getUint16(offset + 9, true) * 0x1_0000_0000;
  reader.offset = payloadStart;
  return { code: kind & ~externalBit, external: (kind & externalBit) !== 0, timestampMs, payloadStart, payloadEnd };
}
