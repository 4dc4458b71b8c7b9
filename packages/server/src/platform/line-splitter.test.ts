import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LineSplitter } from "./line-splitter.ts";
import type { Line } from "./line-splitter.ts";

function linesOf(splitter: LineSplitter, chunks: readonly Buffer[]): readonly Line[] {
  const lines = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
  const last = splitter.end();
  return last === undefined ? lines : [...lines, last];
}

describe("LineSplitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    const text = fc.string({ unit: "binary" }).map((any) => any.toWellFormed());
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 20 }), (whole, cuts) => {
        const bytes = Buffer.from(whole.replaceAll("a", "\n"));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((x, y) => x - y), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const expected = bytes.toString("utf8").split("\n");
        if (expected.at(-1) === "") expected.pop();
        assert.deepEqual(
          linesOf(new LineSplitter(1000), chunks),
          expected.map((line) => ({ text: line })),
        );
      }),
    );
  });

  it("forgets lines that are too long, and goes on with the next", () => {
    const chunks = ["12345", "6\n123", "45\n\n", "1234567"].map((text) => Buffer.from(text));
    assert.deepEqual(linesOf(new LineSplitter(5), chunks), ["too-long", { text: "12345" }, { text: "" }, "too-long"]);
  });
});
