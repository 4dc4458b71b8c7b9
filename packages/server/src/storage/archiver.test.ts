import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Disk } from "../platform/disk.ts";
import { systemDisk } from "../platform/disk.ts";
import { isStoreError } from "../platform/store-error.ts";
import type { StorageLimits } from "./limits.ts";
import type { OpenStorage } from "./test-fixtures.ts";
import { appendOf, openForTest, plain, readAll, temporaryDirectory } from "./test-fixtures.ts";

/** Each append becomes a segment at once, and few of them an archive. */
const limits: Partial<StorageLimits> = {
  journalMoveBytes: 1,
  archiveSegmentsMin: 6,
  archiveSegmentsKept: 2,
  archiveBytes: 100,
};

const appends = 40;
const recordsEach = 3;

async function fill({ client }: OpenStorage, name: string, from = 0): Promise<void> {
  for (let append = from; append < from + appends; append += 1) {
    await client.oplogs.append(appendOf(name, append * recordsEach + 1, { count: recordsEach }));
  }
}

function archivesIn(path: string): Promise<readonly string[]> {
  return readdir(join(path, "blobs", "archive"), { recursive: true }).catch(() => []);
}

describe("Archiver", () => {
  it("moves old records into blobs from which they are read as before, from any index and in pages of any size", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path, { limits });
    await fill(opened, "w");
    const before = plain(await readAll(opened.client, "w"));
    const moved = await opened.storage.archiver.run();
    assert.ok(moved > 5, String(moved));
    assert.equal(await opened.storage.archiver.run(), 0);
    assert.deepEqual(plain(await readAll(opened.client, "w")), before);
    for (const bytesMax of [1, 90, 100_000]) {
      for (const fromIndex of [1, 2, 17, 60, appends * recordsEach]) {
        const chunks = plain(await readAll(opened.client, "w", { fromIndex, bytesMax }));
        const expected = before.filter(({ firstIndex, count }) => firstIndex + count > fromIndex);
        assert.deepEqual(chunks, expected, `${fromIndex} ${bytesMax}`);
      }
    }
  });

  it("goes on with what was appended since, and after a restart", async () => {
    await using directory = await temporaryDirectory();
    await using first = await openForTest(directory.path, { limits });
    await fill(first, "w");
    assert.ok((await first.storage.archiver.run()) > 0);
    await fill(first, "w", appends);
    assert.ok((await first.storage.archiver.run()) > 0);
    const before = plain(await readAll(first.client, "w"));
    assert.equal(before.length, 2 * appends);
    await first[Symbol.asyncDispose]();
    await using second = await openForTest(directory.path, { limits });
    assert.deepEqual(plain(await readAll(second.client, "w")), before);
    await fill(second, "w", 2 * appends);
    assert.ok((await second.storage.archiver.run()) > 0);
    assert.equal((await readAll(second.client, "w")).length, 3 * appends);
  });

  it("removes the archives of workers that are gone, whose names may have new lives", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path, { limits });
    await Promise.all([fill(opened, "kept"), fill(opened, "ended")]);
    await opened.storage.archiver.run();
    const all = await archivesIn(directory.path);
    await opened.client.oplogs.delete(appendOf("ended", 1).worker, 7, 1);
    assert.deepEqual(await readAll(opened.client, "ended"), []);
    await opened.client.oplogs.append(appendOf("ended", 1));
    await opened.storage.archiver.run();
    const left = await archivesIn(directory.path);
    assert.ok(left.length > 1 && left.length < all.length);
    assert.equal((await readAll(opened.client, "kept")).length, appends);
    assert.equal((await readAll(opened.client, "ended")).length, 1);
  });

  it("leaves records where they are when the blob can't be written", async () => {
    await using directory = await temporaryDirectory();
    let broken = true;
    const disk: Disk = {
      ...systemDisk,
      rename: async (from, to) => {
        if (broken) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
        await systemDisk.rename(from, to);
      },
    };
    await using opened = await openForTest(directory.path, { limits, disk });
    await fill(opened, "w");
    await assert.rejects(opened.storage.archiver.run(), (error) => isStoreError(error) && error.code === "full");
    assert.equal((await readAll(opened.client, "w")).length, appends);
    broken = false;
    assert.ok((await opened.storage.archiver.run()) > 0);
    assert.equal((await readAll(opened.client, "w")).length, appends);
  });

  it("reports an archive that is damaged or missing", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path, { limits });
    await fill(opened, "w");
    await opened.storage.archiver.run();
    const [key = ""] = await readdir(join(directory.path, "blobs", "archive"));
    const path = join(directory.path, "blobs", "archive", key);
    const [file = ""] = (await readdir(path)).filter((name) => name.startsWith("1="));
    await writeFile(join(path, file), "no archive");
    await assert.rejects(readAll(opened.client, "w"), (error) => isStoreError(error) && /damaged/u.test(error.message));
  });
});
