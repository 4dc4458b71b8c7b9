/**
 * Consecutive chunks of one worker as bytes: in segments, and in the answer to a read. Each chunk is
 * u32 count of records | u32 bytes | records, little-endian. The index of the first one is kept elsewhere.
 */
import type { OplogChunk } from "../durability/oplog-store.ts";

export const chunkHeaderBytes = 8;

/** Writes one chunk; `target` has room for it. Returns the end. */
export function writeChunk(target: Buffer, at: number, count: number, records: Uint8Array): number {
  target.writeUInt32LE(count, at);
  target.writeUInt32LE(records.length, at + 4);
  target.set(records, at + chunkHeaderBytes);
  return at + chunkHeaderBytes + records.length;
}

export interface ChunkRange {
  /** Where the range begins and ends in the list. */
  readonly start: number;
  readonly end: number;
  readonly firstIndex: number;
  /** The index behind the last chunk of the range. */
  readonly nextIndex: number;
}

/**
 * Finds the chunks from the one with `fromIndex` on, until they have `bytesMax` bytes or the list ends; at least one if
 * there is one. `start` and `firstIndex` say where the list begins.
 */
export function selectChunks(
  list: Buffer,
  begin: { readonly start: number; readonly firstIndex: number },
  fromIndex: number,
  bytesMax: number,
): ChunkRange {
  let { start, firstIndex } = begin;
  let end = start;
  let nextIndex = firstIndex;
  while (end < list.length) {
    const count = list.readUInt32LE(end);
    const chunkEnd = end + chunkHeaderBytes + list.readUInt32LE(end + 4);
    if (nextIndex + count <= fromIndex) {
      start = chunkEnd;
      firstIndex = nextIndex + count;
    } else if (end > start && chunkEnd - start > bytesMax) break;
    end = chunkEnd;
    nextIndex += count;
  }
  return { start, end, firstIndex, nextIndex };
}

/** The chunks of a list; their records are views of it. */
export function readChunks(list: Buffer, firstIndex: number): OplogChunk[] {
  const chunks: OplogChunk[] = [];
  let index = firstIndex;
  let at = 0;
  while (at < list.length) {
    const count = list.readUInt32LE(at);
    const recordsStart = at + chunkHeaderBytes;
    at = recordsStart + list.readUInt32LE(at + 4);
    chunks.push({ firstIndex: index, count, records: list.subarray(recordsStart, at) });
    index += count;
  }
  return chunks;
}
