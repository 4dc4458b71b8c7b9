import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Disk } from "./disk.ts";
import { systemDisk } from "./disk.ts";
import type { DiskFault } from "./simulated-disk.ts";
import { createSimulatedDisk, SimulatedCrash } from "./simulated-disk.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function exercise(disk: Disk, root: string): Promise<void> {
  assert.equal(await disk.read(join(root, "x")), undefined);
  assert.equal(disk.readSync(join(root, "x")), undefined);
  assert.deepEqual(await disk.list(join(root, "none")), []);
  await disk.makeDirectory(join(root, "d", "e"));
  await disk.makeDirectory(join(root, "d", "e"));
  await disk.write(join(root, "d", "x"), bytes("one"));
  await disk.write(join(root, "d", "x"), bytes("two"));
  await disk.rename(join(root, "d", "x"), join(root, "d", "e", "y"));
  await disk.syncDirectory(join(root, "d", "e"));
  assert.deepEqual(await disk.list(join(root, "d")), ["e"]);
  assert.equal(Buffer.from((await disk.read(join(root, "d", "e", "y"))) ?? []).toString(), "two");
  assert.equal(Buffer.from(disk.readSync(join(root, "d", "e", "y")) ?? []).toString(), "two");
  await assert.rejects(disk.write(join(root, "none", "x"), bytes("x")), { code: "ENOENT" });
  await assert.rejects(disk.rename(join(root, "none"), join(root, "z")), { code: "ENOENT" });
  await assert.rejects(disk.syncDirectory(join(root, "none")), { code: "ENOENT" });
  await disk.remove(join(root, "d"));
  await disk.remove(join(root, "d"));
  assert.equal(await disk.read(join(root, "d", "e", "y")), undefined);
}

describe("Disk", () => {
  it("systemDisk keeps files", async () => {
    const root = await mkdtemp(join(tmpdir(), "emet-disk-"));
    try {
      await exercise(systemDisk, root);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it("createSimulatedDisk() behaves as systemDisk does", async () => {
    const { disk } = createSimulatedDisk();
    await disk.makeDirectory("/root");
    await exercise(disk, "/root");
  });
});

describe("createSimulatedDisk()", () => {
  it("loses names in a crash that were not synced", async () => {
    const { disk, crash, files } = createSimulatedDisk();
    await disk.makeDirectory("/d");
    await disk.write("/d/kept", bytes("1"));
    await disk.syncDirectory("/d");
    await disk.write("/d/lost", bytes("2"));
    await disk.rename("/d/kept", "/d/moved");
    crash();
    assert.deepEqual([...files().keys()], ["/d/kept"]);
  });

  it("fails as it is told", async () => {
    const faults: (DiskFault | undefined)[] = [undefined, "ENOSPC", "EIO", "short", "crash-after", "crash-before"];
    const { disk, files } = createSimulatedDisk({ fault: (operation) => faults[operation - 1] });
    await disk.makeDirectory("/d");
    await assert.rejects(disk.write("/d/x", bytes("four")), { code: "ENOSPC" });
    assert.equal(files().size, 0);
    await assert.rejects(disk.write("/d/x", bytes("four")), { code: "EIO" });
    await assert.rejects(disk.write("/d/x", bytes("four")), { code: "ENOSPC" });
    assert.equal(files().get("/d/x")?.length, 2);
    await assert.rejects(disk.syncDirectory("/d"), SimulatedCrash);
    assert.equal(files().get("/d/x")?.length, 0);
    await assert.rejects(disk.write("/d/y", bytes("four")), SimulatedCrash);
    await disk.write("/d/y", bytes("four"));
  });
});
