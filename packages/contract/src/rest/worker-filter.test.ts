import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { FilterTextError, parseFilterText, workerFilterSchema } from "./worker-filter.ts";

describe("parseFilterText()", () => {
  const filters: readonly (readonly [text: string, filter: object])[] = [
    ["name = w-1", { type: "Name", comparator: "Equal", value: "w-1" }],
    ["name notlike x", { type: "Name", comparator: "NotLike", value: "x" }],
    [" env.HOME  NE  /x ", { type: "Env", name: "HOME", comparator: "NotEqual", value: "/x" }],
    ["version >= 3", { type: "Version", comparator: "GreaterEqual", value: 3 }],
    ["version lt 3", { type: "Version", comparator: "Less", value: 3 }],
    ["status == idle", { type: "Status", comparator: "Equal", value: "Idle" }],
    ["created_at > 2024-01-01T00:00:00Z", { type: "CreatedAt", comparator: "Greater", value: "2024-01-01T00:00:00Z" }],
    [
      "createdAt le 2024-01-01T00:00:00.5+01:00",
      { type: "CreatedAt", comparator: "LessEqual", value: "2024-01-01T00:00:00.5+01:00" },
    ],
  ];
  for (const [text, filter] of filters) {
    it(`reads "${text}"`, () => {
      assert.deepEqual(parseFilterText(text), filter);
      assert.deepEqual(workerFilterSchema.parse(filter), filter);
    });
  }

  for (const text of [
    "",
    "name =",
    "name = a b",
    "name > a",
    "name constructor a",
    "status = Sleeping",
    "version = -1",
    "version = x",
    "version like 1",
    "created_at = 2024",
    "created_at = yesterday",
    "color = red",
  ]) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseFilterText(text), FilterTextError);
    });
  }

  it("gives a filter or FilterTextError for any text", () => {
    const words = fc.constantFrom(
      "name",
      "status",
      "version",
      "env.A",
      "=",
      "like",
      "gt",
      "toString",
      "1",
      "Idle",
      " ",
    );
    fc.assert(
      fc.property(
        fc.array(words).map((list) => list.join(" ")),
        (text) => {
          try {
            workerFilterSchema.parse(parseFilterText(text));
          } catch (error) {
            assert.ok(error instanceof FilterTextError);
          }
        },
      ),
    );
  });
});
