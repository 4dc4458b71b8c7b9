/** What every store of components must do (`conformance.ts`). */
import assert from "node:assert/strict";
import { it } from "node:test";
import { isStoreError } from "../platform/store-error.ts";
import type { ComponentRecord } from "../worker/stores.ts";
import type { OpenSubject } from "./conformance.ts";
import { appendOf, componentA, componentB, rowOf } from "./test-fixtures.ts";

function isRefused(error: unknown): boolean {
  return isStoreError(error) && error.code === "failed";
}

function record(componentId: string, version: number, name: string, createdAtMs = 1000): ComponentRecord {
  return {
    componentId,
    version,
    componentName: name,
    componentSize: 10 + version,
    componentType: version % 2 === 0 ? "Durable" : "Ephemeral",
    createdAtMs,
    metadata: `{"version":${version}}`,
    files: [{ key: `key-${version}`, path: "/a", permissions: "read-write" }],
    installedPlugins: [
      {
        id: `installation-${version}`,
        name: "p",
        version: "1",
        priority: version,
        parameters: { a: "b" },
        specs: { type: "OplogProcessor", componentId: componentB, componentVersion: 1 },
      },
    ],
  };
}

function describeRemovedVersions(open: OpenSubject): void {
  it("ComponentStore.removeVersion() leaves the latest one, those of workers, and the component", async () => {
    await using subject = await open();
    const { components, oplogs } = subject.stores;
    for (const version of [0, 1, 2]) {
      const added = record(componentA, version, "a");
      assert.equal(await (version === 0 ? components.create(added) : components.addVersion(added)), true);
    }
    const removed = (version: number): Promise<string> =>
      components.removeVersion({ componentId: componentA, version });
    await oplogs.append(appendOf("w", 1, { row: rowOf({ componentVersion: 1 }) }));
    assert.deepEqual([await removed(2), await removed(1), await removed(3)], ["latest", "in-use", "unknown"]);
    assert.deepEqual([await removed(0), await removed(0)], ["removed", "unknown"]);
    const stores = await subject.reopen();
    assert.equal(await stores.components.get(componentA, 0), undefined);
    const left = await Promise.all([stores.components.versions(componentA), stores.components.byName("a")]);
    for (const records of [...left, await stores.components.all()]) {
      assert.deepEqual(
        records.map(({ version }) => version),
        [1, 2],
      );
    }
    assert.equal(await stores.components.create(record(componentB, 0, "a")), false);
    assert.equal(await stores.components.removeVersion({ componentId: componentA, version: 1 }), "in-use");
    assert.deepEqual(await stores.components.uncleanedVersions(), [{ componentId: componentA, version: 0 }]);
    await stores.components.noteVersionCleaned({ componentId: componentA, version: 0 });
    assert.deepEqual(await stores.components.uncleanedVersions(), []);
    // What was under way when it was removed.
    const old = rowOf({ componentVersion: 0 });
    await assert.rejects(stores.oplogs.append(appendOf("new", 1, { row: old })), isRefused);
    await assert.rejects(stores.oplogs.append(appendOf("w", 2, { row: old })), isRefused);
    await stores.oplogs.append(appendOf("w", 2, { row: rowOf({ componentVersion: 2 }) }));
    assert.equal(await stores.components.removeVersion({ componentId: componentA, version: 1 }), "removed");
  });
}

export function describeComponents(open: OpenSubject): void {
  describeRemovedVersions(open);
  it("ComponentStore.create() refuses a name that is taken", async () => {
    await using subject = await open();
    const { components } = subject.stores;
    assert.equal(await components.create(record(componentA, 0, "cart")), true);
    assert.equal(await components.create(record(componentB, 0, "cart")), false);
    assert.equal(await components.create(record(componentA, 0, "other")), false);
    assert.deepEqual(await components.all(), [record(componentA, 0, "cart")]);
  });

  it("ComponentStore.addVersion() adds each version once", async () => {
    await using subject = await open();
    await subject.stores.components.create(record(componentB, 0, "b", 50));
    await subject.stores.components.create(record(componentA, 0, "a", 60));
    assert.equal(await subject.stores.components.addVersion(record(componentB, 1, "b", 70)), true);
    assert.equal(await subject.stores.components.addVersion(record(componentB, 1, "b", 80)), false);
    const { components } = await subject.reopen();
    assert.deepEqual(await components.get(componentB, 1), record(componentB, 1, "b", 70));
    assert.equal(await components.get(componentB, 2), undefined);
    assert.equal((await components.latest(componentB))?.version, 1);
    assert.equal(await components.latest("none"), undefined);
    assert.deepEqual(
      (await components.versions(componentB)).map(({ version }) => version),
      [0, 1],
    );
    assert.deepEqual(
      (await components.byName("b")).map(({ version }) => version),
      [0, 1],
    );
    assert.deepEqual(
      (await components.all()).map(({ componentName, version }) => `${componentName}${version}`),
      ["b0", "b1", "a0"],
    );
  });

  const ending = record(componentA, 0, "ended");

  it("ComponentStore.end() leaves a component that has workers, unless they don't matter", async () => {
    await using subject = await open();
    const { components, oplogs } = subject.stores;
    assert.equal(await components.end(componentA, false), "unknown");
    await components.create(ending);
    await oplogs.append(appendOf("w", 1));
    assert.equal(await components.end(componentA, false), "in-use");
    assert.equal((await components.versions(componentA)).length, 1);
    assert.equal(await components.end(componentA, true), "ended");
    assert.equal(await components.end(componentA, true), "unknown");
    assert.equal(await components.latest(componentA), undefined);
    await oplogs.append(appendOf("w", 2));
    await oplogs.delete({ componentId: componentA, workerName: "w" }, 7, 1);
  });

  it("ComponentStore.end() frees the name, and lets no worker come into being, until it is cleaned and after", async () => {
    await using subject = await open();
    await subject.stores.components.create(ending);
    assert.equal(await subject.stores.components.end(componentA, false), "ended");
    await assert.rejects(subject.stores.oplogs.append(appendOf("w", 1)), isRefused);
    const stores = await subject.reopen();
    assert.deepEqual(await stores.components.uncleaned(), [componentA]);
    await stores.components.noteCleaned(componentA);
    assert.deepEqual(await stores.components.uncleaned(), []);
    await assert.rejects(stores.oplogs.append(appendOf("w", 1)), isRefused);
    assert.equal(await stores.components.create({ ...ending, componentId: componentB }), true);
    await stores.oplogs.append(appendOf("w", 1, { worker: { componentId: componentB, workerName: "w" } }));
  });
}
