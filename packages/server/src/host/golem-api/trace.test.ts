import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";
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

describe("Trace", () => {
  it("goes back to the nearest open span, and bounds what finished ones keep", () => {
    const { trace } = new TestHost().start().context;
    trace.begin({ functionName: "f", idempotencyKey: "k", workerName: "w", trace: undefined });
    const root = trace.current;
    const [first, second, third] = ["a", "b", "c"].map((name) => trace.startSpan(name));
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    trace.finish(second);
    assert.equal(trace.current, third);
    trace.finish(third);
    assert.equal(trace.current, first);
    trace.finish(first);
    assert.equal(trace.current, root);
    assert.throws(() => {
      for (let last = trace.startSpan("s"); ;) {
        const next = trace.startSpan("s");
        trace.finish(last);
        last = next;
      }
    }, /nested/u);
  });
});
