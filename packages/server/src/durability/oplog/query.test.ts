import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseQuery, QueryError } from "./query.ts";
import type { SearchText } from "./query.ts";

const texts: readonly SearchText[] = [
  { path: [], text: "exported-function-invoked" },
  { path: ["functionName"], text: "add-item" },
  { path: ["item", "productId"], text: "Green Tea" },
  { path: ["item", "quantity"], text: "12" },
];

const matches = (query: string): boolean => parseQuery(query)(texts);

describe("parseQuery()", () => {
  it("finds words, phrases and expressions anywhere", () => {
    for (const query of ["", "tea", "GREEN", '"green tea"', "/gr[e]+n/ OR /Gr[e]+n/", "exported", "12"]) {
      assert.equal(matches(query), true, query);
    }
    for (const query of ["coffee", '"tea green"', "/^tea$/", "13"]) assert.equal(matches(query), false, query);
  });

  it("finds terms at paths, whole with =", () => {
    for (const query of ["item.product-id:tea", "item.product_id:Tea", "item:12", 'item.productId="green tea"']) {
      assert.equal(matches(query), true, query);
    }
    for (const query of ["item.quantity:tea", "item.product-id=tea", "other:tea"]) {
      assert.equal(matches(query), false, query);
    }
  });

  it("combines by AND, OR, NOT and parentheses", () => {
    for (const query of [
      "tea 12",
      "tea AND NOT coffee",
      "coffee OR tea",
      "NOT (coffee OR milk)",
      "(coffee OR tea) AND (item.quantity=12)",
      "NOT NOT tea",
      "coffee 1 OR tea",
    ]) {
      assert.equal(matches(query), true, query);
    }
    for (const query of ["tea coffee", "NOT tea", "tea AND coffee OR milk"]) assert.equal(matches(query), false, query);
  });

  it("refuses what it can't read, and never anything else", () => {
    for (const query of ["(", "a)", "()", '"open', "a AND", "NOT", "/(/", "(".repeat(200), "x".repeat(20_000)]) {
      assert.throws(() => parseQuery(query), QueryError, query);
    }
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 30 }), (query) => {
        try {
          parseQuery(query)(texts);
        } catch (error) {
          assert.ok(error instanceof QueryError);
        }
      }),
    );
  });
});
