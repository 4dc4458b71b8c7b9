import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editDistance, nearest, suggestion } from "./nearest.ts";

describe("nearest()", () => {
  it("counts insertions, deletions, replacements and swaps", () => {
    const cases = [
      ["", "", 0],
      ["abc", "", 3],
      ["add-itm", "add-item", 1],
      ["add-itme", "add-item", 1],
      ["kitten", "sitting", 3],
    ] as const;
    for (const [a, b, distance] of cases) {
      assert.equal(editDistance(a, b), distance);
      assert.equal(editDistance(b, a), distance);
    }
  });

  it("finds what was meant, and nothing where nothing resembles it", () => {
    assert.equal(nearest("chekout", ["add-item", "checkout"]), "checkout");
    assert.equal(nearest("get", ["set-value", "get-cart-contents"]), "get-cart-contents");
    assert.equal(nearest("frobnicate", ["add-item", "checkout"]), undefined);
    assert.equal(suggestion("cort", ["cart"]), '; did you mean "cart"?');
    assert.equal(suggestion("x", []), "");
  });
});
