import assert from "node:assert/strict";
import { test } from "node:test";
import { WebAssembly } from "../canonical/webassembly.ts";
import type { CoreGlobal } from "../canonical/webassembly.ts";
import { rewritten } from "./module-for-tests.ts";
import type { Callable, TestHooks } from "./module-for-tests.ts";

function promising(exported: unknown): (...parameters: unknown[]) => Promise<unknown> {
  assert.ok(WebAssembly.promising);
  return WebAssembly.promising(exported as Callable);
}

/** Ends the guest in one of two ways after `slices` slices. */
function endsAfter(slices: number, by: "tick" | "wait"): TestHooks & { readonly used: () => number } {
  let used = 0;
  const refill = (fuel: CoreGlobal): boolean => {
    fuel.value = 100;
    return ++used >= slices;
  };
  return {
    used: () => used,
    tick: (fuel) => (by === "tick" && refill(fuel) ? 2 : 1),
    wait: (fuel) => (by === "wait" && refill(fuel) ? 1 : 0),
  };
}

const endless: readonly (readonly [string, string])[] = [
  ["a loop", `(func (export "run") (loop $l (br $l)))`],
  ["tail calls", `(func $a (export "run") (return_call $b)) (func $b (return_call $a))`],
  [
    "indirect tail calls",
    `(type $t (func)) (table funcref (elem $a)) (func $a (export "run") (return_call_indirect (type $t) (i32.const 0)))`,
  ],
  [
    "calls that multiply",
    `(func $f (export "run") (call $g (i32.const 40)))
     (func $g (param i32) (if (local.get 0) (then
       (call $g (i32.sub (local.get 0) (i32.const 1))) (call $g (i32.sub (local.get 0) (i32.const 1))))))`,
  ],
  [
    "indirect calls that multiply",
    `(type $t (func (param i32))) (table funcref (elem $g))
     (func (export "run") (call $g (i32.const 40)))
     (func $g (type $t) (if (local.get 0) (then (call $twice (i32.sub (local.get 0) (i32.const 1))))))
     (func $twice (param i32)
       (call_indirect (type $t) (local.get 0) (i32.const 0)) (call_indirect (type $t) (local.get 0) (i32.const 0)))`,
  ],
  [
    "references that multiply",
    `(type $t (func (param i32))) (elem declare func $g)
     (func (export "run") (call $g (i32.const 40)))
     (func $g (type $t) (if (local.get 0) (then
       (call_ref $t (i32.sub (local.get 0) (i32.const 1)) (ref.func $g))
       (call_ref $t (i32.sub (local.get 0) (i32.const 1)) (ref.func $g)))))`,
  ],
  ["a loop that catches everything", `(func (export "run") (loop $l try (loop $m (br $m)) catch_all (br $l) end))`],
  [
    "a loop that catches every exception reference",
    `(func (export "run") (loop $l (block $h (try_table (catch_all $h) (loop $m (br $m)))) (br $l)))`,
  ],
];

for (const [what, code] of endless) {
  test(`${what} can be ended by tick`, async () => {
    const hooks = endsAfter(5, "tick");
    const onlyTicks: TestHooks = { tick: (fuel) => (hooks.tick?.(fuel) === 2 ? 2 : 0) };
    const { call, stack } = await rewritten(`(module ${code})`, { hooks: onlyTicks });
    assert.throws(() => call("run"), /unreachable/);
    assert.equal(hooks.used(), 5);
    assert.ok(Number(stack.value) >= 0);
  });

  test(`${what} yields, and can be ended by wait`, async () => {
    const hooks = endsAfter(5, "wait");
    const wait = async (fuel: CoreGlobal): Promise<unknown> => {
      await new Promise((resolve) => setImmediate(resolve));
      return hooks.wait?.(fuel);
    };
    const { exports } = await rewritten(`(module ${code})`, { hooks: { tick: () => 1, wait } });
    await assert.rejects(promising(exports["run"])(), /unreachable/);
    assert.equal(hooks.used(), 5);
  });
}

test("a guest that yields in nested calls gives the right result", async () => {
  let waits = 0;
  const { exports } = await rewritten(
    `(module
      (func $fib (export "fib") (param $n i32) (result i32)
        (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
          (else (i32.add
            (call $fib (i32.sub (local.get $n) (i32.const 1)))
            (call $fib (i32.sub (local.get $n) (i32.const 2))))))))`,
    {
      hooks: {
        tick: () => 1,
        wait: async (fuel) => {
          waits++;
          await Promise.resolve();
          fuel.value = 50;
          return 0;
        },
      },
    },
  );
  assert.equal(await promising(exports["fib"])(15), 610);
  assert.ok(waits > 30);
});

test("fuel is one unit for each turn of a loop and each call of a recursive function", async () => {
  const { call, fuel } = await rewritten(`(module
    (func (export "loop") (param $n i32)
      (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func $f (export "recurse") (param $n i32)
      (if (local.get $n) (then (call $f (i32.sub (local.get $n) (i32.const 1)))))))`);
  fuel.value = 1000;
  call("loop", 10);
  assert.equal(fuel.value, 990);
  call("recurse", 10);
  assert.equal(fuel.value, 979);
});
