import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Value, ValueType } from "@emet/component";
import { decodeValue, encodeValue } from "../../durability/codec/value-codec.ts";
import { fromWitValue, toWitValue, WitValueError, witValue } from "./wit-value.ts";
import type { WitHandles, WitNode, WitValue } from "./wit-value.ts";

const handles: WitHandles = {
  toUri: (id) => ({ uri: "urn:worker:c/w", id: BigInt(id) }),
  fromUri: (uri, id) => (uri === "urn:worker:c/w" ? Number(id) : undefined),
};

/** A type with a value of it. */
type Sample = { readonly type: ValueType; readonly value: Value };

const { sample } = fc.letrec<{ sample: Sample; leaf: Sample }>((tie) => ({
  leaf: fc.oneof(
    fc.nat(255).map((value): Sample => ({ type: { kind: "u8" }, value })),
    fc.integer().map((value): Sample => ({ type: { kind: "s32" }, value })),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Sample => ({ type: { kind: "u64" }, value })),
    fc.double().map((value): Sample => ({ type: { kind: "f64" }, value })),
    fc.string().map((value): Sample => ({ type: { kind: "string" }, value })),
    fc.boolean().map((value): Sample => ({ type: { kind: "bool" }, value })),
    fc.nat(2).map((id): Sample => ({ type: { kind: "own", resource: 0 }, value: id })),
    fc.nat(1).map((index): Sample => ({ type: { kind: "enum", cases: ["a", "b-c"] }, value: ["a", "b-c"][index] })),
    fc.boolean().map((isOpen): Sample => ({ type: { kind: "flags", names: ["is-open"] }, value: { isOpen } })),
    fc.uint8Array().map((value): Sample => ({ type: { kind: "list", element: { kind: "u8" } }, value })),
  ),
  sample: fc.oneof(
    { maxDepth: 4 },
    tie("leaf"),
    fc.array(tie("sample"), { maxLength: 4 }).map((items): Sample => ({
      type: { kind: "tuple", items: items.map((item) => item.type) },
      value: items.map((item) => item.value),
    })),
    fc.tuple(tie("sample"), tie("sample")).map(([first, second]): Sample => ({
      type: {
        kind: "record",
        fields: [
          { name: "first-one", type: first.type },
          { name: "second", type: second.type },
        ],
      },
      value: { firstOne: first.value, second: second.value },
    })),
    fc.tuple(tie("leaf"), fc.boolean()).map(([{ type, value }, some]): Sample => ({
      type: { kind: "option", some: type },
      value: some ? value : undefined,
    })),
    tie("sample").map(({ type, value }): Sample => ({
      type: { kind: "variant", cases: [{ name: "nothing" }, { name: "some-thing", type }] },
      value: { tag: "some-thing", val: value },
    })),
    tie("sample").map(({ type, value }): Sample => ({
      type: { kind: "result", ok: type },
      value: { tag: "ok", val: value },
    })),
  ),
}));

describe("wit-value", () => {
  it("gives back every value, also through its own encoding", () => {
    fc.assert(
      fc.property(sample, ({ type, value }) => {
        const written = toWitValue(type, value, handles);
        const stored = decodeValue<WitValue>(witValue.type, encodeValue<WitValue>(witValue.type, written));
        assert.deepEqual(fromWitValue(type, stored, handles), value);
      }),
    );
  });

  it("has its root first and its parts depth first", () => {
    const type: ValueType = { kind: "tuple", items: [{ kind: "option", some: { kind: "u8" } }, { kind: "bool" }] };
    assert.deepEqual(toWitValue(type, [7, true], handles).nodes, [
      { tag: "tuple-value", val: Int32Array.of(1, 3) },
      { tag: "option-value", val: 2 },
      { tag: "prim-u8", val: 7 },
      { tag: "prim-bool", val: true },
    ]);
  });

  it("refuses what leads in circles, points nowhere, or is of another type", () => {
    const list: ValueType = { kind: "list", element: { kind: "list", element: { kind: "u8" } } };
    const bad = (type: ValueType, ...nodes: readonly WitNode[]): void => {
      assert.throws(() => fromWitValue(type, { nodes }, handles), WitValueError);
    };
    bad(list);
    bad(list, { tag: "list-value", val: [0] });
    bad(list, { tag: "list-value", val: [1, 1] }, { tag: "list-value", val: [] });
    bad(list, { tag: "list-value", val: [5] });
    bad(list, { tag: "list-value", val: [-1] });
    bad({ kind: "u8" }, { tag: "prim-u16", val: 1 });
    bad({ kind: "enum", cases: ["a"] }, { tag: "enum-value", val: 1 });
    bad({ kind: "own", resource: 0 }, { tag: "handle", val: [{ value: "urn:worker:c/other" }, 0n] });
    bad({ kind: "option", some: { kind: "u8" } }, { tag: "option-value", val: 3 });
  });
});
