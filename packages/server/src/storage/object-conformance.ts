/** What every object store must do (`conformance.ts`). */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ObjectPlace, ObjectStore } from "../durability/object-store.ts";
import type { OpenSubject } from "./conformance.ts";
import { originOf } from "./key-value-conformance.ts";

const origin = originOf("w", undefined);
const at = (object: string, container = "c"): ObjectPlace => ({ container, object });

async function put(objects: ObjectStore, place: ObjectPlace, text: string, nowMs = 5): Promise<void> {
  const content = { kind: "bytes", bytes: Buffer.from(text) } as const;
  await objects.write({ kind: "put", place, size: text.length, content }, origin, nowMs);
}

async function putFile(objects: ObjectStore, place: ObjectPlace, text: string, operation?: string): Promise<string> {
  const writer = objects.files.create();
  for (const character of text) writer.append(Buffer.from(character));
  const file = await writer.publish();
  writer.close();
  const change = { kind: "put", place, size: text.length, content: { kind: "file", file } } as const;
  await objects.write(change, originOf("w", operation), 5);
  return file;
}

async function textOf(objects: ObjectStore, place: ObjectPlace): Promise<string | undefined> {
  const found = await objects.get(place);
  if (found === undefined) return undefined;
  if (found.content.kind === "bytes") return Buffer.from(found.content.bytes).toString();
  const reader = await objects.files.open(found.content.file);
  assert.ok(reader !== undefined);
  const bytes = await reader.read(0, found.size + 1);
  reader.close();
  return Buffer.from(bytes).toString();
}

function describeContainers(open: OpenSubject): void {
  it("ObjectStore.write() creates containers once, and deletes them with their objects", async () => {
    await using subject = await open();
    const { objects } = subject.stores;
    assert.equal(await objects.write({ kind: "create-container", container: "c" }, origin, 7), 7);
    assert.equal(await objects.write({ kind: "create-container", container: "c" }, origin, 8), 7);
    await put(objects, at("o"), "text");
    const reopened = (await subject.reopen()).objects;
    assert.equal(await reopened.container("c"), 7);
    assert.equal(await reopened.container("d"), undefined);
    await reopened.write({ kind: "delete-container", container: "c" }, origin, 9);
    await reopened.write({ kind: "delete-container", container: "c" }, origin, 9);
    assert.equal(await reopened.container("c"), undefined);
    await assert.rejects(reopened.get(at("o")), /Container not found/u);
    assert.equal(await reopened.write({ kind: "create-container", container: "c" }, origin, 10), 10);
    assert.equal(await reopened.get(at("o")), undefined);
    await reopened.write({ kind: "create-container", container: "../d\0" }, origin, 11);
    assert.equal(await reopened.container("../d\0"), 11);
  });

  it("ObjectStore.write() clears a container and keeps it", async () => {
    await using subject = await open();
    const { objects } = subject.stores;
    await objects.write({ kind: "create-container", container: "c" }, origin, 7);
    await put(objects, at("a"), "a");
    await putFile(objects, at("b"), "b");
    await objects.write({ kind: "clear", container: "c" }, origin, 9);
    assert.deepEqual(await objects.names("c", undefined, 9), []);
    assert.equal(await objects.container("c"), 7);
    await put(objects, at("a"), "again");
    assert.equal(await textOf(objects, at("a")), "again");
    await assert.rejects(objects.write({ kind: "clear", container: "none" }, origin, 9), /Container not found/u);
  });

  it("ObjectStore.names() pages in order of code points", async () => {
    await using subject = await open();
    const { objects } = subject.stores;
    await objects.write({ kind: "create-container", container: "c" }, origin, 7);
    for (const name of ["b", "", "\u{1f600}", "\u{fffd}", "../a", "B"]) await put(objects, at(name), name);
    const sorted = ["", "../a", "B", "b", "\u{fffd}", "\u{1f600}"];
    assert.deepEqual(await objects.names("c", undefined, 99), sorted);
    assert.deepEqual(await objects.names("c", undefined, 1), [""]);
    assert.deepEqual(await objects.names("c", "", 2), ["../a", "B"]);
    assert.deepEqual(await objects.names("c", "b", 1_000_000), sorted.slice(4));
    await assert.rejects(objects.names("none", undefined, 1), /Container not found/u);
  });
}

