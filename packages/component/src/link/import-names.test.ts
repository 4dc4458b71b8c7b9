import assert from "node:assert/strict";
import { test } from "node:test";
import { compatibleLookup, serves } from "./import-names.ts";

const pairs: readonly (readonly [offered: string, wanted: string, fits: boolean])[] = [
  ["wasi:io/poll@0.2.0", "wasi:io/poll@0.2.3", true],
  ["wasi:io/poll@0.2.3", "wasi:io/poll@0.2.0", true],
  ["wasi:io/poll@0.2.0", "wasi:io/poll@0.3.0", false],
  ["wasi:io/poll@0.2.0", "wasi:io/streams@0.2.0", false],
  ["golem:api/host@1.1.6", "golem:api/host@1.0.0", true],
  ["golem:api/host@1.1.6", "golem:api/host@2.1.6", false],
  ["golem:api/host@1.1.6", "golem:api/host@0.2.0", false],
  ["golem:rdbms/types@0.0.1", "golem:rdbms/types@0.0.1", true],
  ["golem:rdbms/types@0.0.1", "golem:rdbms/types@0.0.2", false],
  ["wasi:logging/logging", "wasi:logging/logging", true],
  ["wasi:logging/logging", "wasi:logging/logging@0.1.0", false],
  ["wasi:config/store@0.2.0-draft", "wasi:config/store@0.2.0-draft", true],
  ["wasi:config/store@0.2.0-draft", "wasi:config/store@0.2.0", false],
];

for (const [offered, wanted, fits] of pairs) {
  test(`${offered} ${fits ? "serves" : "does not serve"} ${wanted}`, () => {
    assert.equal(serves(offered, wanted), fits);
    assert.equal(compatibleLookup([[offered, 1]])(wanted), fits ? 1 : undefined);
  });
}

test("compatibleLookup prefers the exact name, then the newest compatible one", () => {
  const find = compatibleLookup([
    ["a:b/c@1.2.0", "1.2.0"],
    ["a:b/c@1.10.0", "1.10.0"],
    ["a:b/c@1.9.0", "1.9.0"],
  ]);
  assert.equal(find("a:b/c@1.2.0"), "1.2.0");
  assert.equal(find("a:b/c@1.0.0"), "1.10.0");
});
