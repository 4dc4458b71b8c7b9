import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { CoreMemory, CoreTable } from "../canonical/webassembly.ts";
import { ComponentError } from "../errors.ts";
import { compileCore, rewritten } from "./module-for-tests.ts";
import { rewriteModule } from "./rewrite.ts";

test("memories, mutable globals and tables are exported, behind all that the module exports itself", async () => {
  const { bytes, exports, summary } = await rewritten(
    `(module
      (import "host" "global" (global (mut i32)))
      (memory 1)
      (table 3 funcref)
      (global i32 (i32.const 1))
      (global (mut i64) (i64.const 2))
      (global (mut f32) (f32.const 3))
      (export "mine" (memory 0)))`,
    { imports: { host: { global: new WebAssembly.Global({ value: "i32", mutable: true }, 0) } } },
  );
  assert.deepEqual(summary, {
    memories: [{ index: 0, initialPages: 1, maximumPages: 65_536 }],
    globals: [2, 3],
    tables: [0],
    hasStart: false,
    countsStack: false,
  });
  assert.equal(exports["$emet:memory:0"], exports["mine"]);
  assert.equal((exports["$emet:table:0"] as CoreTable).length, 3);
  assert.equal((exports["$emet:global:2"] as { readonly value: unknown }).value, 2n);
  const [first] = WebAssembly.Module.exports(compileCore(bytes));
  assert.equal(first?.name, "mine");
});

test("the start function runs when it is called, not by instantiation", async () => {
  const { call, exports, summary } = await rewritten(`(module
    (global (export "started") (mut i32) (i32.const 0))
    (func $start (global.set 0 (i32.const 1)))
    (start $start))`);
  const started = exports["started"] as { readonly value: unknown };
  assert.equal(summary.hasStart, true);
  assert.equal(started.value, 0);
  call("$emet:start");
  assert.equal(started.value, 1);
});

function growing(limits: string): string {
  return `(module (memory (export "m") ${limits}) (func (export "grow") (result i32) (memory.grow (i32.const 1))))`;
}

test("memories are limited to maximumPages, and refused when they begin with more", async () => {
  const { call, exports, summary } = await rewritten(growing("2 9"), { maximumPages: 3 });
  assert.deepEqual(summary.memories, [{ index: 0, initialPages: 2, maximumPages: 3, declaredMaximumPages: 9 }]);
  assert.deepEqual([call("grow"), call("grow")], [2, -1]);
  assert.equal((exports["m"] as CoreMemory).buffer.byteLength, 3 * 65_536);
  assert.equal((await rewritten(growing("1 2"), { maximumPages: 3 })).summary.memories[0]?.maximumPages, 2);
  await assert.rejects(
    rewritten(growing("4"), { maximumPages: 3 }),
    (error) => error instanceof ComponentError && /4 pages exceeds the limit of 3 pages/.test(error.message),
  );
});

const obstacles: readonly (readonly [string, string, RegExp])[] = [
  ["table.set", `(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))`, /table\.set/],
  ["table.grow", `(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))`, /table\.grow/],
  ["table.fill", `(table 1 funcref) (func (table.fill (i32.const 0) (ref.null func) (i32.const 1)))`, /table\.fill/],
  ["table.copy", `(table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 1)))`, /table\.copy/],
  [
    "table.init",
    `(table 1 funcref) (elem $e func) (func (table.init $e (i32.const 0) (i32.const 0) (i32.const 0)))`,
    /table\.init/,
  ],
  ["elem.drop", `(elem $e func) (func (elem.drop $e))`, /elem\.drop/],
  ["data.drop", `(memory 1) (data $d "x") (func (data.drop $d))`, /data\.drop/],
  ["reference globals", `(global (mut externref) (ref.null extern))`, /mutable global of type \(ref null extern\)/],
  ["vector globals", `(global (mut v128) (v128.const i32x4 0 0 0 0))`, /mutable global of type v128/],
  ["shared memories", `(memory 1 1 shared)`, /shared memory/],
];

for (const [what, code, message] of obstacles) {
  test(`${what} are an obstacle to snapshots`, async () => {
    assert.match((await rewritten(`(module ${code})`)).summary.snapshotObstacle ?? "", message);
  });
}

test("passive segments alone are no obstacle", async () => {
  const { summary } = await rewritten(`(module (memory 1) (data $d "x") (table 1 funcref)
    (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (drop (table.get (i32.const 0)))))`);
  assert.equal(summary.snapshotObstacle, undefined);
});

async function failure(text: string): Promise<ComponentError> {
  const bytes = await parse(text);
  try {
    rewriteModule(bytes);
  } catch (error) {
    assert.ok(error instanceof ComponentError);
    return error;
  }
  return assert.fail("rewriting succeeded");
}

test("relaxed SIMD and reserved export names are refused", async () => {
  const relaxed = await failure(`(module (func (result v128)
    (f32x4.relaxed_madd (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0) (v128.const i32x4 0 0 0 0))))`);
  assert.equal(relaxed.code, "unsupported");
  assert.match(relaxed.message, /relaxed SIMD/);
  const reserved = await failure(`(module (func (export "$emet:fuel")))`);
  assert.match(reserved.message, /export name `\$emet:fuel` is reserved/);
});
