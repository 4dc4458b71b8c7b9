import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, assert as assertProperty, nat, property, uint8Array } from "fast-check";
import { ChunkQueue } from "./chunk-queue.ts";

describe("ChunkQueue", () => {
  it("gives all bytes in order, in pieces of the lengths asked for", () => {
    assertProperty(
      property(array(uint8Array({ maxLength: 9 })), array(nat(12)), (chunks, lengths) => {
        const queue = new ChunkQueue();
        for (const chunk of chunks) queue.push(chunk);
        const all = Buffer.concat(chunks);
        let at = 0;
        for (const length of lengths) {
          const taken = queue.take(length);
          assert.deepEqual(Buffer.from(taken), all.subarray(at, at + length));
          at += taken.length;
          assert.equal(queue.bytes, all.length - at);
        }
        assert.deepEqual(Buffer.from(queue.take(Number.POSITIVE_INFINITY)), all.subarray(at));
      }),
    );
  });
});
