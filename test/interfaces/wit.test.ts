/** What tools read from the SDK's WIT. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withSdkPackages } from "../../packages/cli/src/component-build/sdk-packages.ts";
import { interfaceTypes, sinceVersions, witInterfaces } from "../../tools/wit.ts";

test("a document has the packages that its world uses, and those that they use", () => {
  const document = withSdkPackages("package test:x;\nworld w { import wasi:keyvalue/eventual@0.1.0; }");
  const packages = Array.from(document.matchAll(/^package ([^ ;]+)/gmu), ([, name = ""]) => name);
  assert.deepEqual(packages.toSorted(), ["test:x", "wasi:io@0.2.0", "wasi:keyvalue@0.1.0"]);
});

test("two versions of a package stand side by side", () => {
  const names = witInterfaces().map(({ name }) => name);
  for (const name of [
    "golem:api/host@0.2.0",
    "golem:api/host@1.1.7",
    "golem:rpc/types@0.1.3",
    "golem:rpc/types@0.2.2",
  ]) {
    assert.ok(names.includes(name), name);
  }
  assert.equal(new Set(names).size, names.length);
});

test("docs tell since when functions are there", () => {
  const find = (name: string): ((functionName: string) => string | undefined) => {
    const found = witInterfaces().find((item) => item.name === name);
    assert.ok(found !== undefined, name);
    return sinceVersions(found);
  };
  const host = find("golem:api/host@1.1.7");
  assert.equal(host("fork-worker"), "1.1.1");
  assert.equal(host("create-promise"), undefined);
  const rpc = find("golem:rpc/types@0.1.3");
  assert.equal(rpc("[method]wasm-rpc.schedule-invocation"), "0.1.2");
  assert.equal(rpc("[method]cancellation-token.cancel"), "0.1.3");
  assert.equal(rpc("[method]wasm-rpc.invoke"), undefined);
  assert.equal(find("golem:api/context@1.1.7")("[method]span.finish"), "1.1.5");
});

test("an interface knows its own resources, and whose it uses", async () => {
  const types = (await interfaceTypes()).find(({ name }) => name === "wasi:http/types@0.2.0");
  assert.ok(types !== undefined);
  const own = types.resources.filter((resource) => resource.own).map(({ name }) => name);
  assert.ok(own.includes("fields") && !own.includes("trailers") && !own.includes("pollable"), own.join());
  assert.deepEqual(types.uses.toSorted(), ["wasi:io/error@0.2.0", "wasi:io/poll@0.2.0", "wasi:io/streams@0.2.0"]);
});
