import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseQuery, QueryError } from "./query.ts";
import type { SearchText } from "./query.ts";

const texts: readonly SearchText[] = [
  { path: [], omitted: 0, text: "exported-function-invoked" },
  { path: ["functionName"], omitted: 0, text: "add-item" },
  { path: ["request", "item", "productId"], omitted: 2, text: "Green Tea" },
  { path: ["request", "item", "quantity"], omitted: 2, text: "12" },
  { path: ["note"], omitted: 1, text: 'a:b (c) "d"' },
];

const matches = (query: string): boolean => parseQuery(query)(texts);

describe("parseQuery()", () => {
  it("finds words, phrases and expressions anywhere", () => {
    for (const query of ["", "tea", "GREEN", '"Green Tea"', "/gr[e]+n/ OR /Gr[e]+n/", "exported", "12"]) {
      assert.equal(matches(query), true, query);
    }
    for (const query of ["coffee", '"tea green"', '"green tea"', "/^tea$/", "13"])
      assert.equal(matches(query), false, query);
  });

  it("finds terms at paths, whole with =", () => {
    for (const query of [
      "item.product-id:tea",
      "item.product_id:Tea",
      "item:12",
      'item.productId="Green Tea"',
      "product-id:green",
      "request.item:12",
      "quantity=12",
    ]) {
      assert.equal(matches(query), true, query);
    }
    for (const query of [
      "item.quantity:tea",
      "item.product-id=tea",
      "other:tea",
      "request.quantity:12",
      'product-id="green tea"',
    ]) {
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

  it("takes what follows a backslash as it is", () => {
    for (const query of [String.raw`a\:b`, String.raw`\(c\)`, String.raw`"\"d\""`, String.raw`note:a\:b`]) {
      assert.equal(matches(query), true, query);
    }
    assert.throws(() => matches("a:b:c"), QueryError);
    assert.equal(matches(String.raw`\NOT`), false);
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
