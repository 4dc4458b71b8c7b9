import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { chunkHeaderBytes, readChunks, selectChunks, writeChunk } from "./chunk-list.ts";

const chunks = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: 20 }), records: fc.uint8Array({ maxLength: 40 }) }),
  { minLength: 1, maxLength: 12 },
);

function listOf(all: readonly { count: number; records: Uint8Array }[]): Buffer {
  const list = Buffer.alloc(all.reduce((bytes, chunk) => bytes + chunkHeaderBytes + chunk.records.length, 0));
  let at = 0;
  for (const { count, records } of all) at = writeChunk(list, at, count, records);
  return list;
}

describe("chunk list", () => {
  it("readChunks() returns what writeChunk() wrote", () => {
    fc.assert(
      fc.property(chunks, fc.nat(1000), (all, firstIndex) => {
        let index = firstIndex;
        const expected = all.map(({ count, records }) => {
          const chunk = { firstIndex: index, count, records: [...records] };
          index += count;
          return chunk;
        });
        const read = readChunks(listOf(all), firstIndex);
        assert.deepEqual(
          read.map((chunk) => ({ ...chunk, records: [...chunk.records] })),
          expected,
        );
      }),
    );
  });

  it("selectChunks() covers the index and stops at the size, with at least one chunk", () => {
    fc.assert(
      fc.property(chunks, fc.nat(), fc.integer({ min: 1, max: 200 }), (all, place, bytesMax) => {
        const list = listOf(all);
        const total = all.reduce((sum, chunk) => sum + chunk.count, 0);
        const fromIndex = 1 + (place % total);
        const range = selectChunks(list, { start: 0, firstIndex: 1 }, fromIndex, bytesMax);
        const selected = readChunks(list.subarray(range.start, range.end), range.firstIndex);
        const [first] = selected;
        assert.ok(first !== undefined && first.firstIndex <= fromIndex && first.firstIndex + first.count > fromIndex);
        assert.ok(selected.length === 1 || range.end - range.start <= bytesMax);
        assert.equal(range.nextIndex, first.firstIndex + selected.reduce((sum, chunk) => sum + chunk.count, 0));
        if (range.end < list.length) {
          const next = list.subarray(range.end);
          assert.ok(range.end + chunkHeaderBytes + next.readUInt32LE(4) - range.start > bytesMax);
        }
      }),
    );
  });
});
