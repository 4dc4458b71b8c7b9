import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { compareCodePoints } from "./code-points.ts";

describe("compareCodePoints()", () => {
  it("orders as the bytes of UTF-8 do", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "\u{ffff}", "\u{e000}", "\u{10000}", "\u{10fffd}") });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const expected = Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
        assert.equal(Math.sign(compareCodePoints(left, right)), expected);
      }),
    );
  });
});
