import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, assert as assertProperty, constantFrom, property, record, string, uint8Array } from "fast-check";
import { HostTrap } from "../../durability/errors.ts";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import { TestHost } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import type { HeaderErrorTag } from "./fields.ts";
import { Fields, forbiddenNames } from "./fields.ts";
import { types } from "./http-for-tests.ts";

type Outcome = Result<number, { readonly tag: HeaderErrorTag }>;

const guest = new TestHost().start();

function call<T>(name: string, ...parameters: readonly unknown[]): T {
  return guest.call<T>(types, name, ...parameters);
}

function fromList(entries: readonly (readonly [string, string])[]): Outcome {
  const encoded = entries.map(([name, value]): HttpHeader => [name, Buffer.from(value, "latin1")]);
  return call("[static]fields.from-list", encoded);
}

function refusal(outcome: Outcome): HeaderErrorTag | undefined {
  return outcome.tag === "err" ? outcome.val.tag : undefined;
}

const names = constantFrom("a", "A", "b", "B", "x-long", "X-Long");
const values = uint8Array({ min: 0x20, max: 0x7e, maxLength: 5 });

describe("wasi:http/types fields", () => {
  it("refuse names and values that aren't HTTP's, and names that are the host's", () => {
    for (const name of ["", " ", "a b", "a:", "a\n", "ä", "(", "a\0"]) {
      assert.equal(refusal(fromList([[name, "x"]])), "invalid-syntax", name);
    }
    for (const value of ["\n", "a\rb", "\0", "\u007f"]) {
      assert.equal(refusal(fromList([["a", value]])), "invalid-syntax", JSON.stringify(value));
    }
    for (const name of forbiddenNames) {
      assert.equal(refusal(fromList([[name.toUpperCase(), "x"]])), "forbidden", name);
      const fields = call<number>("[constructor]fields");
      for (const change of [
        () => call<Outcome>("[method]fields.set", fields, name, [Buffer.from("x")]),
        () => call<Outcome>("[method]fields.append", fields, name, Buffer.from("x")),
        () => call<Outcome>("[method]fields.delete", fields, name),
      ]) {
        assert.equal(refusal(change()), "forbidden", name);
      }
    }
    assert.equal(fromList([["a", "\t \u00ff"]]).tag, "ok");
  });

  it("can't be changed once they belong to a message", () => {
    const made = fromList([["a", "1"]]);
    assert.ok(made.tag === "ok");
    const request = call<number>("[constructor]outgoing-request", made.val);
    const headers = call<number>("[method]outgoing-request.headers", request);
    assert.equal(refusal(call("[method]fields.set", headers, "a", [Buffer.from("2")])), "immutable");
    assert.equal(refusal(call("[method]fields.append", headers, "host", Buffer.from("2"))), "immutable");
    assert.equal(refusal(call("[method]fields.delete", headers, "a")), "immutable");
    const clone = call<number>("[method]fields.clone", headers);
    assert.equal(call<Outcome>("[method]fields.set", clone, "a", [Buffer.from("2")]).tag, "ok");
    assert.deepEqual(call("[method]fields.get", headers, "A"), [Buffer.from("1")]);
    assert.deepEqual(call("[method]fields.get", clone, "A"), [Buffer.from("2")]);
  });

  it("behave like a list of pairs whose names are compared without case", () => {
    const operations = array(
      record({ kind: constantFrom("set", "append", "delete"), name: names, values: array(values, { maxLength: 3 }) }),
    );
    assertProperty(
      property(operations, (steps) => {
        const fields = new Fields();
        let model: HttpHeader[] = [];
        const same = (name: string, other: string): boolean => name.toLowerCase() === other.toLowerCase();
        for (const step of steps) {
          if (step.kind === "append") {
            for (const value of step.values) {
              fields.append(step.name, value);
              model.push([step.name, value]);
            }
            continue;
          }
          const given = step.kind === "set" ? step.values : [];
          const first = model.findIndex(([name]) => same(name, step.name));
          const before = first < 0 ? model.length : first;
          const others = model.filter(([name]) => !same(name, step.name));
          const added = given.map((value): HttpHeader => [step.name, value]);
          model = [...others.slice(0, before), ...added, ...others.slice(before)];
          fields.set(step.name, given);
        }
        assert.deepEqual(fields.entries, model);
        for (const name of ["a", "B", "x-LONG"]) {
          const expected = model.filter(([entry]) => same(entry, name)).map(([, value]) => value);
          assert.deepEqual(fields.values(name), expected);
        }
      }),
    );
  });

  it("never throw for whatever names and values", () => {
    const entries = array(record({ name: string({ unit: "binary" }), value: uint8Array({ maxLength: 9 }) }));
    assertProperty(
      property(entries, (given) => {
        const outcome = call<Outcome>(
          "[static]fields.from-list",
          given.map(({ name, value }) => [name, value]),
        );
        if (outcome.tag === "ok")
          assert.equal(call<unknown[]>("[method]fields.entries", outcome.val).length, given.length);
      }),
    );
  });

  it("end the call of a guest that fills them without end", () => {
    const fields = call<number>("[constructor]fields");
    const fill = (): void => {
      for (let index = 0; index < 10_000; index++) call("[method]fields.append", fields, "a", new Uint8Array(0));
    };
    assert.throws(fill, HostTrap);
    assert.throws(() => fromList([["a", "x".repeat(200_000)]]), HostTrap);
  });
});