function describeObjects(open: OpenSubject): void {
  it("ObjectStore.write() puts, replaces and deletes objects, in rows and in files", async () => {
    await using subject = await open();
    const { objects } = subject.stores;
    await objects.write({ kind: "create-container", container: "c" }, origin, 1);
    await put(objects, at("a"), "short", 2);
    await putFile(objects, at("b"), "in a file");
    await put(objects, at("e"), "");
    const reopened = (await subject.reopen()).objects;
    assert.deepEqual(await reopened.info(at("a")), { createdAtMs: 2, size: 5 });
    assert.equal(await textOf(reopened, at("a")), "short");
    assert.equal(await textOf(reopened, at("b")), "in a file");
    assert.equal(await textOf(reopened, at("e")), "");
    await putFile(reopened, at("a"), "now in a file");
    await put(reopened, at("b"), "now short");
    assert.equal(await textOf(reopened, at("a")), "now in a file");
    assert.equal(await textOf(reopened, at("b")), "now short");
    await reopened.write({ kind: "delete", container: "c", objects: ["a", "none"] }, origin, 3);
    assert.equal(await reopened.info(at("a")), undefined);
    assert.deepEqual(await reopened.names("c", undefined, 9), ["b", "e"]);
    await assert.rejects(put(reopened, at("a", "none"), "x"), /Container not found/u);
  });

  it("ObjectStore.write() copies and moves objects, which may share a file", async () => {
    await using subject = await open();
    const { objects } = subject.stores;
    for (const container of ["c", "d"]) await objects.write({ kind: "create-container", container }, origin, 1);
    await putFile(objects, at("a"), "file");
    await put(objects, at("s"), "short");
    await objects.write({ kind: "copy", from: at("a"), to: at("b", "d") }, origin, 9);
    await objects.write({ kind: "move", from: at("s"), to: at("s", "d") }, origin, 9);
    assert.deepEqual(await objects.names("c", undefined, 9), ["a"]);
    assert.deepEqual(await objects.info(at("b", "d")), { createdAtMs: 9, size: 4 });
    assert.deepEqual(await objects.info(at("s", "d")), { createdAtMs: 5, size: 5 });
    await objects.write({ kind: "copy", from: at("a"), to: at("a") }, origin, 9);
    await objects.write({ kind: "move", from: at("a"), to: at("a") }, origin, 9);
    await objects.write({ kind: "delete-container", container: "c" }, origin, 9);
    const reopened = (await subject.reopen()).objects;
    assert.equal(await textOf(reopened, at("b", "d")), "file");
    await reopened.write({ kind: "move", from: at("b", "d"), to: at("s", "d") }, origin, 9);
    assert.equal(await textOf(reopened, at("s", "d")), "file");
    const missing = { kind: "copy", from: at("none", "d"), to: at("x", "d") } as const;
    await assert.rejects(reopened.write(missing, origin, 9), /Object not found/u);
    const nowhere = { kind: "copy", from: at("s", "d"), to: at("x", "none") } as const;
    await assert.rejects(reopened.write(nowhere, origin, 9), /Container not found/u);
  });

  it("ObjectStore.write() gives a repeated operation its first result", async () => {
    await using subject = await open();
    const { objects } = subject.stores;
    await objects.write({ kind: "create-container", container: "c" }, origin, 1);
    await putFile(objects, at("a"), "first", "1");
    await put(objects, at("a"), "another worker's");
    await putFile(objects, at("a"), "first", "1");
    assert.equal(await textOf(objects, at("a")), "another worker's");
    const create = { kind: "create-container", container: "n" } as const;
    assert.equal(await objects.write(create, originOf("w", "2"), 3), 3);
    await objects.write({ kind: "delete-container", container: "n" }, origin, 4);
    assert.equal(await objects.write(create, originOf("w", "2"), 5), 3);
    assert.equal(await objects.container("n"), undefined);
  });
}

export function describeObjectStore(open: OpenSubject): void {
  describeContainers(open);
  describeObjects(open);
}
