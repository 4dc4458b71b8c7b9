import assert from "node:assert/strict";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ObjectStore } from "../durability/object-store.ts";
import { originOf } from "./key-value-conformance.ts";
import { openForTest, temporaryDirectory } from "./test-fixtures.ts";

const origin = originOf("w", undefined);

async function published(objects: ObjectStore, text: string): Promise<string> {
  const writer = objects.files.create();
  writer.append(Buffer.from(text));
  const file = await writer.publish();
  writer.close();
  return file;
}

async function putFile(objects: ObjectStore, object: string, text: string): Promise<string> {
  const file = await published(objects, text);
  const place = { container: "c", object };
  await objects.write({ kind: "put", place, size: text.length, content: { kind: "file", file } }, origin, 1);
  return file;
}

const folders = async (path: string): Promise<readonly string[][]> => [
  await readdir(join(path, "objects")),
  await readdir(join(path, "objects-unfinished")),
];

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

describe("FileObjects", () => {
  it("removes the files of replaced, deleted and cleared objects, but not those that copies need", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path);
    const { objects } = opened.client;
    await objects.write({ kind: "create-container", container: "c" }, origin, 1);
    const kept = await putFile(objects, "a", "one");
    await objects.write(
      { kind: "copy", from: { container: "c", object: "a" }, to: { container: "c", object: "b" } },
      origin,
      1,
    );
    await putFile(objects, "a", "two");
    const last = await putFile(objects, "a", "three");
    const names = [kept, last].sort();
    await until(async () => JSON.stringify(await folders(directory.path)) === JSON.stringify([names, []]));
    await objects.write({ kind: "clear", container: "c" }, origin, 1);
    await until(async () => (await folders(directory.path)).flat().length === 0);
  });

  it("goes on reading a file that was removed while it is open, and finds it gone afterwards", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path);
    const { objects } = opened.client;
    await objects.write({ kind: "create-container", container: "c" }, origin, 1);
    const file = await putFile(objects, "a", "0123456789");
    const reader = await objects.files.open(file);
    await objects.write({ kind: "delete", container: "c", objects: ["a"] }, origin, 1);
    await until(async () => {
      const again = await objects.files.open(file);
      again?.close();
      return again === undefined;
    });
    assert.equal(Buffer.from((await reader?.read(8, 10)) ?? []).toString(), "89");
    reader?.close();
  });

  it("removes the files of long values that were replaced, deleted or expired", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path);
    const { keyValues } = opened.client;
    const long = new Uint8Array(100_000);
    const set = (key: string, expiresMs?: number): Promise<unknown> => {
      const expiry = expiresMs === undefined ? {} : { expiresMs };
      return keyValues.write({ kind: "set", space: "s", entries: [[key, long]], ...expiry }, origin, 50);
    };
    await set("a");
    await set("a");
    await set("b");
    await set("c", 60);
    const counted = async (count: number): Promise<boolean> =>
      JSON.stringify((await folders(directory.path)).map((names) => names.length)) === JSON.stringify([count, 0]);
    await until(() => counted(3));
    await keyValues.write({ kind: "delete", space: "s", keys: ["a"] }, origin, 70);
    await keyValues.write({ kind: "set", space: "s", entries: [["d", long]], expiresMs: 99 }, origin, 70);
    await until(() => counted(2));
    assert.equal((await keyValues.get("s", ["b"], 70))[0]?.length, long.length);
  });

  it("finishes or removes at start what was cut off", async () => {
    await using directory = await temporaryDirectory();
    const first = await openForTest(directory.path);
    const { objects } = first.client;
    await objects.write({ kind: "create-container", container: "c" }, origin, 1);
    const file = await putFile(objects, "a", "kept");
    const lost = await published(objects, "never put");
    await until(async () => (await folders(directory.path))[0]?.length === 1);
    await first[Symbol.asyncDispose]();
    // As if the process had ended before the file moved, and in the midst of writing another.
    const [finished, unfinished] = [join(directory.path, "objects"), join(directory.path, "objects-unfinished")];
    await mkdir(unfinished, { recursive: true });
    await rename(join(finished, file), join(unfinished, file));
    await writeFile(join(unfinished, "half.tmp"), "half");
    assert.ok((await readdir(unfinished)).includes(lost));
    await using second = await openForTest(directory.path);
    assert.deepEqual(await folders(directory.path), [[file], []]);
    const found = await second.client.objects.get({ container: "c", object: "a" });
    assert.deepEqual(found?.content, { kind: "file", file });
  });

  it("removes at start the files that were listed as ended", async () => {
    await using directory = await temporaryDirectory();
    const first = await openForTest(directory.path);
    const { objects } = first.client;
    await objects.write({ kind: "create-container", container: "c" }, origin, 1);
    await Promise.all(Array.from({ length: 450 }, (_, index) => putFile(objects, `o${index}`, String(index))));
    const cleared = objects.write({ kind: "clear", container: "c" }, origin, 1);
    await Promise.allSettled([cleared]);
    await first[Symbol.asyncDispose]();
    await using second = await openForTest(directory.path);
    assert.deepEqual(await folders(directory.path), [[], []]);
    assert.deepEqual(await second.client.objects.names("c", undefined, 9), []);
  });
});
