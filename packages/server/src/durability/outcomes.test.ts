import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { KeyHash } from "./outcome-table.ts";
import { OutcomeTable } from "./outcome-table.ts";
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

  it("has no key that stands for another: what the hash of one looks like is a UUID too", () => {
    const outcomes = new Outcomes();
    outcomes.set("order-1", { kind: "cancelled", index: 1 });
    const digits = hash("sha256", "order-1", "buffer");
    const words = [0, 4, 8, 12].map((at) => digits.readUInt32LE(at).toString(16).padStart(8, "0"));
    const [first = "", second = "", third = "", fourth = ""] = words;
    for (const version of second.charAt(4) + "0") {
      const group = [second.slice(0, 4), version + second.slice(5), third.slice(0, 4), third.slice(4) + fourth];
      assert.equal(outcomes.has([first, ...group].join("-")), false);
    }
  });
});

describe("OutcomeTable", () => {
  /** The keys of a client that numbers them, and of one whose keys begin with the time. */
  const likely: readonly ((number: number) => KeyHash)[] = [
    (number) => [0, 0x4000, 0, number],
    (number) => [0x0199_aaaa, ((number >> 12) << 16) | 0x7000, number * 7, number * 13],
    (number) => [number, number, 0, 0],
    (number) => [number << 16, 0x4000, 0, 0],
  ];

  it("spreads keys that are much alike", () => {
    for (const hashOf of likely) {
      const table = new OutcomeTable();
      for (let number = 0; number < 20_000; number++) table.set(hashOf(number), number, 0);
      assert.equal(table.size, 20_000);
      assert.equal(table.low(table.find(hashOf(777))), 777);
      const { places } = table.save();
      // The longest stretch without a free place is what a search may take.
      let [longest, stretch] = [0, 0];
      for (const place of places) {
        stretch = place === 0 ? 0 : stretch + 1;
        longest = Math.max(longest, stretch);
      }
      assert.ok(longest < 400, `${longest} places in a row are taken`);
    }
  });
});
