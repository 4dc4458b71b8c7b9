import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StoreError } from "../platform/store-error.ts";
import { bytes, unit } from "./codec/schema.ts";
import { durableFunction } from "./durable-function.ts";
import { createFields, TestOplog } from "./oplog-for-tests.ts";
import { chunkBytesMax } from "./oplog-writer.ts";
import { inlinePayloadBytesMax } from "./oplog/record-format.ts";

const read = durableFunction({ name: "oplog-writer.test::read", class: "local-read", request: unit, response: bytes });

function log(message: string): { level: string; context: string; message: string } {
  return { level: "info", context: "", message };
}

describe("OplogWriter", () => {
  it("sends nothing before the commit, then one chunk with the row that follows from it", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    assert.equal(writer.append("create", createFields), 1);
    assert.equal(writer.append("no-op", {}), 2);
    assert.equal(oplog.appends.length, 0);
    await writer.commit();
    const [append] = oplog.appends;
    assert.equal(append?.chunk.firstIndex, 1);
    assert.equal(append.chunk.count, 2);
    assert.deepEqual([append.shard, append.epoch], [3, 5]);
    assert.equal(append.row.status, "Idle");
    assert.deepEqual(oplog.kinds(), ["create", "no-op"]);
    await writer.commit();
    assert.equal(oplog.appends.length, 1);
  });

  it("resolves a commit when everything before it is durable, also what an earlier commit sent", async () => {
    const oplog = new TestOplog();
    const first = Promise.withResolvers<void>();
    oplog.beforeAppend = ({ chunk }) => (chunk.firstIndex === 1 ? first.promise : undefined);
    const writer = oplog.writer();
    writer.append("create", createFields);
    const settled: string[] = [];
    const one = writer.commit().then(() => settled.push("one"));
    writer.append("no-op", {});
    const two = writer.commit().then(() => settled.push("two"));
    await new Promise(setImmediate);
    assert.deepEqual(settled, []);
    first.resolve();
    await Promise.all([one, two]);
    assert.deepEqual(settled, ["one", "two"]);
  });

  it("stores payloads above 64 KiB beside the record, and no chunk before them or before an earlier one", async () => {
    const oplog = new TestOplog();
    const payload = Promise.withResolvers<void>();
    oplog.beforePayload = () => payload.promise;
    const writer = oplog.writer();
    const data = new Uint8Array(inlinePayloadBytesMax + 1).fill(7);
    writer.append("create", createFields);
    writer.appendImported({ function: read, request: [], response: data, beginIndex: 0 });
    const one = writer.commit();
    writer.append("no-op", {});
    const two = writer.commit();
    await new Promise(setImmediate);
    assert.equal(oplog.appends.length, 0);
    payload.resolve();
    await Promise.all([one, two]);
    assert.deepEqual(
      oplog.chunks.map((chunk) => [chunk.firstIndex, chunk.count]),
      [
        [1, 2],
        [3, 1],
      ],
    );
    assert.ok((oplog.chunks[0]?.records.length ?? 0) < 500);
    assert.deepEqual(oplog.run().durable.takeReplayed("create"), createFields);
  });

  it("keeps a payload of exactly 64 KiB in the record", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    const overhead = 4 + 1 + 3;
    const response = new Uint8Array(inlinePayloadBytesMax - overhead);
    writer.appendImported({ function: read, request: [], response, beginIndex: 0 });
    await writer.commit();
    assert.equal(oplog.blobs.size, 0);
    writer.appendImported({
      function: read,
      request: [],
      response: new Uint8Array(response.length + 1),
      beginIndex: 0,
    });
    await writer.commit();
    assert.equal(oplog.blobs.size, 1);
  });

  it("sends a chunk by itself once it is large", async () => {
    const oplog = new TestOplog();
    const writer = oplog.writer();
    const message = "x".repeat(1000);
    while (oplog.appends.length === 0) {
      writer.append("log", log(message));
      await Promise.resolve();
      await Promise.resolve();
      assert.ok(writer.nextIndex < 1000);
    }
    const size = oplog.chunks[0]?.records.length ?? 0;
    assert.ok(size > chunkBytesMax && size < chunkBytesMax + 2000);
  });

  it("rejects with the store's error, then and ever after", async () => {
    const oplog = new TestOplog();
    oplog.beforeAppend = () => {
      throw new StoreError("full", "the disk is full");
    };
    const writer = oplog.writer();
    writer.append("create", createFields);
    await assert.rejects(writer.commit(), { code: "full" });
    oplog.beforeAppend = () => undefined;
    await assert.rejects(writer.commit(), { code: "full" });
    writer.append("no-op", {});
    await assert.rejects(writer.commit(), { code: "full" });
  });

  it("rejects the commit when a payload can't be stored, and sends nothing from there on", async () => {
    const oplog = new TestOplog();
    oplog.beforePayload = () => {
      throw new StoreError("full", "the disk is full");
    };
    const writer = oplog.writer();
    writer.append("log", log("x".repeat(inlinePayloadBytesMax + 1)));
    await new Promise(setImmediate);
    await assert.rejects(writer.commit(), { code: "full" });
    writer.append("no-op", {});
    await assert.rejects(writer.commit(), { code: "full" });
    assert.equal(oplog.appends.length, 0);
  });

  it("tells how much isn't durable yet", async () => {
    const oplog = new TestOplog();
    const gate = Promise.withResolvers<void>();
    oplog.beforeAppend = () => gate.promise;
    const writer = oplog.writer();
    writer.append("log", log("x".repeat(100_000)));
    const committed = writer.commit();
    assert.ok(writer.backlogBytes > 100_000);
    gate.resolve();
    await committed;
    await new Promise((resolve) => void setImmediate(resolve));
    assert.equal(writer.backlogBytes, 0);
  });

  it("goes on behind what was there", async () => {
    const oplog = new TestOplog();
    const before = oplog.writer();
    before.append("create", createFields);
    await before.commit();
    const writer = oplog.writer();
    assert.equal(writer.nextIndex, 2);
    assert.equal(writer.append("no-op", {}), 2);
    await writer.commit();
    assert.deepEqual(oplog.kinds(), ["create", "no-op"]);
  });
});
