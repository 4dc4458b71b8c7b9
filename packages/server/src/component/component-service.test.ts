import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { ComponentService } from "./component-service.ts";

/** A component with one function and one memory. */
const text = `(component
  (core module $main
    (memory 2 10)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $main (instantiate $main))
  (func $add (param "left" u32) (param "right" u32) (result u32) (canon lift (core func $main "add")))
  (export "add" (func $add))
  (instance $api (export "add" (func $add)))
  (export "golem:it/api" (instance $api)))`;

let binary: Uint8Array;

before(async () => {
  binary = await parse(text);
});

function newService(stores = createMemoryStorage().stores()): ComponentService {
  let ids = 0;
  return new ComponentService({
    store: stores.components,
    blobs: stores.blobs,
    clock: { now: () => 1_700_000_000_000 },
    entropy: { fill: () => undefined, uuid: () => `id-${ids++}`, fraction: () => 0 },
    componentBytesMax: 100_000,
    filesBytesMax: 100_000,
    moduleLimits: { memoryBytesMax: 1_048_576, tableEntriesMax: 1000 },
    transform: () => Promise.reject(new Error("no transformers")),
  });
}

describe("ComponentService", () => {
  it("stores versions and gives them back", async () => {
    const service = newService();
    const created = await service.create("adder", { binary, componentType: undefined });
    assert.deepEqual([created.version, created.componentType, created.componentSize], [0, "Durable", binary.length]);
    const { componentId } = created;
    const updated = await service.update(componentId, { binary, componentType: "Ephemeral" });
    assert.deepEqual([updated.version, updated.componentType], [1, "Ephemeral"]);
    const again = await service.update(componentId, { binary, componentType: undefined });
    assert.deepEqual([again.version, again.componentType], [2, "Ephemeral"]);
    assert.deepEqual(await service.latest(componentId), again);
    assert.deepEqual(await service.get(componentId, 0), created);
    assert.deepEqual(
      (await service.versions(componentId)).map((record) => record.version),
      [0, 1, 2],
    );
    assert.deepEqual((await service.list("adder")).length, 3);
    assert.deepEqual(await service.list("other"), []);
    assert.deepEqual(await service.binary(componentId, 1), binary);
  });

  it("gives updates at once a version each, with its own binary", async () => {
    const service = newService();
    const binaries = await Promise.all(
      [1, 2, 3].map((n) => parse(`(component (core module (memory ${n})) (core module) )`)),
    );
    const { componentId } = await service.create("adder", { binary, componentType: undefined });
    const updates = binaries.map((item) => service.update(componentId, { binary: item, componentType: undefined }));
    const records = await Promise.all(updates);
    assert.deepEqual(
      records.map((record) => record.version),
      [1, 2, 3],
    );
    for (const [index, record] of records.entries()) {
      assert.deepEqual(await service.binary(componentId, record.version), binaries[index]);
    }
    assert.equal((await service.latest(componentId))?.version, 3);
  });

  it("describes exports and memories", async () => {
    const { metadata } = await newService().create("adder", { binary, componentType: undefined });
    const typ = { type: "U32" };
    const add = {
      name: "add",
      parameters: [
        { name: "left", typ },
        { name: "right", typ },
      ],
      results: [{ name: null, typ }],
    };
    const parsed = JSON.parse(metadata) as { exports: unknown; memories: unknown };
    assert.deepEqual(parsed.exports, [
      { type: "Function", ...add },
      { type: "Instance", name: "golem:it/api", functions: [add] },
    ]);
    assert.deepEqual(parsed.memories, [{ initial: 131_072, maximum: 655_360 }]);
  });

  it("compiles an image once, also after a restart", async () => {
    const stores = createMemoryStorage().stores();
    const service = newService(stores);
    const { componentId } = await service.create("adder", { binary, componentType: undefined });
    const [one, two] = await Promise.all([service.image(componentId, 0), service.image(componentId, 0)]);
    assert.ok(one !== undefined);
    assert.equal(one, two);
    assert.deepEqual([one.componentSize, one.initialMemorySize], [binary.length, 131_072]);
    const restarted = await newService(stores).image(componentId, 0);
    assert.deepEqual(restarted?.functions, one.functions);
    assert.equal(await service.image(componentId, 7), undefined);
  });

  it("refuses what is no component, too large, unnamed, taken or unknown", async () => {
    const service = newService();
    const upload = { binary, componentType: undefined };
    const refuses = (work: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
      assert.rejects(work, { name: "UploadError", code, message });
    await refuses(service.create("x", { ...upload, binary: new Uint8Array(8) }), "invalid", /at byte 0/u);
    await refuses(service.create("x", { ...upload, binary: binary.subarray(0, -1) }), "invalid", /not valid/u);
    await refuses(service.create("x", { ...upload, binary: new Uint8Array(100_001) }), "invalid", /at most 100000/u);
    await refuses(service.create("", upload), "invalid", /name is empty/u);
    await refuses(service.update("none", upload), "not-found", /none/u);
    await service.create("adder", upload);
    await refuses(service.create("adder", upload), "conflict", /already exists/u);
    assert.equal((await service.list(undefined)).length, 1);
  });
});
