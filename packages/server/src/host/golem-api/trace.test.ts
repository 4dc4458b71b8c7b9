import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpanState } from "./trace.ts";

describe("SpanState", () => {
  it("has a lineage of any length", () => {
    let span: SpanState | undefined;
    for (let count = 0; count < 10_000; count++) {
      span = new SpanState({ spanId: String(count), startMs: 0, name: "", parent: span, attributes: [] });
    }
    const ids = Array.from(span?.lineage() ?? [], ({ spanId }) => spanId);
    assert.equal(ids.length, 10_000);
    assert.deepEqual(ids.slice(0, 2), ["9999", "9998"]);
  });
});
