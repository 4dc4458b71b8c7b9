import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import * as fc from "fast-check";
import { ComponentError } from "../errors.ts";
import { compileCore, rewritten } from "./module-for-tests.ts";
import { rewriteModule } from "./rewrite.ts";

/** One module for each group of instructions, with all forms of immediates; each must still be valid. */
const groups: { readonly [name: string]: string } = {
  "MVP, sign extension, saturating conversions": `
    (memory 1) (global $g (mut i64) (i64.const -1)) (type $t (func (param i64) (result i64))) (table 1 funcref)
    (func $f (param i64) (result i64) (local f32 f64)
      (i32.store8 offset=70000 (i32.const 0) (i32.const -129))
      (i64.store32 align=1 (i32.const 0) (i64.const 0x7fffffffffffffff))
      (local.set 1 (f32.const nan:0x200000)) (local.set 2 (f64.const -0x1p-1074))
      (drop (i64.trunc_sat_f32_u (local.get 1))) (drop (i64.extend32_s (local.get 0)))
      (drop (select (i32.const 1) (i32.const 2) (memory.size))) (drop (memory.grow (i32.const 0)))
      (drop (select (result f64) (local.get 2) (f64.sqrt (local.get 2)) (i32.const 1)))
      (loop $l (result i64) (block $b (br_if $l (i32.eqz (i32.const 1))) (br $b))
        (call_indirect (type $t) (global.get $g) (i32.const 0))))`,
  "bulk memory, references, several memories and tables": `
    (memory $m 1) (memory $n 1) (data $d "abc") (table $a 2 funcref) (table $b 2 externref) (elem $e func $f)
    (func $f (memory.copy $m $n (i32.const 0) (i32.const 0) (i32.const 1))
      (memory.init $n $d (i32.const 0) (i32.const 0) (i32.const 1)) (memory.fill $n (i32.const 0) (i32.const 0) (i32.const 1))
      (i32.store $n offset=4 (i32.const 0) (i32.load8_s $n (i32.const 9)))
      (table.init $a $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e) (data.drop $d)
      (drop (table.size $b)) (table.set $b (i32.const 0) (ref.null extern))
      (drop (ref.is_null (ref.func $f))) (drop (select (result externref) (ref.null extern) (table.get $b (i32.const 0)) (i32.const 0)))
      (loop $l (br $l)))`,
  vectors: `
    (memory 1)
    (func (param v128) (result v128) (local v128)
      (local.set 1 (v128.load offset=3 align=1 (i32.const 0)))
      (v128.store8_lane 3 (i32.const 0) (local.get 0)) (local.set 1 (v128.load64_lane align=8 1 (i32.const 8) (local.get 1)))
      (local.set 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (local.get 0) (local.get 1)))
      (local.set 1 (i16x8.replace_lane 7 (local.get 1) (i8x16.extract_lane_u 15 (local.get 0))))
      (loop $l (br_if $l (i8x16.all_true (v128.bitselect (local.get 0) (local.get 1) (v128.const i64x2 -1 1)))))
      (f64x2.promote_low_f32x4 (i32x4.dot_i16x8_s (i64x2.extmul_high_i32x4_u (local.get 0) (local.get 1)) (v128.load32_zero (i32.const 0)))))`,
  atomics: `
    (memory 1 1 shared)
    (func (loop $l (atomic.fence) (drop (i32.atomic.rmw8.cmpxchg_u offset=1 (i32.const 0) (i32.const 1) (i32.const 2)))
      (i64.atomic.store32 (i32.const 0) (i64.atomic.rmw.add (i32.const 0) (i64.const 1)))
      (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
      (br_if $l (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const 0)))))`,
  "64-bit memories": `
    (memory i64 1) (func (result i32) (loop $l (result i32)
      (i32.store offset=0x1_0000_0000 (i64.const 0) (i32.const 1)) (br_if $l (i32.wrap_i64 (memory.grow (i64.const 0)))) (i32.load (i64.const 0))))`,
  "exceptions of the older kind": `
    (tag $e (param i32 i64)) (tag $n)
    (func $f (export "run") (result i32)
      try $outer (result i32)
        try (throw $e (i32.const 1) (i64.const 2)) delegate $outer
        (i32.const 5)
      catch $e (drop)
      catch $n try (rethrow 1) catch_all end (i32.const 3)
      catch_all (i32.const 4)
      end)`,
  "exception references": `
    (tag $e (param i32 i64)) (tag $n)
    (func $f (result i32) (throw $n))
    (func (result i32) (local exnref)
      (block $none
        (block $x (result exnref)
          (block $y (result i32 i64 exnref)
            (return (try_table (result i32) (catch_ref $e $y) (catch $n $none) (catch_all_ref $x) (call $f))))
          (local.set 0) (drop) (return))
        (throw_ref))
      (i32.const 7))`,
  "typed references and garbage collection": `
    (rec (type $s (sub (struct (field (mut i32)) (field (ref null $a))))) (type $a (array (mut i8))))
    (type $f (func (param i32) (result (ref $s) (ref null $a))))
    (data $d "abc") (elem declare func $make)
    (func $make (type $f)
      (struct.new $s (local.get 0) (array.new_fixed $a 3 (i32.const 1) (i32.const 2) (i32.const 3)))
      (array.new_data $a $d (i32.const 0) (i32.const 3)))
    (func (param anyref) (result i32) (local (ref null $s))
      (call_ref $f (i32.const 1) (ref.func $make)) (drop) (local.set 1)
      (loop $l
        (struct.set $s 0 (ref.as_non_null (local.get 1)) (i32.const 2))
        (array.copy $a $a (struct.get $s 1 (local.get 1)) (i32.const 0) (array.new_default $a (i32.const 3)) (i32.const 0) (i32.const 1))
        (array.fill $a (array.new $a (i32.const 0) (i32.const 3)) (i32.const 0) (i32.const 1) (i32.const 1))
        (br_if $l (ref.test (ref $s) (local.get 0))))
      (block $b (result (ref $s))
        (drop (br_on_cast $b anyref (ref $s) (local.get 0)))
        (drop (ref.cast (ref null i31) (local.get 0)))
        (drop (any.convert_extern (extern.convert_any (ref.i31 (i32.const 5)))))
        (br_on_non_null $b (local.get 1))
        (return (i31.get_s (ref.i31 (array.get_u $a (array.new_default $a (i32.const 1)) (i32.const 0))))))
      (struct.get $s 0))`,
  "several results, tail calls": `
    (type $t (func (param i32) (result i32 i64 f64))) (table funcref (elem $f)) (elem declare func $f)
    (func $f (type $t)
      (if (result i32 i64 f64) (local.get 0)
        (then (return_call_indirect (type $t) (i32.const 0) (i32.const 0)))
        (else (i32.const 1) (i64.const 2) (f64.const 3)))
      (br_if 0 (i32.const 1)) (drop) (drop) (drop)
      (return_call_ref $t (i32.const 0) (ref.func $f)))`,
};

for (const [name, code] of Object.entries(groups)) {
  test(`modules with ${name} stay valid`, async () => {
    const { bytes } = rewriteModule(await parse(`(module ${code})`));
    compileCore(bytes);
  });
}

test("exceptions arrive where they did", async () => {
  const { call, stack } = await rewritten(`(module ${groups["exceptions of the older kind"] ?? ""})`, {
    stackBytes: 9_000,
  });
  assert.equal(call("run"), 1);
  assert.equal(stack.value, 9_000);
});

const seeds = await Promise.all(
  Object.values(groups)
    .slice(0, 6)
    .map((code) => parse(`(module ${code})`)),
);

test("mutated and truncated modules never fail with anything but ComponentError", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), changes, fc.option(fc.nat()), (seed, mutations, cut) => {
      const bytes = seed.slice();
      for (const [at, value] of mutations) bytes[at % bytes.length] = value;
      try {
        rewriteModule(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
      } catch (error) {
        assert.ok(error instanceof ComponentError, String(error));
      }
    }),
    { numRuns: 3_000 },
  );
});
