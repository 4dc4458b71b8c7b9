import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { DatabaseError } from "../../platform/databases/database.ts";
import type { ArrayItem } from "./postgres-literals.ts";
import { formatArray, formatRange, formatRow, parseArray, parseRange, parseRow } from "./postgres-literals.ts";

const item = fc.option(fc.string({ unit: "grapheme" }), { nil: undefined });

describe("arrays", () => {
  test("are read as they are written", () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        assert.deepEqual(parseArray(formatArray(items)), items);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(item, { minLength: 1 })), (items: readonly ArrayItem[]) => {
        assert.deepEqual(parseArray(formatArray(items)), items);
      }),
    );
  });

  test("are read as PostgreSQL writes them", () => {
    assert.deepEqual(parseArray(`{1,NULL,"NULL","a \\"b\\" \\\\"}`), ["1", undefined, "NULL", 'a "b" \\']);
    assert.deepEqual(parseArray("[0:1]={a,b}"), ["a", "b"]);
    assert.deepEqual(parseArray("{}"), []);
  });

  test("that are malformed are refused", () => {
    for (const text of ["", "1", "{", '{"a', "{1", "{".repeat(100_000)]) {
      assert.throws(() => parseArray(text), DatabaseError, text.slice(0, 10));
    }
  });
});

describe("rows", () => {
  test("are read as they are written", () => {
    fc.assert(
      fc.property(fc.array(item), (fields) => {
        assert.deepEqual(parseRow(formatRow(fields), fields.length), fields);
      }),
    );
  });

  test("are read as PostgreSQL writes them", () => {
    assert.deepEqual(parseRow(`(1,,"","a ""b""",c d)`, 5), ["1", undefined, "", 'a "b"', "c d"]);
    assert.deepEqual(parseRow("()", 1), [undefined]);
    assert.deepEqual(parseRow("()", 0), []);
  });

  test("of another length are refused", () => {
    assert.throws(() => parseRow("(1,2)", 3), DatabaseError);
    assert.throws(() => parseRow("1,2", 2), DatabaseError);
  });
});

describe("ranges", () => {
  test("are read as they are written", () => {
    const bound = fc.record({ included: fc.boolean(), text: item }, { noNullPrototype: true });
    fc.assert(
      fc.property(bound, bound, (start, end) => {
        assert.deepEqual(parseRange(formatRange({ start, end })), { empty: false, start, end });
      }),
    );
  });

  test("may be empty", () => {
    assert.equal(parseRange("empty").empty, true);
  });
});
