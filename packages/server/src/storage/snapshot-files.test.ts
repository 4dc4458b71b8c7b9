import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { MemorySnapshotSkipped } from "../worker/channels.ts";
import { memorySnapshotSkipped } from "../worker/channels.ts";
import { snapshotFiles } from "./snapshot-files.ts";
import { componentA, openForTest, temporaryDirectory } from "./test-fixtures.ts";

const worker = { componentId: componentA, workerName: "w" };

async function onlyFile(directory: string): Promise<string> {
  const names = await readdir(join(directory, "memory-snapshots"), { recursive: true });
  const [name = ""] = names.filter((each) => each.endsWith(".latest"));
  return join(directory, "memory-snapshots", name);
}

async function putDirectory(path: string): Promise<void> {
  await rm(path, { force: true });
  await mkdir(path);
  await writeFile(join(path, "file"), "");
}

async function allFiles(directory: string): Promise<readonly string[]> {
  const found = await readdir(join(directory, "memory-snapshots"), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map(({ name }) => name.replace(/^.*\./u, ""));
}

const told: MemorySnapshotSkipped[] = [];
memorySnapshotSkipped.subscribe((event) => told.push(event));

describe("snapshotFiles()", () => {
  it("gives back what was put, small or large, compressible or not", async () => {
    await using directory = await temporaryDirectory();
    const files = snapshotFiles(directory.path);
    for (const bytes of [0, 1, 1000, 5_000_000]) {
      for (const content of [Buffer.alloc(bytes, "snapshot"), randomBytes(bytes)]) {
        const stored = await files.put(worker, content);
        assert.equal(stored, (await readFile(await onlyFile(directory.path))).length);
        const got = await files.get(worker, "latest");
        assert.ok(got !== undefined && content.equals(got));
      }
    }
  });

  it("keeps the one before the latest", async () => {
    await using directory = await temporaryDirectory();
    const files = snapshotFiles(directory.path);
    assert.equal(await files.get(worker, "latest"), undefined);
    for (const text of ["first", "second", "third"]) await files.put(worker, Buffer.from(text));
    assert.equal(String(Buffer.from((await files.get(worker, "previous")) ?? "")), "second");
    await files.delete(worker);
    assert.equal(await files.get(worker, "latest"), undefined);
    assert.equal(await files.get(worker, "previous"), undefined);
  });

  it("gives nothing of a file that is damaged anywhere", async () => {
    await using directory = await temporaryDirectory();
    const files = snapshotFiles(directory.path);
    for (const content of [Buffer.alloc(3000, "snapshot"), randomBytes(100)]) {
      await files.put(worker, content);
      const path = await onlyFile(directory.path);
      const whole = await readFile(path);
      for (const place of [0, 3, 4, 8, whole.length - 1]) {
        const damaged = Buffer.from(whole);
        damaged[place] = (damaged[place] ?? 0) ^ 0x55;
        await writeFile(path, damaged);
        assert.equal(await files.get(worker, "latest"), undefined, `byte ${place}`);
      }
      for (const length of [0, 4, 8, whole.length - 1]) {
        await writeFile(path, whole.subarray(0, length));
        assert.equal(await files.get(worker, "latest"), undefined, `${length} bytes`);
      }
      await writeFile(path, Buffer.alloc(whole.length));
      assert.equal(await files.get(worker, "latest"), undefined);
    }
  });

  it("gives nothing of what can't be read, and puts and deletes in spite of it", async () => {
    await using directory = await temporaryDirectory();
    const files = snapshotFiles(directory.path);
    await files.put(worker, Buffer.from("first"));
    const latest = await onlyFile(directory.path);
    const previous = latest.replace(/latest$/u, "previous");
    await putDirectory(latest);
    await putDirectory(previous);
    told.length = 0;
    assert.equal(await files.get(worker, "latest"), undefined);
    assert.deepEqual(
      told.map(({ worker: id, step, reason }) => [id, step, reason.slice(0, 6)]),
      [[worker, "load", "EISDIR"]],
    );
    for (const text of ["second", "third"]) await files.put(worker, Buffer.from(text));
    assert.equal(String(Buffer.from((await files.get(worker, "latest")) ?? "")), "third");
    assert.equal(String(Buffer.from((await files.get(worker, "previous")) ?? "")), "second");
    await rm(previous);
    await putDirectory(latest);
    await putDirectory(previous);
    await files.delete(worker);
    assert.deepEqual(await allFiles(directory.path), []);
  });

  it("does without a folder of its own", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, "memory-snapshots"), "");
    const files = snapshotFiles(directory.path);
    await assert.rejects(files.put(worker, Buffer.from("first")));
    assert.equal(await files.get(worker, "latest"), undefined);
    await files.delete(worker);
  });

  it("leaves nothing unfinished when it fails", async () => {
    await using directory = await temporaryDirectory();
    const files = snapshotFiles(directory.path);
    await files.put(worker, Buffer.from("first"));
    const folder = join(await onlyFile(directory.path), "..");
    await rm(folder, { recursive: true });
    await writeFile(folder, "in the way");
    await assert.rejects(files.put(worker, Buffer.from("second")));
    const names = await allFiles(directory.path);
    assert.equal(names.length, 1, String(names));
  });

  it("has what was cut off removed at the next start", async () => {
    await using directory = await temporaryDirectory();
    const files = snapshotFiles(directory.path);
    await files.put(worker, Buffer.from("first"));
    await writeFile(join(directory.path, "memory-snapshots", "unfinished", "cut-off"), "par");
    await using opened = await openForTest(directory.path);
    assert.equal(opened.storage.partitions, 1);
    assert.deepEqual(await allFiles(directory.path), ["latest"]);
  });
});
