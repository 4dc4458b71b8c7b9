import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { OplogAppend } from "../durability/oplog-store.ts";
import { workerStatuses } from "../durability/worker-row.ts";
import {
  entryBytesMax,
  epochAt,
  fenceBytes,
  finishRow,
  JournalEntry,
  JournalError,
  readRow,
  rowHeaderBytes,
  shardAt,
  statusCode,
  statusOfCode,
  writeEntry,
} from "./journal-format.ts";
import { encodeEnvironment } from "./worker-rows.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
const bytes = fc.uint8Array({ maxLength: 300 });

const appends: fc.Arbitrary<OplogAppend> = fc.record({
  worker: fc.record({ componentId: fc.uuid(), workerName: text }),
  shard: fc.nat(1023),
  epoch: fc.maxSafeNat(),
  chunk: fc.record({ firstIndex: fc.maxSafeNat(), count: fc.nat(0xffff_ffff), records: bytes }),
  row: fc.record({
    status: fc.constantFrom(...workerStatuses),
    componentVersion: fc.maxSafeNat(),
    createdAtMs: fc.double({ min: 0, max: 1e15, noNaN: true }),
    env: fc.array(fc.tuple(text, text), { maxLength: 4 }),
    needsRecovery: fc.boolean(),
    detail: bytes,
  }),
});

function encode(append: OplogAppend): { buffer: Buffer; end: number } {
  const environment = Buffer.from(encodeEnvironment(append.row.env));
  const buffer = Buffer.alloc(entryBytesMax(append, environment.length));
  return { buffer, end: writeEntry(buffer, 0, append, environment) };
}

/** A journal row with the entries of these appends, as the storage thread makes it. */
function rowWith(all: readonly OplogAppend[], strip: boolean): Buffer {
  const parts = all.map((append, index) => {
    const { buffer, end } = encode(append);
    const entry = new JournalEntry(buffer, fenceBytes);
    entry.key = index + 1;
    assert.equal(entry.end, end);
    if (strip) entry.strip();
    return buffer.subarray(fenceBytes, entry.end);
  });
  const row = Buffer.concat([Buffer.alloc(rowHeaderBytes), ...parts]);
  finishRow(row, all.length);
  return row;
}

describe("journal format", () => {
  it("readRow() returns the entries that were written", () => {
    fc.assert(
      fc.property(fc.array(appends, { maxLength: 8 }), fc.boolean(), (all, strip) => {
        const entries = readRow(rowWith(all, strip));
        assert.equal(entries.length, all.length);
        for (const [index, entry] of entries.entries()) {
          const append = all[index];
          assert.ok(append !== undefined);
          const { worker, chunk, row } = append;
          assert.equal(entry.key, index + 1);
          assert.equal(entry.firstIndex, chunk.firstIndex);
          assert.equal(entry.count, chunk.count);
          assert.equal(statusOfCode(entry.status), row.status);
          assert.equal(entry.needsRecovery, row.needsRecovery);
          assert.equal(entry.createdAtMs, row.createdAtMs);
          assert.equal(entry.componentVersion, row.componentVersion);
          assert.deepEqual(entry.detail, row.detail);
          const records = new Uint8Array(entry.buffer.subarray(entry.recordsStart, entry.detailStart));
          assert.deepEqual(records, chunk.records);
          const environment = entry.buffer.toString(
            "utf8",
            entry.environmentStart,
            entry.environmentStart + entry.environmentBytes,
          );
          assert.equal(environment, strip ? "" : JSON.stringify(row.env));
          assert.equal(entry.id, strip ? "" : `${worker.componentId}/${worker.workerName}`);
        }
      }),
    );
  });

  it("writeEntry() puts the fence in front", () => {
    fc.assert(
      fc.property(appends, (append) => {
        const { buffer } = encode(append);
        assert.equal(shardAt(buffer, 0), append.shard);
        assert.equal(epochAt(buffer, 0), append.epoch);
      }),
    );
  });

  it("readRow() refuses a row with any bit changed, or cut short", () => {
    fc.assert(
      fc.property(appends, fc.nat(), fc.nat(7), (append, place, bit) => {
        const row = rowWith([append], false);
        const cut = row.subarray(0, place % row.length);
        assert.throws(() => readRow(Buffer.from(cut)), JournalError);
        const at = place % row.length;
        row.writeUInt8(row.readUInt8(at) ^ (1 << bit), at);
        assert.throws(() => readRow(row), JournalError);
      }),
    );
  });

  it("readRow() names the version of a newer format", () => {
    const row = rowWith([], false);
    row.writeUInt32LE(2, 0);
    assert.throws(() => readRow(row), /format version 2, this server knows 1/);
  });

  it("statusCode() gives each status its place in the order of filters", () => {
    assert.deepEqual(
      workerStatuses.map((status) => statusCode(status)),
      [0, 1, 2, 3, 4, 5, 6],
    );
    assert.throws(() => statusOfCode(7), JournalError);
  });
});
