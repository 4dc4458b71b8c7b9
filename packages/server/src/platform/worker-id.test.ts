import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatWorkerId, parseWorkerId } from "./worker-id.ts";

describe("formatWorkerId()", () => {
  it("is undone by parseWorkerId()", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), (componentId, workerName) => {
        const id = { componentId, workerName };
        assert.deepEqual(parseWorkerId(formatWorkerId(id)), id);
      }),
    );
  });
});

describe("parseWorkerId()", () => {
  it("refuses text without a slash", () => {
    assert.throws(() => parseWorkerId("worker"), TypeError);
  });
});
