import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { decode } from "../decode/decode.ts";
import { describeComponent } from "./describe.ts";
import { equalFunctionTypes, equalTypes } from "./equal.ts";
import { formatFunctionType, formatType } from "./format.ts";
import type { ValueType } from "./value-type.ts";

const u8: ValueType = { kind: "u8" };
const samples: readonly (readonly [ValueType, string])[] = [
  [u8, "u8"],
  [{ kind: "list", element: u8 }, "list<u8>"],
  [{ kind: "option", some: u8 }, "option<u8>"],
  [{ kind: "tuple", items: [u8, { kind: "char" }] }, "tuple<u8, char>"],
  [{ kind: "result" }, "result"],
  [{ kind: "result", err: u8 }, "result<_, u8>"],
  [{ kind: "result", ok: u8 }, "result<u8>"],
  [{ kind: "result", ok: u8, err: u8 }, "result<u8, u8>"],
  [{ kind: "record", fields: [{ name: "type", type: u8 }] }, "record { %type: u8 }"],
  [{ kind: "variant", cases: [{ name: "a" }, { name: "b", type: u8 }] }, "variant { a, b(u8) }"],
  [{ kind: "enum", cases: ["x", "y"] }, "enum { x, y }"],
  [{ kind: "flags", names: ["x", "y"] }, "flags { x, y }"],
  [{ kind: "own", resource: 0 }, "cart"],
  [{ kind: "borrow", resource: 0 }, "borrow<cart>"],
];

test("formatType writes WIT", () => {
  for (const [type, text] of samples) {
    assert.equal(
      formatType(type, () => "cart"),
      text,
    );
  }
  assert.equal(formatType({ kind: "own", resource: 3 }), "resource3");
});

test("equalTypes compares by structure", () => {
  for (const [index, [type]] of samples.entries()) {
    for (const [other, [candidate]] of samples.entries()) {
      assert.equal(equalTypes(type, structuredClone(candidate)), index === other, `${index} ${other}`);
    }
  }
  assert.equal(equalTypes({ kind: "own", resource: 0 }, { kind: "own", resource: 1 }), false);
});

test("formatFunctionType and equalFunctionTypes cover parameters and result", () => {
  const type = { parameters: [{ name: "a", type: u8 }], result: u8 };
  assert.equal(formatFunctionType(type), "func(a: u8) -> u8");
  assert.equal(formatFunctionType({ parameters: [] }), "func()");
  assert.ok(equalFunctionTypes(type, structuredClone(type)));
  assert.ok(!equalFunctionTypes(type, { parameters: type.parameters }));
  assert.ok(!equalFunctionTypes(type, { parameters: [{ name: "b", type: u8 }], result: u8 }));
});

test("describeComponent lists functions of the root and of instances, with resources", async () => {
  const bytes = await parse(`(component
    (import "tick" (func $tick))
    (import "shop:it/carts" (instance $carts
      (export "cart" (type $cart (sub resource)))
      (export "[constructor]cart" (func (result (own $cart))))))
    (instance $deep (export "tick" (func $tick)))
    (instance $outer (export "deep" (instance $deep)))
    (export "run" (func $tick))
    (export "carts" (instance $carts))
    (export "outer" (instance $outer)))`);
  const description = describeComponent(decode(bytes));
  const constructor = {
    name: "[constructor]cart",
    type: { parameters: [], result: { kind: "own", resource: 0 } },
  };
  const tick = { parameters: [] };
  const cart = { name: "cart", variable: 0 };
  assert.deepEqual(description, {
    resourceNames: ["cart"],
    imports: [
      { instance: undefined, functions: [{ name: "tick", type: tick }], resources: [] },
      { instance: "shop:it/carts", functions: [constructor], resources: [cart] },
    ],
    exports: [
      { instance: undefined, functions: [{ name: "run", type: tick }], resources: [] },
      { instance: "carts", functions: [constructor], resources: [cart] },
      { instance: "outer", functions: [], resources: [] },
      { instance: "outer/deep", functions: [{ name: "tick", type: tick }], resources: [] },
    ],
  });
});
