import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ByteReader, DecodeError } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import type { OplogChunk } from "../oplog-store.ts";
import { chunkFrom, decodeEntry, framesOf } from "./decode-entry.ts";
import { entryKindByCode, entryTypes } from "./entry-types.ts";
import { beginRecord, endRecord, externalizeRecord, formatVersion, readFrame } from "./record-format.ts";

describe("readFrame()", () => {
  it("gives back what was written, at any time to 2^48 ms", () => {
    const record = fc.record({
      code: fc.integer({ min: 1, max: 127 }),
      timestampMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      payload: fc.uint8Array({ maxLength: 40 }),
      blobName: fc.option(fc.string({ maxLength: 60 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const writer = new ByteWriter(1);
        for (const { code, timestampMs, payload, blobName } of records) {
          const start = beginRecord(writer, code, timestampMs);
          writer.raw(payload);
          if (blobName === undefined) endRecord(writer, start);
          else externalizeRecord(writer, start, blobName);
        }
        const reader = new ByteReader(writer.take());
        for (const { code, timestampMs, payload, blobName } of records) {
          const frame = readFrame(reader);
          assert.equal(frame.code, code);
          assert.equal(frame.timestampMs, timestampMs);
          assert.equal(frame.external, blobName !== undefined);
          if (blobName === undefined) assert.deepEqual(reader.raw(payload.length), payload);
          else assert.equal(reader.string(), blobName.toWellFormed());
          assert.equal(reader.offset, frame.payloadEnd);
        }
        reader.expectEnd();
      }),
    );
  });

  it("gives a frame within the data or DecodeError for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        try {
          const frame = readFrame(new ByteReader(bytes));
          assert.ok(frame.payloadEnd <= bytes.length);
        } catch (error) {
          assert.ok(error instanceof DecodeError);
        }
      }),
    );
  });
});

describe("chunkFrom()", () => {
  const code = 3;

  function chunkOf(payloads: readonly Uint8Array[]): OplogChunk {
    const writer = new ByteWriter(1);
    writer.u8(formatVersion);
    for (const [number, payload] of payloads.entries()) {
      const start = beginRecord(writer, code, number);
      writer.raw(payload);
      endRecord(writer, start);
    }
    return { firstIndex: 5, count: payloads.length, records: writer.take() };
  }

  const framesIn = (chunk: OplogChunk): readonly unknown[] =>
    [...framesOf(chunk)].map(({ index, frame, reader }) => [
      index,
      frame.timestampMs,
      [...reader.bytes.subarray(frame.payloadStart, frame.payloadEnd)],
    ]);

  it("gives what a chunk has from an index on", () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(payloads, fc.nat(), (given, choice) => {
        const chunk = chunkOf(given);
        const index = 5 + (choice % given.length);
        const rest = chunkFrom(chunk, index);
        assert.equal(rest.firstIndex, index);
        assert.deepEqual(framesIn(rest), framesIn(chunk).slice(index - 5));
        assert.equal(chunkFrom(chunk, 5), chunk);
        assert.equal(chunkFrom(chunk, 2), chunk);
      }),
    );
  });

  it("gives DecodeError for records that end too early", () => {
    const { records, ...chunk } = chunkOf([new Uint8Array(10), new Uint8Array(10), new Uint8Array(10)]);
    for (const length of [1, 8, 15, 40]) {
      assert.throws(() => chunkFrom({ ...chunk, records: records.subarray(0, length) }, 7), DecodeError);
    }
  });
});

describe("framesOf() and decodeEntry()", () => {
  const read = (records: Uint8Array): unknown =>
    [...framesOf({ firstIndex: 1, count: 1, records })].map((record) => decodeEntry(record, () => undefined));

  it("give entries or DecodeError for any bytes", () => {
    const codes = fc.constantFrom(...entryKindByCode.keys());
    fc.assert(
      fc.property(codes, fc.uint8Array({ maxLength: 60 }), (code, payload) => {
        const writer = new ByteWriter();
        writer.u8(formatVersion);
        const start = beginRecord(writer, code, 1);
        writer.raw(payload);
        endRecord(writer, start);
        try {
          read(writer.take());
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuse formats and kinds of newer servers, and payloads that are gone", () => {
    assert.throws(() => read(Uint8Array.of(2)), { name: "DecodeError", message: /format 2: newer/u });
    const writer = new ByteWriter();
    writer.u8(formatVersion);
    endRecord(writer, beginRecord(writer, 99, 1));
    assert.throws(() => read(writer.take()), { name: "DecodeError", message: /kind 99: newer/u });
    writer.length = 1;
    externalizeRecord(writer, beginRecord(writer, entryTypes.log.code, 1), "gone");
    assert.throws(() => read(writer.take()), { name: "DecodeError", message: /"gone" is missing/u });
  });

  it("number every kind differently", () => {
    const codes = Object.values(entryTypes).map((type) => type.code);
    assert.equal(new Set(codes).size, codes.length);
    assert.ok(codes.every((code) => code > 0 && code < 128));
  });
});
