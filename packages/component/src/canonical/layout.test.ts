import assert from "node:assert/strict";
import { test } from "node:test";
import type { ValueType } from "../types/value-type.ts";
import { coreSignature, layoutOf, signatureOf } from "./layout.ts";

const kinds = (...all: readonly ("u8" | "u16" | "u32" | "u64" | "f32" | "f64" | "string")[]): ValueType => ({
  kind: "tuple",
  items: all.map((kind) => ({ kind })),
});
const variant = (...types: readonly (ValueType | undefined)[]): ValueType => ({
  kind: "variant",
  cases: types.map((type, index) => ({ name: `c${index}`, ...(type && { type }) })),
});
const flags = (count: number): ValueType => ({
  kind: "flags",
  names: Array.from({ length: count }, (_, i) => `f${i}`),
});

const layouts: readonly (readonly [what: string, type: ValueType, size: number, alignment: number, flat: string])[] = [
  ["a record with holes", kinds("u8", "u32", "u16", "u64", "u8"), 32, 8, "i32 i32 i32 i64 i32"],
  ["a string", { kind: "string" }, 8, 4, "i32 i32"],
  ["8 flags", flags(8), 1, 1, "i32"],
  ["9 flags", flags(9), 2, 2, "i32"],
  ["17 flags", flags(17), 4, 4, "i32"],
  ["33 flags", flags(33), 8, 4, "i32 i32"],
  ["an enum of 257", { kind: "enum", cases: Array.from({ length: 257 }, (_, i) => `c${i}`) }, 2, 2, "i32"],
  ["i32 joined with f32", variant({ kind: "u8" }, { kind: "f32" }), 8, 4, "i32 i32"],
  ["f32 joined with f32", variant({ kind: "f32" }, undefined, { kind: "f32" }), 8, 4, "i32 f32"],
  ["f32 joined with f64", variant({ kind: "f32" }, { kind: "f64" }), 16, 8, "i32 i64"],
  ["u32 joined with u64", variant({ kind: "u32" }, { kind: "u64" }), 16, 8, "i32 i64"],
  ["a string joined with f64", variant({ kind: "string" }, { kind: "f64" }), 16, 8, "i32 i64 i32"],
  ["an option of u8", { kind: "option", some: { kind: "u8" } }, 2, 1, "i32 i32"],
  ["an empty result", { kind: "result" }, 1, 1, "i32"],
];

for (const [what, type, size, alignment, flat] of layouts) {
  test(`layoutOf gives size, alignment and flat types of ${what}`, () => {
    assert.deepEqual(layoutOf(type), { size, alignment, flat: flat.split(" ") });
  });
}

test("more than 16 flat parameters are spilled, and more than one result needs a pointer", () => {
  const u32: ValueType = { kind: "u32" };
  const parameters = (count: number): { name: string; type: ValueType }[] =>
    Array.from({ length: count }, (_, index) => ({ name: `p${index}`, type: u32 }));
  assert.equal(signatureOf({ parameters: parameters(16) }).spilled, false);
  assert.equal(signatureOf({ parameters: parameters(17) }).spilled, true);
  const type = { parameters: parameters(17), result: { kind: "string" } } as const;
  assert.deepEqual(coreSignature(type, "lift"), { parameters: ["i32"], results: ["i32"] });
  assert.deepEqual(coreSignature(type, "lower"), { parameters: ["i32", "i32"], results: [] });
});
