import assert from "node:assert/strict";
import { copyFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { isStoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { promiseTimer } from "../worker/promise-timer.ts";
import { databaseFileOf } from "./partition-identity.ts";
import { partitionOf, partitionsFor } from "./partitions.ts";
import type { OpenStorage, TemporaryDirectory } from "./test-fixtures.ts";
import { appendOf, componentA, openForTest, temporaryDirectory } from "./test-fixtures.ts";

const count = 3;

/** A worker in each partition. */
const workers: readonly WorkerId[] = Array.from({ length: count }, (_, partition) => {
  for (let index = 0; ; index += 1) {
    const worker = { componentId: componentA, workerName: `w${index}` };
    if (partitionOf(worker, count) === partition) return worker;
  }
});

const nameOf = (partition: number): string => workers[partition]?.workerName ?? "";
const workerIn = (partition: number): WorkerId => ({ componentId: componentA, workerName: nameOf(partition) });

function open(directory: TemporaryDirectory, partitions?: number): Promise<OpenStorage> {
  return openForTest(directory.path, partitions === undefined ? {} : { partitions });
}

async function refused(directory: TemporaryDirectory, pattern: RegExp, partitions?: number): Promise<void> {
  await assert.rejects(open(directory, partitions), (error) => isStoreError(error) && pattern.test(error.message));
}

async function close(opened: OpenStorage): Promise<void> {
  await opened[Symbol.asyncDispose]();
}

/** Looks into a database, or changes it, while no server has it. */
function inDatabase(directory: TemporaryDirectory, partition: number, sql: string): void {
  const database = new DatabaseSync(join(directory.path, databaseFileOf(partition)));
  database.exec(sql);
  database.close();
}

const record = {
  componentId: componentA,
  version: 0,
  componentName: "c",
  componentSize: 1,
  componentType: "Durable",
  createdAtMs: 1,
  metadata: "{}",
  files: [],
  installedPlugins: [],
} as const;

describe("partitionOf()", () => {
  it("gives the partitions that data directories have", () => {
    const names = ["worker-1", "worker-2", "", "ü"];
    const partitions = names.map((workerName) => partitionOf({ componentId: componentA, workerName }, 7));
    assert.deepEqual(partitions, [5, 1, 5, 2]);
    assert.ok(names.every((workerName) => partitionOf({ componentId: componentA, workerName }, 1) === 0));
  });
});

describe("partitionsFor()", () => {
  it("grows with the executors", () => {
    assert.deepEqual([1, 2, 3, 4, 7, 8, 32].map(partitionsFor), [1, 1, 1, 1, 1, 2, 8]);
  });
});

describe("a data directory", () => {
  it("keeps the partitions that it was made with, and refuses others", async () => {
    await using directory = await temporaryDirectory();
    await close(await open(directory, count));
    await refused(directory, /with 2 partitions: it was made with 3, which can't be changed$/u, 2);
    await using again = await open(directory);
    assert.equal(again.storage.partitions, count);
  });

  it("has one partition when it was made before there were several", async () => {
    await using directory = await temporaryDirectory();
    await close(await open(directory, 1));
    inDatabase(directory, 0, "DROP TABLE storage_partition; PRAGMA user_version = 11");
    await refused(directory, /with 3 partitions: it was made with 1/u, count);
    await using again = await open(directory);
    assert.equal(again.storage.partitions, 1);
  });

  it("is made anew when a crash came before it was complete", async () => {
    await using directory = await temporaryDirectory();
    await close(await open(directory, count));
    inDatabase(directory, 0, "DELETE FROM storage_partition");
    await rm(join(directory.path, databaseFileOf(2)));
    await using again = await open(directory, 2);
    await again.client.oplogs.append(appendOf("w", 1));
    assert.equal(again.storage.partitions, 2);
  });

  it("is refused when databases are missing or mixed up", async () => {
    await using directory = await temporaryDirectory();
    const opened = await open(directory, count);
    await opened.client.oplogs.acquireEpoch([1]);
    await close(opened);
    const [file, other] = [databaseFileOf(2), databaseFileOf(1)].map((name) => join(directory.path, name));
    assert.ok(file !== undefined && other !== undefined);
    await rm(file);
    await refused(directory, /storage-2\.db": it is missing$/u);
    await copyFile(other, file);
    await refused(directory, /storage-2\.db": it is partition 1 of 3, not partition 2 of 3$/u);
    inDatabase(directory, 0, "DELETE FROM storage_partition");
    await refused(directory, /storage-1\.db": it has been used, but "storage\.db" has not$/u, count);
  });
});

describe("a data directory without its first database", () => {
  it("is refused and left as it was", async () => {
    await using directory = await temporaryDirectory();
    await close(await open(directory, count));
    const file = join(directory.path, databaseFileOf(0));
    await rm(file);
    const before = await readdir(directory.path);
    for (const partitions of [undefined, 1, count]) {
      await refused(directory, /storage\.db": it is missing, but "storage-[12]\.db" is there$/u, partitions);
    }
    assert.deepEqual(await readdir(directory.path), before);
  });
});

describe("several partitions", () => {
  it("enumerate workers in one order, with positions that last", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await open(directory, count);
    const { oplogs, workers: index } = opened.client;
    const names = Array.from({ length: 40 }, (_, number) => `e${String(number).padStart(2, "0")}`);
    await Promise.all(names.map((name) => oplogs.append(appendOf(name, 1))));
    const query = { componentId: componentA };
    for (const pageCount of [1, 7, 20, 40, 100]) {
      const found: string[] = [];
      let afterName: string | undefined;
      do {
        const page: Awaited<ReturnType<typeof index.list>> = await index.list({
          ...query,
          count: pageCount,
          ...(afterName === undefined ? {} : { afterName }),
        });
        found.push(...page.workers.map(({ id }) => id.workerName));
        afterName = page.nextName;
        if (page.nextPosition === undefined) continue;
        assert.equal(await index.nameAt(componentA, page.nextPosition), page.nextName);
      } while (afterName !== undefined);
      assert.deepEqual(found, names, String(pageCount));
    }
  });

  it("tell whose writes keep their order", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await open(directory, count);
    const { inOrder } = opened.client.oplogs;
    assert.deepEqual([inOrder(workerIn(1), workerIn(1)), inOrder(workerIn(1), workerIn(2))], [true, false]);
  });

  it("fence older epochs everywhere, and number later ones higher after a restart", async () => {
    await using directory = await temporaryDirectory();
    const opened = await open(directory, count);
    const first = await opened.client.oplogs.acquireEpoch([7]);
    const second = await opened.client.oplogs.acquireEpoch([7]);
    for (const { workerName } of workers) {
      await assert.rejects(opened.client.oplogs.append(appendOf(workerName, 1, { epoch: first })), { code: "fenced" });
      await opened.client.oplogs.append(appendOf(workerName, 1, { epoch: second }));
    }
    await close(opened);
    await using again = await open(directory);
    assert.ok((await again.client.oplogs.acquireEpoch([7])) > second);
  });

  it("wake who waits for a promise of another partition, in one step with its completion", async () => {
    await using directory = await temporaryDirectory();
    const opened = await open(directory, count);
    const promise = { worker: workerIn(1), oplogIndex: 3 };
    const timer = { worker: workerIn(2), name: promiseTimer(promise), dueMs: 9_000_000 };
    const { promises, timers } = opened.client;
    await promises.create(promise);
    await timers.set(timer);
    const outcome = await Promise.all([promises.complete(promise, new Uint8Array(1)), timers.trigger(timer.name, 5)]);
    assert.deepEqual(outcome, [true, 1]);
    assert.deepEqual(await timers.of(timer.worker, 9), [{ ...timer, dueMs: 5 }]);
    assert.deepEqual(await timers.get(timer.worker, timer.name), { ...timer, dueMs: 5 });
    await close(opened);
    // Both lie in the promise's database.
    inDatabase(directory, 1, "DELETE FROM timers");
    await using again = await open(directory);
    assert.deepEqual(await again.client.timers.due(9_000_000, 9), []);
  });

  it("find, trigger and remove the timers of all", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await open(directory, count);
    const { timers } = opened.client;
    for (const [partition, worker] of workers.entries()) {
      await timers.set({ worker, name: "calls", dueMs: 1000 - partition });
      await timers.set({ worker, name: "sleep", dueMs: 500 + partition });
    }
    assert.deepEqual(
      (await timers.due(999, 4)).map(({ dueMs }) => dueMs),
      [500, 501, 502, 998],
    );
    assert.equal(await timers.next(502), 998);
    assert.equal(await timers.next(1000), undefined);
    assert.equal(await timers.trigger("calls", 7), count);
    assert.equal((await timers.due(7, 9)).length, count);
    await timers.removeOf(workerIn(2));
    assert.equal((await timers.due(9999, 9)).length, 4);
  });
});

describe("a component with workers in another partition", () => {
  it("ends only when there are none, and gets none from then on", async () => {
    await using directory = await temporaryDirectory();
    const opened = await open(directory, count);
    const { components, oplogs } = opened.client;
    await components.create(record);
    await oplogs.append(appendOf(nameOf(2), 1));
    assert.equal(await components.end(componentA, false), "in-use");
    // Nothing is left of the attempt.
    await oplogs.append(appendOf(nameOf(1), 1));
    await Promise.all([1, 2].map((partition) => oplogs.delete(workerIn(partition), 7, 1)));
    assert.equal(await components.end(componentA, false), "ended");
    assert.equal(await components.end(componentA, false), "unknown");
    for (const { workerName } of workers) {
      await assert.rejects(oplogs.append(appendOf(workerName, 1)), /its component was deleted$/u);
    }
    await close(opened);
    await using again = await open(directory);
    for (const { workerName } of workers) {
      await assert.rejects(again.client.oplogs.append(appendOf(workerName, 1)), /its component was deleted$/u);
    }
  });

  it("keeps the versions that these have, and gives no removed one to others", async () => {
    await using directory = await temporaryDirectory();
    const opened = await open(directory, count);
    const { components, oplogs } = opened.client;
    await components.create(record);
    await components.addVersion({ ...record, version: 1 });
    await oplogs.append(appendOf(nameOf(2), 1));
    const version = { componentId: componentA, version: 0 };
    assert.equal(await components.removeVersion(version), "in-use");
    await oplogs.append(appendOf(nameOf(1), 1));
    await Promise.all([1, 2].map((partition) => oplogs.delete(workerIn(partition), 7, 1)));
    assert.equal(await components.removeVersion(version), "removed");
    for (const { workerName } of workers) {
      await assert.rejects(oplogs.append(appendOf(workerName, 1)), /version 0 of its component was deleted$/u);
    }
    await close(opened);
    await using again = await open(directory);
    for (const { workerName } of workers) {
      await assert.rejects(again.client.oplogs.append(appendOf(workerName, 1)), /version 0 of its component/u);
    }
  });
});
