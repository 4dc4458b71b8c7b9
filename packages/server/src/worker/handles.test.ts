import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value, ValueType } from "@emet/component";
import * as fc from "fast-check";
import { anyType, valueOf } from "../../../component/src/canonical/random-values.ts";
import { holdsHandles, mapHandles } from "./handles.ts";

const own: ValueType = { kind: "own", resource: 3 };
const plusTen = (_handle: ValueType, value: number): number => value + 10;

describe("mapHandles()", () => {
  it("maps the handles wherever they are", () => {
    const u8: ValueType = { kind: "u8" };
    const cases: readonly (readonly [type: ValueType, value: Value, mapped: Value])[] = [
      [own, 1, 11],
      [{ kind: "list", element: own }, [1, 2], [11, 12]],
      [{ kind: "tuple", items: [u8, own] }, [1, 2], [1, 12]],
      [{ kind: "record", fields: [{ name: "a-b", type: own }] }, { aB: 1 }, { aB: 11 }],
      [{ kind: "option", some: own }, undefined, undefined],
      [{ kind: "option", some: own }, 0, 10],
      [{ kind: "option", some: { kind: "option", some: own } }, { tag: "none" }, { tag: "none" }],
      [
        { kind: "option", some: { kind: "option", some: own } },
        { tag: "some", val: 1 },
        { tag: "some", val: 11 },
      ],
      [
        { kind: "variant", cases: [{ name: "x", type: own }] },
        { tag: "x", val: 1 },
        { tag: "x", val: 11 },
      ],
      [
        { kind: "variant", cases: [{ name: "x", type: own }, { name: "y" }] },
        { tag: "y" },
        { tag: "y", val: undefined },
      ],
      [
        { kind: "result", ok: own, err: u8 },
        { tag: "err", val: 1 },
        { tag: "err", val: 1 },
      ],
      [
        { kind: "result", ok: own },
        { tag: "ok", val: 1 },
        { tag: "ok", val: 11 },
      ],
      [{ kind: "borrow", resource: 0 }, 1, 11],
    ];
    for (const [type, value, mapped] of cases) assert.deepEqual(mapHandles(type, value, plusTen), mapped);
  });

  it("passes on values without handles as they are", () => {
    fc.assert(
      fc.property(
        anyType.chain((type) => valueOf(type).map((value) => ({ type, value }))),
        ({ type, value }) => {
          assert.equal(holdsHandles(type), false);
          assert.ok(Object.is(mapHandles(type, value, plusTen), value));
        },
      ),
    );
  });
});
