import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ValueType } from "@emet/component/values";
import { typeFromJson, typeToJson } from "./type-json.ts";

const u8: ValueType = { kind: "u8" };
const U8 = { type: "U8" };

describe("typeToJson()", () => {
  const types: readonly (readonly [type: ValueType, json: object])[] = [
    [{ kind: "bool" }, { type: "Bool" }],
    [{ kind: "s64" }, { type: "S64" }],
    [{ kind: "f32" }, { type: "F32" }],
    [{ kind: "char" }, { type: "Chr" }],
    [{ kind: "string" }, { type: "Str" }],
    [
      { kind: "list", element: u8 },
      { type: "List", inner: U8 },
    ],
    [
      { kind: "option", some: u8 },
      { type: "Option", inner: U8 },
    ],
    [
      { kind: "result", ok: u8 },
      { type: "Result", ok: U8, err: null },
    ],
    [
      { kind: "tuple", items: [u8, u8] },
      { type: "Tuple", items: [U8, U8] },
    ],
    [
      { kind: "record", fields: [{ name: "product-id", type: u8 }] },
      { type: "Record", fields: [{ name: "product-id", typ: U8 }] },
    ],
    [
      { kind: "variant", cases: [{ name: "a", type: u8 }, { name: "b" }] },
      {
        type: "Variant",
        cases: [
          { name: "a", typ: U8 },
          { name: "b", typ: null },
        ],
      },
    ],
    [
      { kind: "enum", cases: ["a", "b"] },
      { type: "Enum", cases: ["a", "b"] },
    ],
    [
      { kind: "flags", names: ["r"] },
      { type: "Flags", names: ["r"] },
    ],
    [
      { kind: "own", resource: 1 },
      { type: "Handle", resource_id: 1, mode: "Owned" },
    ],
    [
      { kind: "borrow", resource: 1 },
      { type: "Handle", resource_id: 1, mode: "Borrowed" },
    ],
  ];
  for (const [type, json] of types) {
    it(`describes ${type.kind}`, () => {
      assert.deepEqual(typeToJson(type), json);
      assert.deepEqual(typeFromJson(typeToJson(type)), type);
    });
  }
});
