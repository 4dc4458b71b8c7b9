import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value, ValueType } from "@emet/component/values";
import * as fc from "fast-check";
import { anyType, valueOf } from "../../../component/src/canonical/random-values.ts";
import { formatJson, parseJson } from "./json.ts";
import { ValueJsonError, valueFromJson } from "./value-from-json.ts";
import { valueToJson } from "./value-to-json.ts";

const u8: ValueType = { kind: "u8" };
const u64: ValueType = { kind: "u64" };

const handles = {
  representation: (urn: string): number | undefined => (urn === "urn:7" ? 7 : undefined),
  urn: (representation: number): string => `urn:${representation}`,
};

const read = (type: ValueType, text: string): Value => valueFromJson(type, parseJson(text), handles, "params[0]");
const write = (type: ValueType, value: Value): string => formatJson(valueToJson(type, value, handles));

/** JSON can't tell `some(none)` from `none`, nor write the floats that aren't finite, nor the sign of zero. */
function hasJsonForm(type: ValueType, value: Value): boolean {
  const text = write(type, value);
  return !text.includes("null") && !Object.is(value, -0);
}

describe("valueFromJson() and valueToJson()", () => {
  it("are each other's inverse for values with a JSON form", () => {
    fc.assert(
      fc.property(
        anyType.chain((type) => valueOf(type).map((value) => ({ type, value }))),
        ({ type, value }) => {
          fc.pre(hasJsonForm(type, value));
          const text = write(type, value);
          assert.equal(write(type, read(type, text)), text);
        },
      ),
    );
  });

  it("keep all digits of 64-bit integers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        assert.equal(write(u64, value), String(value));
        assert.equal(read(u64, String(value)), value);
        assert.equal(read({ kind: "s64" }, String(value / -2n)), value / -2n);
      }),
    );
  });

  it("write every kind as the specification says", () => {
    const flags = Array.from({ length: 40 }, (_, index) => `flag-${index}`);
    const examples: readonly (readonly [type: ValueType, text: string])[] = [
      [{ kind: "char" }, "97"],
      [{ kind: "char" }, String(0x1f600)],
      [{ kind: "flags", names: flags }, '["flag-0","flag-31","flag-39"]'],
      [{ kind: "option", some: u8 }, "null"],
      [{ kind: "option", some: u8 }, "7"],
      [{ kind: "option", some: { kind: "option", some: u8 } }, "7"],
      [{ kind: "result", err: { kind: "string" } }, '{"ok":null}'],
      [{ kind: "result", err: { kind: "string" } }, '{"err":"no"}'],
      [{ kind: "variant", cases: [{ name: "circle", type: { kind: "f64" } }, { name: "none" }] }, '{"circle":1.5}'],
      [{ kind: "variant", cases: [{ name: "circle", type: { kind: "f64" } }, { name: "none" }] }, '{"none":null}'],
      [{ kind: "record", fields: [{ name: "product-id", type: { kind: "string" } }] }, '{"product-id":"G1000"}'],
      [{ kind: "own", resource: 0 }, '"urn:7"'],
    ];
    for (const [type, text] of examples) assert.equal(write(type, read(type, text)), text);
  });

  it("take an absent option field for none, also one that is named as a member of every object", () => {
    const type: ValueType = { kind: "record", fields: [{ name: "constructor", type: { kind: "option", some: u8 } }] };
    assert.deepEqual(read(type, "{}"), { constructor: undefined });
  });

  it("have no JSON form for NaN and the infinities", () => {
    assert.equal(write({ kind: "f64" }, Number.NaN), "null");
    assert.equal(write({ kind: "f32" }, Number.NEGATIVE_INFINITY), "null");
  });
});

describe("valueFromJson()", () => {
  const point: ValueType = { kind: "record", fields: [{ name: "x", type: { kind: "list", element: u8 } }] };
  const mistakes: readonly (readonly [type: ValueType, text: string, message: RegExp])[] = [
    [u8, "256", /^params\[0\]: 256 is out of the range of u8$/u],
    [u8, "-1", /out of the range/u],
    [u8, "1.5", /expected an integer \(u8\), found 1\.5/u],
    [u8, '"1"', /found "1"/u],
    [u8, "null", /found null/u],
    [u64, "18446744073709551616", /out of the range/u],
    [u64, "9007199254740993.0", /expected an integer/u],
    [{ kind: "s64" }, "-9223372036854775809", /out of the range/u],
    [{ kind: "f64" }, "1e999", /expected a number/u],
    [{ kind: "char" }, String(0xd800), /Unicode scalar value/u],
    [{ kind: "char" }, '"a"', /Unicode scalar value/u],
    [{ kind: "bool" }, "0", /expected a boolean/u],
    [point, '{"x":[1,300]}', /^params\[0\]\.x\[1\]: 300 is out/u],
    [point, "{}", /^params\[0\]: field "x" is missing/u],
    [point, "[]", /expected an object, found an array of 0 items/u],
    [{ kind: "tuple", items: [u8, u8] }, "[1]", /an array of 2 items/u],
    [{ kind: "enum", cases: ["a"] }, '"b"', /one of a/u],
    [{ kind: "flags", names: ["a"] }, '["a","b"]', /^params\[0\]\[1\]: expected one of a/u],
    [{ kind: "result" }, '{"ok":1}', /^params\[0\]\.ok: expected null/u],
    [{ kind: "result" }, '{"ok":null,"err":null}', /one of the keys ok, err/u],
    [{ kind: "own", resource: 0 }, '"urn:8"', /no resource of this worker/u],
  ];
  for (const [type, text, message] of mistakes) {
    it(`refuses ${text} for ${type.kind}`, () => {
      assert.throws(() => read(type, text), { name: "ValueJsonError", message });
    });
  }

  it("gives a value or ValueJsonError for any JSON", () => {
    fc.assert(
      fc.property(anyType, fc.json(), (type, text) => {
        try {
          read(type, text);
        } catch (error) {
          assert.ok(error instanceof ValueJsonError, String(error));
        }
      }),
    );
  });

  it("names JSON nested without end in few words", () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    assert.throws(() => read(u8, deep), { name: "ValueJsonError", message: /an array of 1 items/u });
  });
});
