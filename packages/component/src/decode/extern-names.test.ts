import assert from "node:assert/strict";
import { test } from "node:test";
import { ComponentError } from "../errors.ts";
import { parseExternName, uniquenessKey } from "./extern-names.ts";

test("parseExternName tells the kinds of names apart", () => {
  assert.deepEqual(parseExternName("add-ITEM-2", 0, false), { kind: "label" });
  assert.deepEqual(parseExternName("wasi:io/poll@0.2.3-rc.1+b.7", 0, false), { kind: "interface" });
  assert.deepEqual(parseExternName("wasi:io/poll@0.2", 0, true), { kind: "interface" });
  assert.deepEqual(parseExternName("[constructor]cart", 0, false), { kind: "constructor", resource: "cart" });
  assert.deepEqual(parseExternName("[method]cart.add", 0, false), { kind: "method", resource: "cart" });
  assert.deepEqual(parseExternName("[static]cart.of", 0, false), { kind: "static", resource: "cart" });
});

test("parseExternName rejects what is no name", () => {
  const names = [
    "",
    "1a",
    "aB",
    "a--b",
    "a-",
    "[method]a",
    "[other]a",
    "[method",
    "a:b",
    "A:b/c",
    "a:b/c/d",
    "a:b/c@1",
    "a:b/c@01.0.0",
  ];
  for (const name of names) {
    assert.throws(
      () => parseExternName(name, 7, false),
      (error) => error instanceof ComponentError && error.offset === 7,
      name,
    );
  }
});

function key(name: string): string {
  return uniquenessKey(name, parseExternName(name, 0, false));
}

test("uniquenessKey lets only a constructor share its resource's name", () => {
  assert.equal(key("foo-BAR"), key("foo-bar"));
  assert.equal(key("[method]foo.foo"), key("foo"));
  assert.equal(key("[method]a.b"), key("[static]A.b"));
  assert.notEqual(key("[constructor]foo"), key("foo"));
  assert.notEqual(key("a-1"), key("a1"));
});
