import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventHistoryBytesMax, eventHistoryMax, EventStream } from "./events.ts";
import type { WorkerEvent } from "./events.ts";

function finished(number: number): WorkerEvent {
  return { kind: "invocation-finished", timestampMs: number, functionName: "f", idempotencyKey: String(number) };
}

describe("EventStream", () => {
  it("gives a new watcher the last events, then what comes, until it leaves", () => {
    const stream = new EventStream();
    for (let number = 0; number < eventHistoryMax + 5; number += 1) stream.emit(finished(number));
    const seen: WorkerEvent[] = [];
    stream.subscribe(1, (event) => void seen.push(event));
    assert.equal(seen.length, eventHistoryMax);
    assert.deepEqual(seen[0], finished(5));
    stream.emit(finished(999));
    assert.deepEqual(seen.at(-1), finished(999));
    assert.equal(stream.watched, true);
    stream.unsubscribe(1);
    stream.emit(finished(1000));
    assert.equal(seen.length, eventHistoryMax + 1);
    assert.equal(stream.watched, false);
  });

  it("keeps no more output than a mebibyte", () => {
    const stream = new EventStream();
    const output = (bytes: number): WorkerEvent => ({
      kind: "output",
      timestampMs: 0,
      level: "stdout",
      context: "",
      message: String(bytes),
      bytes: new Uint8Array(bytes),
    });
    for (const bytes of [10, eventHistoryBytesMax - 20, 20]) stream.emit(output(bytes));
    const seen: WorkerEvent[] = [];
    stream.subscribe(1, (event) => void seen.push(event));
    assert.deepEqual(
      seen.map((event) => event.kind === "output" && event.bytes.length),
      [eventHistoryBytesMax - 20, 20],
    );
    stream.emit(output(eventHistoryBytesMax + 1));
    assert.equal(seen.length, 3);
    seen.length = 0;
    stream.subscribe(2, (event) => void seen.push(event));
    assert.deepEqual(seen, []);
  });

  it("forgets its history with the instance, and tells watchers of the end", () => {
    const stream = new EventStream();
    stream.emit(finished(1));
    stream.forget();
    const seen: WorkerEvent[] = [];
    stream.subscribe(1, (event) => void seen.push(event));
    stream.close();
    assert.deepEqual(seen, [{ kind: "close" }]);
    assert.equal(stream.watched, false);
  });
});
