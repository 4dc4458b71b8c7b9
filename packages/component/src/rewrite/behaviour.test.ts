import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { original, rewritten } from "./module-for-tests.ts";
import type { Callable } from "./module-for-tests.ts";

/** Every way out of a counted function; each takes and gives an i32. */
const functions = `
  (type $unary (func (param i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $factorial $branches $multi $loops)
  (global $count (export "count") (mut i32) (i32.const 0))
  (func $factorial (export "factorial") (param $n i32) (result i32)
    (if (i32.le_s (local.get $n) (i32.const 1)) (then (return (i32.const 1))))
    (i32.mul (local.get $n) (call $factorial (i32.sub (local.get $n) (i32.const 1)))))
  (func $branches (export "branches") (param $n i32) (result i32) (local $kept i32)
    (local.set $kept (i32.const 7))
    (block $b (result i32)
      (block $c
        (block $d
          (br_table $c $d $c $d (i32.and (local.get $n) (i32.const 3)))))
      (drop
        (block $e (result i32)
          (br_table $e $b 2 $e (i32.const 11) (i32.and (local.get $n) (i32.const 3)))))
      (loop $l
        (drop (br_if 2 (i32.const 22) (i32.eqz (local.get $n))))
        (if (i32.gt_u (local.get $n) (i32.const 100)) (then (return (local.get $kept))))
        (local.set $n (i32.add (local.get $n) (i32.const 3)))
        (drop (br_if $b (i32.const 33) (i32.gt_u (local.get $n) (i32.const 60))))
        (drop (call $branches (i32.const 0)))
        (br $l))
      (unreachable)))
  (func $two (param $n i32) (result i32 i64)
    (if (i32.and (local.get $n) (i32.const 1)) (then (return (local.get $n) (i64.const 5))))
    (block (result i32 i64)
      (br 1 (i32.const 9) (i64.extend_i32_s (call_indirect (type $unary) (i32.const 3) (i32.const 0))))))
  (func $multi (export "multi") (param $n i32) (result i32)
    (call $two (local.get $n)) (i32.wrap_i64) (i32.add))
  (func $even (export "even") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
  (func $odd (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (return_call_indirect (type $unary) (i32.sub (local.get $n) (i32.const 1)) (i32.const 3)))
  (func $loops (export "loops") (param $n i32) (result i32) (local $sum i32)
    (loop $outer (param) (result)
      (local.set $sum (i32.add (local.get $sum) (call $multi (local.get $n))))
      (i32.const 1)
      (loop $inner (param i32) (result i32)
        (i32.const 1) (i32.add)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (br_if $inner (i32.lt_u (i32.rem_u (global.get $count) (i32.const 5)) (i32.const 4))))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $outer (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 7))) (i32.const 0))))
    (local.get $sum))`;

const names = ["factorial", "branches", "multi", "even", "loops"];

function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return String(error);
  }
}

test("rewritten functions give the same results and leave the stack counter as it was", async () => {
  const plain = await original(`(module ${functions})`);
  const { call, stack } = await rewritten(`(module ${functions})`, { stackBytes: 400_000 });
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.integer({ min: 0, max: 120 }), (name, input) => {
      assert.equal(
        outcome(() => call(name, input)),
        outcome(() => (plain[name] as Callable)(input)),
      );
      assert.equal(stack.value, 400_000);
    }),
    { numRuns: 500 },
  );
});

test("tail calls use no stack", async () => {
  const { call } = await rewritten(
    `(module
      (func $even (export "even") (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
        (return_call $odd (i32.sub (local.get $n) (i32.const 1))))
      (func $odd (param $n i32) (result i32)
        (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
        (return_call $even (i32.sub (local.get $n) (i32.const 1)))))`,
    { stackBytes: 1000 },
  );
  assert.equal(call("even", 100_001), 0);
});

test("names of functions stay those of the name section", async () => {
  const { call } = await rewritten(`(module
    (func $culprit (param i32) (if (local.get 0) (then (call $culprit (i32.const 0)))) (unreachable))
    (func (export "run") (call $culprit (i32.const 1))))`);
  assert.throws(
    () => call("run"),
    (error) => error instanceof Error && /culprit/.test(error.stack ?? ""),
  );
});
