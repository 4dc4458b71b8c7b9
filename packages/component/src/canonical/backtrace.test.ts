import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFrames, parseFrames } from "./backtrace.ts";

const stack = `RuntimeError: unreachable
    at cart.shopping_cart::add (wasm://wasm/cart-0a1b2c3d:wasm-function[12]:0x1f)
    at _ZN4core9panicking9panic_fmt17ha205abd047e5f21cE (wasm://wasm/cart-0a1b2c3d:wasm-function[3]:0x2b4)
    at cart._ZN3std9panicking19begin_panic_handler28_$u7b$$u7b$closure$u7d$$u7d$17hfc1e430eb69e7262E (wasm://wasm/cart-0a1b2c3d:wasm-function[4]:0x10)
    at $emet (wasm://wasm/$emet-0a1b2c3d:wasm-function[2]:0x4b)
    at host (file:///host.ts:1:2)
    at cart (wasm://wasm/cart-0a1b2c3d:wasm-function[5]:0x30)
    at wasm://wasm/00058472:wasm-function[41]:0x367e`;

test("parseFrames finds the frames of guests, with readable names", () => {
  assert.deepEqual(
    parseFrames(stack).map(({ module, name, functionIndex, offset }) => [module, name, functionIndex, offset]),
    [
      ["cart", "shopping_cart::add", 12, 0x1f],
      ["cart", "core::panicking::panic_fmt", 3, 0x2b4],
      ["cart", "std::panicking::begin_panic_handler::{{closure}}", 4, 0x10],
      ["cart", undefined, 5, 0x30],
      [undefined, undefined, 41, 0x367e],
    ],
  );
});

test("describeFrames writes wasmtime's form", () => {
  assert.equal(
    describeFrames(parseFrames(stack).slice(0, 1), "the cause"),
    "error while executing at wasm backtrace:\n    0: 0x1f - cart!shopping_cart::add\n\nCaused by:\n    the cause",
  );
  assert.match(describeFrames(parseFrames(stack).slice(4), "x"), / {4}0: 0x367e - <unknown>!<wasm function 41>/);
});
