import assert from "node:assert/strict";
import { test } from "node:test";
import type { TrapKind } from "../canonical/trap.ts";
import { TrapError } from "../canonical/trap.ts";
import type { FuelHooks } from "../host.ts";
import { call, compileText, guest, importsOf } from "./guest-for-tests.ts";
import { instantiate } from "./instance.ts";

const trapping = `(component
  (core module $cart
    (memory 1)
    (table 1 funcref)
    (type $f (func))
    (tag $t)
    (func $deeper unreachable)
    (func (export "unreachable") call $deeper)
    (func (export "load") (drop (i32.load (i32.const -1))))
    (func (export "divide") (drop (i32.div_u (i32.const 1) (i32.const 0))))
    (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
    (func (export "convert") (drop (i32.trunc_f64_s (f64.const 1e300))))
    (func (export "null") (call_indirect (type $f) (i32.const 0)))
    (func (export "table") (call_indirect (type $f) (i32.const 9)))
    (func $again (export "recurse") call $again)
    (func (export "throw") (throw $t)))
  (core instance $i (instantiate $cart))
  ${["unreachable", "load", "divide", "overflow", "convert", "null", "table", "recurse", "throw"]
    .map((name) => `(func (export "${name}") (canon lift (core func $i "${name}")))`)
    .join("\n")})`;

const expected: readonly (readonly [name: string, kind: TrapKind, reason: RegExp])[] = [
  ["unreachable", "unreachable", /^wasm trap: wasm `unreachable` instruction executed$/],
  ["load", "memory-out-of-bounds", /out of bounds memory access/],
  ["divide", "integer-arithmetic", /integer divide by zero/],
  ["overflow", "integer-arithmetic", /integer overflow/],
  ["convert", "invalid-conversion", /invalid conversion to integer/],
  ["null", "indirect-call", /indirect call type mismatch/],
  ["table", "table-out-of-bounds", /out of bounds table access/],
  ["recurse", "stack-overflow", /call stack exhausted/],
  ["throw", "exception", /uncaught WebAssembly exception/],
];

for (const [name, kind, reason] of expected) {
  test(`a guest's ${name} becomes a trap of kind ${kind} and ends the instance`, async () => {
    const instance = await guest(trapping);
    await assert.rejects(call(instance, name), (error) => {
      assert.ok(error instanceof TrapError);
      assert.equal(error.code, "trap");
      assert.equal(error.trap, kind);
      assert.match(error.reason, reason);
      return true;
    });
    await assert.rejects(call(instance, "load"), { trap: "ended" });
  });
}

test("a trap's message is a backtrace with names of modules and functions, then the cause", async () => {
  const instance = await guest(trapping);
  await assert.rejects(call(instance, "unreachable"), (error) => {
    assert.ok(error instanceof TrapError);
    assert.match(
      error.message,
      /^error while executing at wasm backtrace:\n {4}0: 0x[0-9a-f]+ - cart!deeper\n {4}1: 0x[0-9a-f]+ - cart!<wasm function 1>\n\nCaused by:\n {4}wasm trap: wasm `unreachable` instruction executed$/,
    );
    assert.deepEqual(
      error.frames.map(({ module, functionIndex }) => [module, functionIndex]),
      [
        ["cart", 0],
        ["cart", 1],
      ],
    );
    return true;
  });
});

test("a recursion ends by the counted stack in a rewritten guest, and is told apart from other traps", async () => {
  const fuel: FuelHooks = { slice: 1000, tick: () => 0, wait: () => false };
  const instance = await guest(trapping, undefined, { fuel, stackBytes: 10_000 });
  await assert.rejects(call(instance, "recurse"), { trap: "stack-overflow", reason: /call stack exhausted/ });
  const other = await guest(trapping, undefined, { fuel });
  await assert.rejects(call(other, "unreachable"), { trap: "unreachable" });
});

test("a start function that traps makes the instantiation fail", async () => {
  const component = await compileText(`(component
    (core module $m (func $start unreachable) (start $start))
    (core instance (instantiate $m)))`);
  await assert.rejects(instantiate(component, importsOf()), { code: "trap", trap: "unreachable" });
});

test("wrong parameters are refused with their place, and leave the guest untouched", async () => {
  const instance = await guest(`(component
    (core module $m
      (memory (export "memory") 1)
      (global $reallocs (mut i32) (i32.const 0))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.set $reallocs (i32.add (global.get $reallocs) (i32.const 1)))
        (i32.const 16))
      (func (export "reallocs") (result i32) (global.get $reallocs))
      (func (export "take") (param i32 i32 i32 i32)))
    (core instance $i (instantiate $m))
    (type $pairs (list (tuple string u8)))
    (func (export "take") (param "a" string) (param "field" $pairs)
      (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func (export "reallocs") (result u32) (canon lift (core func $i "reallocs"))))`);
  const refused = async (parameters: readonly unknown[], message: string): Promise<void> => {
    await assert.rejects(call(instance, "take", ...(parameters as never[])), { code: "type", message });
  };
  await refused(["a"], "expected 2 parameters, found 1");
  await refused([1, []], 'param "a": expected a string, found 1');
  await refused(
    [
      "a",
      [
        ["b", 1],
        ["c", 256],
      ],
    ],
    'param "field"[1][1]: expected a number in the range of u8, found 256',
  );
  await refused(["a", [["b"]]], 'param "field"[0]: expected an array of length 2, found an array');
  assert.equal(await call(instance, "reallocs"), 0);
});
