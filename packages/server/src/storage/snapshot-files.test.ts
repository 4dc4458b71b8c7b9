import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, it } from "node:test";
import { snapshotFiles } from "./snapshot-files.ts";
import { componentA, temporaryDirectory } from "./test-fixtures.ts";

const worker = { componentId: componentA, workerName: "w" };

async function onlyFile(directory: string): Promise<string> {
  const names = await readdir(join(directory, "memory-snapshots"), { recursive: true });
  const [name = ""] = names.filter((each) => each.endsWith(".latest"));
  return join(directory, "memory-snapshots", name);
}

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
});
