import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { InvocationOutcome } from "./outcomes.ts";
import { Outcomes } from "./outcomes.ts";

const plain = { noNullPrototype: true } as const;
const index = fc.integer({ min: 1, max: 2 ** 40 - 1 });
const outcome: fc.Arbitrary<InvocationOutcome> = fc.oneof(
  fc.record({ kind: fc.constant("completed" as const), index, functionName: fc.constantFrom("a", "b.{c}") }, plain),
  fc.record({ kind: fc.constant("failed" as const), index, message: fc.string() }, plain),
  fc.record(
    {
      kind: fc.constant("exited" as const),
      index,
      functionName: fc.constant("run"),
      exitCode: fc.integer({ min: 0, max: 255 }),
    },
    plain,
  ),
  fc.record({ kind: fc.constant("cancelled" as const), index }, plain),
);
const key = fc.oneof(fc.uuid(), fc.string({ maxLength: 3 }), fc.constant("ABCDEF00-0000-4000-8000-000000000000"));

describe("Outcomes", () => {
  it("are what a map would be, also when saved and made anew", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, outcome), { maxLength: 60 }), fc.integer(), (entries, boundary) => {
        let outcomes = new Outcomes();
        const model = new Map<string, InvocationOutcome>();
        const check = (): void => {
          assert.equal(outcomes.size, model.size);
          for (const [each, expected] of model) assert.deepEqual(outcomes.get(each), expected);
          for (const [each] of entries) assert.equal(outcomes.has(each), model.has(each));
        };
        for (const [each, value] of entries) {
          outcomes.set(each, value);
          model.set(each, value);
        }
        check();
        outcomes = new Outcomes(structuredClone(outcomes.save()));
        check();
        const gone = outcomes.deleteWhere((each) => each.index % 2 === boundary % 2);
        const deleted = [...model].filter(([, value]) => value.index % 2 === boundary % 2);
        for (const [each] of deleted) model.delete(each);
        assert.equal(gone.length, deleted.length);
        check();
      }),
    );
  });

  it("are the same when there are many, however often they were saved meanwhile", () => {
    let outcomes = new Outcomes();
    const model = new Map<string, InvocationOutcome>();
    const set = (number: number, value: InvocationOutcome): void => {
      outcomes.set(`key ${number}`, value);
      model.set(`key ${number}`, value);
    };
    const saveAndCheck = (): void => {
      outcomes = new Outcomes(structuredClone(outcomes.save()));
      assert.equal(outcomes.size, model.size);
      for (const [each, expected] of model) assert.deepEqual(outcomes.get(each), expected);
      assert.equal(outcomes.has("another key"), false);
    };
    for (let number = 0; number < 6000; number++) set(number, { kind: "completed", index: number, functionName: "f" });
    saveAndCheck();
    for (let number = 0; number < 1000; number++) set(number * 7, { kind: "failed", index: number, message: "no" });
    saveAndCheck();
    for (let number = 0; number < 5000; number++) set(number * 5, { kind: "cancelled", index: number });
    saveAndCheck();
    const gone = outcomes.deleteWhere((each) => each.kind === "failed");
    assert.equal(gone.length, [...model.values()].filter(({ kind }) => kind === "failed").length);
    for (const [each, { kind }] of model) if (kind === "failed") model.delete(each);
    saveAndCheck();
  });

  it("tells keys apart that differ in case only", () => {
    const outcomes = new Outcomes();
    outcomes.set("abcdef00-0000-4000-8000-000000000000", { kind: "cancelled", index: 1 });
    assert.equal(outcomes.has("ABCDEF00-0000-4000-8000-000000000000"), false);
  });
});
