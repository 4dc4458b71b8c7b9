import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ValueType } from "../types/value-type.ts";
import { checkCode } from "./check.ts";
import { Emitter } from "./emitter.ts";
import { compileFactory } from "./factory.ts";
import { resultMismatch } from "./mismatch.ts";
import { anyType, valueOf } from "./random-values.ts";

function checkOf(type: ValueType): (value: unknown) => boolean {
  const emitter = new Emitter();
  emitter.line(`return (v) => ${checkCode(emitter, type, "v")};`);
  return compileFactory<(value: unknown) => boolean>(emitter.source())({});
}

const u8: ValueType = { kind: "u8" };
const samples: readonly (readonly [type: ValueType, value: unknown, message: string])[] = [
  [u8, 256, ": expected a number in the range of u8, found 256"],
  [u8, "1", ': expected a number in the range of u8, found "1"'],
  [{ kind: "s8" }, -129, ": expected a number in the range of s8, found -129"],
  [{ kind: "u32" }, 1.5, ": expected a number in the range of u32, found 1.5"],
  [{ kind: "u64" }, 5, ": expected a bigint in the range of u64, found 5"],
  [{ kind: "u64" }, -1n, ": expected a bigint in the range of u64, found -1n"],
  [{ kind: "s64" }, 2n ** 63n, ": expected a bigint in the range of s64, found 9223372036854775808n"],
  [{ kind: "char" }, "ab", ': expected a string of one Unicode scalar value, found "ab"'],
  [{ kind: "bool" }, null, ": expected a boolean, found null"],
  [{ kind: "enum", cases: ["a", "b"] }, "c", ': expected one of a, b, found "c"'],
  [{ kind: "own", resource: 0 }, {}, ": expected the representation of a resource, found an object (Object)"],
  [
    { kind: "list", element: u8 },
    new Int8Array(1),
    ": expected Uint8Array or an array of numbers, found an object (Int8Array)",
  ],
  [{ kind: "list", element: u8 }, [1, 2, -3], "[2]: expected a number in the range of u8, found -3"],
  [
    { kind: "record", fields: [{ name: "the-field", type: u8 }] },
    {},
    ".theField: expected a number in the range of u8, found undefined",
  ],
  [{ kind: "tuple", items: [u8, u8] }, [1], ": expected an array of length 2, found an array"],
  [{ kind: "flags", names: ["one-flag"] }, { oneFlag: 1 }, ".oneFlag: expected a boolean, found 1"],
  [{ kind: "option", some: u8 }, "x", ': expected a number in the range of u8, found "x"'],
  [{ kind: "option", some: { kind: "option", some: u8 } }, 5, ": expected an object with a tag, found 5"],
  [
    { kind: "variant", cases: [{ name: "a" }, { name: "b", type: u8 }] },
    { tag: "c" },
    '.tag: expected one of a, b, found "c"',
  ],
  [{ kind: "variant", cases: [{ name: "a" }] }, { tag: "a", val: 1 }, ".val: expected no payload, found 1"],
  [
    { kind: "result", ok: { kind: "list", element: u8 } },
    { tag: "ok", val: [0, 1000] },
    ".val[1]: expected a number in the range of u8, found 1000",
  ],
];

for (const [type, value, message] of samples) {
  test(`a mismatch of ${type.kind} says where and what: ${message}`, () => {
    assert.equal(checkOf(type)(value), false);
    assert.equal(resultMismatch(type, value).message, `result of a host function${message}`);
  });
}

test("generated checks and explanations agree on values of other types", () => {
  const vague = "result of a host function does not fit its type";
  fc.assert(
    fc.property(
      anyType,
      anyType.chain(valueOf),
      (type, value) => checkOf(type)(value) === (resultMismatch(type, value).message === vague),
    ),
    { numRuns: 500 },
  );
});

test("arrays of numbers are accepted where the type has a typed array", () => {
  assert.ok(checkOf({ kind: "list", element: u8 })([1, 2, 3]));
  assert.ok(checkOf({ kind: "list", element: { kind: "u64" } })([1n]));
  assert.ok(checkOf({ kind: "list", element: u8 })(Buffer.from("x")));
});
