import assert from "node:assert/strict";
import { test } from "node:test";
import type { CoreTable } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";
import { rewritten } from "./module-for-tests.ts";

function growing(table: string): string {
  return `(module
    (func $seven (result i32) i32.const 7)
    ${table}
    (elem declare func $seven)
    (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.func $seven) (local.get 0)))
    (func (export "size") (result i32) (table.size 0)))`;
}

test("a table grows to the limit and no further", async () => {
  for (const table of ["(table 2 funcref)", "(table 2 9 funcref)"]) {
    const { call } = await rewritten(growing(table), { maximumTableEntries: 5 });
    assert.deepEqual([call("grow", 3), call("grow", 1), call("size")], [2, -1, 5], table);
  }
});

test("a smaller maximum of the module's own stays", async () => {
  const { call } = await rewritten(growing("(table 2 3 funcref)"), { maximumTableEntries: 5 });
  assert.deepEqual([call("grow", 2), call("grow", 1), call("grow", 1)], [-1, 2, -1]);
});

test("initial values, other tables and indirect calls stay as they were", async () => {
  const { call, exports } = await rewritten(
    `(module
      (type $number (func (result i32)))
      (func $seven (type $number) i32.const 7)
      (func $eight (type $number) i32.const 8)
      (table $first (export "first") 3 funcref (ref.func $seven))
      (table $second (export "second") 1 externref)
      (elem (table $first) (i32.const 1) func $eight)
      (func (export "call") (param i32) (result i32) (call_indirect $first (type $number) (local.get 0))))`,
    { maximumTableEntries: 100 },
  );
  assert.deepEqual([call("call", 0), call("call", 1), call("call", 2)], [7, 8, 7]);
  assert.deepEqual([(exports["first"] as CoreTable).length, (exports["second"] as CoreTable).length], [3, 1]);
});

test("a module that begins with more is refused, with its place", async () => {
  await assert.rejects(
    rewritten(growing("(table 6 funcref)"), { maximumTableEntries: 5 }),
    (error) =>
      error instanceof ComponentError &&
      error.offset !== undefined &&
      /table of 6 entries exceeds the limit of 5 entries/u.test(error.message),
  );
});
