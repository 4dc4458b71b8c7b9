/** Endless recursions of many shapes, for tests: a process of its own imports this, which must not run tests. */
import assert from "node:assert/strict";
import { rewritten } from "./module-for-tests.ts";

const count = `(global.set $depth (i32.add (global.get $depth) (i32.const 1)))`;
const chain = Array.from({ length: 30 }, (_, index) => {
  const next = index === 29 ? "$f" : `$u${index + 1}`;
  return `(func $u${index} (type $t) (i32.add (call ${next} (local.get 0)) (local.get 0)))`;
});

/** Endless recursions; `run` counts how deep it gets in `depth`. */
export const recursions: { readonly [name: string]: string } = {
  direct: `(func $f (export "run") (param i32) (result i32) ${count}
    (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))`,
  mutual: `(func $f (export "run") (param i32) (result i32) ${count}
      (i32.add (call $g (i64.extend_i32_u (local.get 0)) (f64.const 1)) (i32.const 1)))
    (func $g (param i64 f64) (result i32)
      (i32.add (i32.trunc_sat_f64_s (local.get 1)) (call $f (i32.wrap_i64 (local.get 0)))))`,
  locals: `(func $f (export "run") (param i32) (result i32) (local f64 f64 f64 f64 v128 v128) ${count}
    (local.set 1 (f64.convert_i32_u (local.get 0))) (local.set 5 (i32x4.splat (local.get 0)))
    (drop (call $f (i32.add (local.get 0) (i32.const 1))))
    (i32.add (i32.trunc_sat_f64_s (local.get 1)) (i32x4.extract_lane 0 (local.get 5))))`,
  operands: `(func $f (export "run") (param i32) (result i32) ${count}
    ${"(local.get 0)".repeat(100)} (call $f (i32.add (local.get 0) (i32.const 1))) ${"(i32.add)".repeat(100)})`,
  indirect: `(table 1 funcref) (elem (i32.const 0) $u0) ${chain.join(" ")}
    (func $f (export "run") (param i32) (result i32) ${count}
      (i32.add (call_indirect (type $t) (i32.add (local.get 0) (i32.const 1)) (i32.const 0)) (i32.const 1)))`,
  handlers: `(tag $e) (func $f (export "run") (param i32) (result i32) ${count}
    (block $h (return (try_table (result i32) (catch $e $h) (i32.add (call $f (local.get 0)) (i32.const 1)))))
    (i32.const 0))`,
};

/** Runs a recursion to its end and returns how deep it got. */
export async function depthOf(name: string, stackBytes: number): Promise<number> {
  const text = `(module (type $t (func (param i32) (result i32)))
    (global $depth (export "depth") (mut i32) (i32.const 0)) ${recursions[name] ?? ""})`;
  const { call, exports, stack } = await rewritten(text, { stackBytes });
  assert.throws(() => call("run", 0), /RuntimeError: unreachable/);
  assert.ok(Number(stack.value) < 0, "the counter says why the guest trapped");
  return Number((exports["depth"] as { readonly value: unknown }).value);
}
