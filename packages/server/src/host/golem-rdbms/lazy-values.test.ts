/** The resources of golem:rdbms without a database: parts of values, and handles that are none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostTrap } from "../../durability/errors.ts";
import { TestHost } from "../context-for-tests.ts";

const postgres = "golem:rdbms/postgres@0.0.1";

describe("lazy-db-value", () => {
  test("gives its value each time, with parts of its own", () => {
    const guest = new TestHost().start();
    const make = (value: unknown): number => guest.call(postgres, "[constructor]lazy-db-value", value);
    const get = (self: number): { tag: string; val: number[] } =>
      guest.call(postgres, "[method]lazy-db-value.get", self);
    const inner = make({ tag: "int4", val: 5 });
    const outer = make({ tag: "array", val: [inner] });
    const first = get(outer);
    const second = get(outer);
    assert.deepEqual(get(first.val[0] ?? -1), { tag: "int4", val: 5 });
    guest.drop(postgres, "lazy-db-value", first.val[0] ?? -1);
    guest.drop(postgres, "lazy-db-value", outer);
    assert.deepEqual(get(second.val[0] ?? -1), { tag: "int4", val: 5 });
  });

  test("takes over the parts that it is made of", () => {
    const guest = new TestHost().start();
    const make = (value: unknown): number => guest.call(postgres, "[constructor]lazy-db-value", value);
    const start = make({ tag: "int4", val: 1 });
    const bounds = { start: { tag: "included", val: start }, end: { tag: "unbounded" } };
    const range = make({ tag: "range", val: { name: "some", value: bounds } });
    assert.throws(() => make({ tag: "array", val: [range, range] }), HostTrap);
    assert.throws(() => make({ tag: "domain", val: { name: "d", value: 4_000_000_000 } }), HostTrap);
  });

  test("is no lazy-db-column-type, nor anything else", () => {
    const guest = new TestHost().start();
    const value = guest.call<number>(postgres, "[constructor]lazy-db-value", { tag: "null" });
    assert.throws(() => guest.call(postgres, "[method]lazy-db-column-type.get", value), HostTrap);
    assert.throws(() => guest.call(postgres, "[method]db-result-stream.get-columns", value), HostTrap);
  });
});

describe("lazy-db-column-type", () => {
  const types = [
    { tag: "jsonb" },
    { tag: "enumeration", val: { name: "mood" } },
    { tag: "array", val: { tag: "int4" } },
    { tag: "domain", val: { name: "positive", baseType: { tag: "int4" } } },
    { tag: "range", val: { name: "floats", baseType: { tag: "float8" } } },
    { tag: "composite", val: { name: "pair", attributes: [["first", { tag: "array", val: { tag: "text" } }]] } },
  ];
  for (const type of types) {
    test(`of ${type.tag} gives what it was made of`, () => {
      const guest = new TestHost().start();
      const isType = (part: unknown): part is { tag: string; val?: unknown } =>
        typeof part === "object" && part !== null && "tag" in part;
      const make = (part: unknown): number =>
        guest.call(postgres, "[constructor]lazy-db-column-type", lowered(part, make));
      const lowered = (part: unknown, inner: (part: unknown) => unknown): unknown => {
        if (!isType(part) || part.val === undefined) return part;
        return { tag: part.tag, val: isType(part.val) ? inner(part.val) : fields(part.val, inner) };
      };
      const fields = (val: unknown, inner: (part: unknown) => unknown): unknown => {
        const { name, baseType, attributes } = val as { name: string; baseType?: unknown; attributes?: unknown[][] };
        if (baseType !== undefined) return { name, baseType: inner(baseType) };
        if (attributes === undefined) return { name };
        return { name, attributes: attributes.map(([attribute, part]) => [attribute, inner(part)]) };
      };
      const give = (self: unknown): unknown => lifted(guest.call(postgres, "[method]lazy-db-column-type.get", self));
      const lifted = (part: { tag: string; val?: unknown }): unknown => {
        if (part.val === undefined) return part;
        return { tag: part.tag, val: typeof part.val === "number" ? give(part.val) : fields(part.val, give) };
      };
      assert.deepEqual(give(make(type)), type);
    });
  }
});

describe("db-connection.open", () => {
  for (const kind of ["postgres", "mysql"]) {
    test(`refuses what is no address of ${kind}, and connects to nothing`, () => {
      const guest = new TestHost().start();
      const open = (address: string): { tag: string; val: unknown } =>
        guest.call(`golem:rdbms/${kind}@0.0.1`, "[static]db-connection.open", address);
      assert.equal(open("x".repeat(1_000_000)).tag, "err");
      for (let count = 0; count < 10_000; count++)
        assert.equal(open(`${kind}://u:p@nowhere.invalid/d${count}`).tag, "ok");
    });
  }
});
