import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytes, fields, table } from "./text.ts";

describe("table()", () => {
  it("makes columns as wide as their widest cell", () => {
    const columns = [{ title: "name" }, { title: "size", align: "right" }, { title: "at" }] as const;
    assert.equal(
      table(columns, [
        ["a-long-name", 5, "x"],
        ["b", 1234, ""],
      ]),
      "name         size  at\na-long-name     5  x\nb            1234",
    );
    assert.equal(table(columns, []), "name  size  at");
  });
});

describe("fields()", () => {
  it("labels values, one below the other, and leaves out what isn't there", () => {
    assert.equal(
      fields([
        ["Name", "x"],
        ["None", undefined],
        ["Empty", []],
        ["Exports", ["a", "b"]],
      ]),
      "Name:    x\nExports: a\n         b",
    );
  });
});

describe("bytes()", () => {
  it("takes the unit that fits", () => {
    assert.deepEqual([0, 1023, 1024, 52_428_800].map(bytes), ["0 bytes", "1023 bytes", "1.0 KiB", "50.0 MiB"]);
  });
});
