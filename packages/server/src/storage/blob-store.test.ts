import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { systemDisk } from "../platform/disk.ts";
import type { DiskFault } from "../platform/simulated-disk.ts";
import { createSimulatedDisk, SimulatedCrash } from "../platform/simulated-disk.ts";
import { isStoreError } from "../platform/store-error.ts";
import type { BlobStore } from "../worker/stores.ts";
import { createBlobStore, removeUnfinishedBlobs } from "./blob-store.ts";
import { temporaryDirectory } from "./test-fixtures.ts";

const dataDirectory = "/data";

interface Change {
  readonly kind: "put" | "delete" | "deleteAll";
  readonly name: string;
  readonly value: number;
}

const names = ["a", "b/c", "b/d/e"];

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("put" as const, "put" as const, "put" as const, "delete" as const, "deleteAll" as const),
    name: fc.constantFrom(...names),
    value: fc.nat(255),
  }),
  { minLength: 1, maxLength: 12 },
);

function perform(blobs: BlobStore, change: Change): Promise<void> {
  switch (change.kind) {
    case "put":
      return blobs.put(change.name, new Uint8Array(100).fill(change.value));
    case "delete":
      return blobs.delete(change.name);
    case "deleteAll":
      return blobs.deleteAll("b");
  }
}

/** The values that a blob may have: what was acknowledged, or what the change that failed would have made of it. */
class Possible {
  readonly #values = new Map<string, Set<number | undefined>>();

  of(name: string): Set<number | undefined> {
    return this.#values.get(name) ?? new Set([undefined]);
  }

  change(change: Change, acknowledged: boolean): void {
    for (const name of names) {
      const touched = change.kind === "deleteAll" ? name.startsWith("b/") : name === change.name;
      if (!touched) continue;
      const value = change.kind === "put" ? change.value : undefined;
      this.#values.set(name, acknowledged ? new Set([value]) : new Set([...this.of(name), value]));
    }
  }
}

async function checkBlobs(blobs: BlobStore, possible: Possible): Promise<void> {
  for (const name of names) {
    const data = await blobs.get(name);
    assert.ok(data === undefined || (data.length === 100 && data.every((byte) => byte === data[0])), "whole or absent");
    assert.ok(possible.of(name).has(data?.[0]), `${name} is ${data?.[0]}`);
  }
}

describe("BlobStore", () => {
  it("leaves blobs whole or absent, and loses nothing acknowledged, whatever fails", async () => {
    const faults = fc.constantFrom<DiskFault>("ENOSPC", "EIO", "short", "crash-before", "crash-after");
    const plans = fc.array(fc.tuple(fc.nat(60), faults), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, plans, fc.nat(), async (all, plan, salt) => {
        const planned = new Map(plan);
        const { disk } = createSimulatedDisk({
          fault: (operation) => planned.get(operation),
          survives: (path) => ((path.length * 31 + salt) & 1) === 0,
        });
        const open = (): BlobStore => createBlobStore({ disk, dataDirectory, writer: "test" });
        const possible = new Possible();
        let blobs = open();
        // A server that can't even start tries again; each failure is planned once.
        const start = (): Promise<void> => removeUnfinishedBlobs(disk, dataDirectory).catch(start);
        await start();
        for (const change of all) {
          try {
            await perform(blobs, change);
            possible.change(change, true);
          } catch (error) {
            assert.ok(isStoreError(error));
            possible.change(change, false);
            if (!(error.cause instanceof SimulatedCrash)) continue;
            await start();
            blobs = open();
          }
          await checkBlobs(blobs, possible);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("tells a full disk from other failures", async () => {
    const planned = new Map<number, DiskFault>([
      [3, "ENOSPC"],
      [5, "EIO"],
    ]);
    const { disk, files } = createSimulatedDisk({ fault: (operation) => planned.get(operation) });
    await removeUnfinishedBlobs(disk, dataDirectory);
    const blobs = createBlobStore({ disk, dataDirectory, writer: "test" });
    const put = async (): Promise<unknown> => {
      const [result] = await Promise.allSettled([blobs.put("x", new Uint8Array(3))]);
      return result.status === "rejected" && isStoreError(result.reason) ? result.reason.code : result.status;
    };
    assert.deepEqual([await put(), await put(), await put()], ["full", "failed", "fulfilled"]);
    assert.deepEqual([...files().keys()], ["/data/blobs/x="]);
  });

  it("removes unfinished files at start", async () => {
    const { disk, files } = createSimulatedDisk();
    await removeUnfinishedBlobs(disk, dataDirectory);
    await disk.write("/data/blobs-unfinished/test-1", new Uint8Array(3));
    await removeUnfinishedBlobs(disk, dataDirectory);
    assert.equal(files().size, 0);
  });

  it("refuses names that aren't segments", async () => {
    const { disk } = createSimulatedDisk();
    const blobs = createBlobStore({ disk, dataDirectory, writer: "test" });
    for (const name of ["", "/a", "a/", "a//b", "..", "a/../../b", "./a", "a\0b", "\ud800"]) {
      await assert.rejects(blobs.put(name, new Uint8Array(1)), isStoreError);
      assert.throws(() => blobs.getSync(name), isStoreError);
      await assert.rejects(blobs.deleteAll(name), isStoreError);
    }
  });

  it("keeps distinct names apart on any file system", async () => {
    await using directory = await temporaryDirectory();
    await removeUnfinishedBlobs(systemDisk, directory.path);
    const blobs = createBlobStore({ disk: systemDisk, dataDirectory: directory.path, writer: "test" });
    const long = "名".repeat(100);
    const all = ["a", "A", "a.b", "a%2eb", ".a", "a=", "a/b", "C:\\x", "~", `${long}1`, `${long}2`, `${long}1/x`];
    for (const [index, name] of all.entries()) await blobs.put(name, new Uint8Array([index]));
    for (const [index, name] of all.entries()) assert.deepEqual([...((await blobs.get(name)) ?? [])], [index]);
    const files = await systemDisk.list(`${directory.path}/blobs`);
    assert.equal(new Set(files.map((file) => file.toLowerCase())).size, files.length);
  });
});
