/** The suite that every implementation of the stores passes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoreErrorCode } from "../platform/store-error.ts";
import { isStoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { Timer, RouteRecord } from "../worker/stores.ts";
import type { IndexedWorker, WorkerFilter } from "../worker/worker-index.ts";
import { describeComponents } from "./component-conformance.ts";
import { describeKeyValues } from "./key-value-conformance.ts";
import { describeObjectStore } from "./object-conformance.ts";
import { describeDeliveries } from "./delivery-conformance.ts";
import { describePlugins } from "./plugin-conformance.ts";
import type { Stores } from "./storage-client.ts";
import { appendOf, componentA, componentB, plain, readAll, recordsOf, rowOf } from "./test-fixtures.ts";

/** One implementation under test, empty at first. */
export interface Subject extends AsyncDisposable {
  readonly stores: Stores;
  /** Ends it as a crash would, and opens it again on the same data. */
  readonly reopen: () => Promise<Stores>;
}

export type OpenSubject = () => Promise<Subject>;

function rejectsWith(code: StoreErrorCode): (error: unknown) => boolean {
  return (error) => isStoreError(error) && error.code === code;
}

function workerOf(workerName: string): { componentId: string; workerName: string } {
  return { componentId: componentA, workerName };
}

function describeAppends(open: OpenSubject): void {
  it("OplogStore.append() stores chunks that read() returns in order", async () => {
    await using subject = await open();
    const { stores } = subject;
    await stores.oplogs.append(appendOf("w", 1, { count: 3 }));
    await stores.oplogs.append(appendOf("w", 4));
    assert.deepEqual(plain(await readAll(stores, "w")), [
      { firstIndex: 1, count: 3, text: Buffer.from(recordsOf("w", 1, 3)).toString() },
      { firstIndex: 4, count: 1, text: "w:4+1;" },
    ]);
    assert.equal(await stores.oplogs.lastIndex(workerOf("w")), 4);
  });

  it("OplogStore.append() takes appends that were not awaited, in order", async () => {
    await using subject = await open();
    const { stores } = subject;
    await Promise.all([1, 2, 3, 4, 5].map((index) => stores.oplogs.append(appendOf("w", index))));
    assert.equal(await stores.oplogs.lastIndex(workerOf("w")), 5);
  });

  it("OplogStore.append() copies the records at once", async () => {
    await using subject = await open();
    const { stores } = subject;
    const append = appendOf("w", 1);
    const done = stores.oplogs.append(append);
    append.chunk.records.fill(0);
    await done;
    assert.equal(plain(await readAll(stores, "w"))[0]?.text, "w:1+1;");
  });

  it("OplogStore.append() refuses an index that isn't the next one, and only that append", async () => {
    await using subject = await open();
    const { stores } = subject;
    const results = await Promise.allSettled([
      stores.oplogs.append(appendOf("a", 1)),
      stores.oplogs.append(appendOf("a", 3)),
      stores.oplogs.append(appendOf("b", 2)),
      stores.oplogs.append(appendOf("a", 1)),
      stores.oplogs.append(appendOf("a", 2)),
    ]);
    assert.deepEqual(
      results.map((result) => (result.status === "fulfilled" ? "stored" : (result.reason as { code: string }).code)),
      ["stored", "conflict", "conflict", "conflict", "stored"],
    );
    assert.equal(await stores.oplogs.lastIndex(workerOf("a")), 2);
    assert.equal(await stores.oplogs.lastIndex(workerOf("b")), 0);
    assert.equal(await stores.workers.get(workerOf("b")), undefined);
  });

  it("OplogStore.append() refuses a chunk without records", async () => {
    await using subject = await open();
    await assert.rejects(subject.stores.oplogs.append(appendOf("a", 1, { count: 0 })), rejectsWith("failed"));
  });
}

function describeOplogs(open: OpenSubject): void {
  it("OplogStore.acquireEpoch() fences older epochs of the same shards", async () => {
    await using subject = await open();
    const { oplogs } = subject.stores;
    const first = await oplogs.acquireEpoch([1, 2]);
    await oplogs.append(appendOf("a", 1, { shard: 1, epoch: first }));
    const second = await oplogs.acquireEpoch([1]);
    assert.ok(second > first);
    await assert.rejects(oplogs.append(appendOf("a", 2, { shard: 1, epoch: first })), rejectsWith("fenced"));
    await assert.rejects(oplogs.delete(workerOf("a"), 1, first), rejectsWith("fenced"));
    await oplogs.append(appendOf("a", 2, { shard: 1, epoch: second }));
    await oplogs.append(appendOf("b", 1, { shard: 2, epoch: first }));
  });

  it("OplogStore.acquireEpoch() grows over restarts", async () => {
    await using subject = await open();
    const first = await subject.stores.oplogs.acquireEpoch([1]);
    const stores = await subject.reopen();
    assert.ok((await stores.oplogs.acquireEpoch([1])) > first);
  });

  it("OplogStore.read() begins with the chunk that has the index, and goes on at nextIndex", async () => {
    await using subject = await open();
    const { stores } = subject;
    for (let index = 1; index <= 50; index += 5) await stores.oplogs.append(appendOf("w", index, { count: 5 }));
    assert.equal((await readAll(stores, "w", { fromIndex: 13 }))[0]?.firstIndex, 11);
    const page = await stores.oplogs.read(workerOf("w"), 13, 1);
    assert.equal(page.chunks.length, 1);
    assert.equal(page.nextIndex, 16);
    assert.deepEqual(
      (await readAll(stores, "w", { bytesMax: 70 })).map((chunk) => chunk.firstIndex),
      [1, 6, 11, 16, 21, 26, 31, 36, 41, 46],
    );
    assert.deepEqual(await stores.oplogs.read(workerOf("w"), 51, 100), { chunks: [], nextIndex: undefined });
    assert.deepEqual(await stores.oplogs.read(workerOf("nobody"), 1, 100), { chunks: [], nextIndex: undefined });
  });

  it("OplogStore.delete() removes everything, and a new worker of the name begins anew", async () => {
    await using subject = await open();
    const { stores } = subject;
    await stores.oplogs.append(appendOf("w", 1, { count: 4 }));
    await Promise.all([
      stores.oplogs.append(appendOf("w", 5)),
      stores.oplogs.delete(workerOf("w"), 7, 1),
      stores.oplogs.append(appendOf("w", 1, { row: rowOf({ status: "Failed" }) })),
    ]);
    assert.deepEqual(plain(await readAll(stores, "w")), [{ firstIndex: 1, count: 1, text: "w:1+1;" }]);
    assert.equal((await stores.workers.get(workerOf("w")))?.status, "Failed");
    await stores.oplogs.delete(workerOf("w"), 7, 1);
    assert.equal(await stores.oplogs.lastIndex(workerOf("w")), 0);
    assert.equal(await stores.workers.get(workerOf("w")), undefined);
    await stores.oplogs.delete(workerOf("nobody"), 7, 1);
    const reopened = await subject.reopen();
    assert.deepEqual(await readAll(reopened, "w"), []);
    assert.deepEqual((await reopened.workers.list({ componentId: componentA, count: 9 })).workers, []);
  });

  it("OplogStore keeps what was appended over a crash", async () => {
    await using subject = await open();
    await subject.stores.oplogs.append(appendOf("w", 1, { count: 2 }));
    await subject.stores.oplogs.append(appendOf("w", 3, { row: rowOf({ status: "Suspended" }) }));
    const stores = await subject.reopen();
    assert.equal((await readAll(stores, "w")).length, 2);
    assert.equal((await stores.workers.get(workerOf("w")))?.status, "Suspended");
    await assert.rejects(stores.oplogs.append(appendOf("w", 3)), rejectsWith("conflict"));
    await stores.oplogs.append(appendOf("w", 4));
  });
}

const listed: readonly [name: string, filter: WorkerFilter, expected: string][] = [
  ["Name Equal", { type: "Name", comparator: "Equal", value: "b" }, "b"],
  ["Name Like", { type: "Name", comparator: "Like", value: "b" }, "ab b"],
  ["Name NotLike", { type: "Name", comparator: "NotLike", value: "b" }, "a c d"],
  ["Status Equal", { type: "Status", comparator: "Equal", value: "Running" }, "a c"],
  ["Status Greater", { type: "Status", comparator: "Greater", value: "Suspended" }, "d"],
  ["Version LessEqual", { type: "Version", comparator: "LessEqual", value: 1 }, "a ab"],
  ["Version NotEqual", { type: "Version", comparator: "NotEqual", value: 1 }, "a b c d"],
  ["CreatedAt GreaterEqual", { type: "CreatedAt", comparator: "GreaterEqual", valueMs: 20 }, "b c d"],
  ["Env Equal", { type: "Env", name: "mode", comparator: "Equal", value: "fast" }, "a"],
  ["Env NotEqual", { type: "Env", name: "Mode", comparator: "NotEqual", value: "fast" }, "b"],
  ["empty And", { type: "And", filters: [] }, "a ab b c d"],
  ["empty Or", { type: "Or", filters: [] }, "a ab b c d"],
  ["negated empty Or", { type: "Not", filter: { type: "Or", filters: [] } }, ""],
  [
    "And",
    {
      type: "And",
      filters: [
        { type: "Status", comparator: "Equal", value: "Running" },
        { type: "Version", comparator: "Equal", value: 3 },
      ],
    },
    "c",
  ],
  [
    "Or",
    {
      type: "Or",
      filters: [
        { type: "Name", comparator: "Equal", value: "d" },
        { type: "CreatedAt", comparator: "Less", valueMs: 15 },
      ],
    },
    "a ab d",
  ],
  ["Not", { type: "Not", filter: { type: "Status", comparator: "Equal", value: "Running" } }, "ab b d"],
];

async function fillIndex(stores: Stores): Promise<void> {
  const rows = {
    d: rowOf({ status: "Failed", componentVersion: 4, createdAtMs: 40 }),
    b: rowOf({ status: "Idle", componentVersion: 2, createdAtMs: 20, env: [["mode", "slow"]] }),
    a: rowOf({ status: "Running", componentVersion: 0, createdAtMs: 10, env: [["MODE", "fast"]], needsRecovery: true }),
    c: rowOf({ status: "Running", componentVersion: 3, createdAtMs: 30, needsRecovery: true }),
    ab: rowOf({ status: "Suspended", componentVersion: 1, createdAtMs: 11 }),
  };
  await Promise.all(Object.entries(rows).map(([name, row]) => stores.oplogs.append(appendOf(name, 1, { row }))));
  const worker = { componentId: componentB, workerName: "other" };
  await stores.oplogs.append(appendOf("other", 1, { worker, row: rowOf({ needsRecovery: true }) }));
}

function describeWorkers(open: OpenSubject): void {
  it("WorkerIndex.get() returns the row of the last append", async () => {
    await using subject = await open();
    const { stores } = subject;
    const row = rowOf({
      status: "Retrying",
      componentVersion: 5,
      createdAtMs: 1_700_000_000_123.5,
      env: [
        ["A", "1"],
        ["a", 'ä "quoted" \n'],
      ],
      needsRecovery: true,
      detail: new Uint8Array([9, 8]),
    });
    await stores.oplogs.append(appendOf("w", 1));
    await stores.oplogs.append(appendOf("w", 2, { row }));
    const stored = await stores.workers.get(workerOf("w"));
    assert.deepEqual({ ...stored, detail: [...(stored?.detail ?? [])] }, { ...row, detail: [9, 8] });
    assert.equal(await stores.workers.get({ componentId: componentB, workerName: "w" }), undefined);
  });

  it("WorkerIndex.needingRecovery() pages over all components, with rows", async () => {
    const idsOf = (workers: readonly IndexedWorker[]): readonly WorkerId[] => workers.map(({ id }) => id);
    await using subject = await open();
    await fillIndex(subject.stores);
    const stores = await subject.reopen();
    const first = await stores.workers.needingRecovery(undefined, 2);
    assert.deepEqual(idsOf(first), [workerOf("a"), workerOf("c")]);
    assert.deepEqual(first[0]?.row, await stores.workers.get(workerOf("a")));
    const second = await stores.workers.needingRecovery(first.at(-1)?.id, 2);
    assert.deepEqual(idsOf(second), [{ componentId: componentB, workerName: "other" }]);
    assert.deepEqual(await stores.workers.needingRecovery(second.at(-1)?.id, 2), []);
  });
}

function describeEnumeration(open: OpenSubject): void {
  it("WorkerIndex.list() returns full pages in order of names", async () => {
    await using subject = await open();
    const { stores } = subject;
    await fillIndex(stores);
    const first = await stores.workers.list({ componentId: componentA, count: 2 });
    assert.deepEqual(
      first.workers.map(({ id }) => id.workerName),
      ["a", "ab"],
    );
    assert.equal(first.nextName, "ab");
    const rest = await stores.workers.list({ componentId: componentA, count: 3, afterName: "ab" });
    assert.deepEqual(
      rest.workers.map(({ id }) => id.workerName),
      ["b", "c", "d"],
    );
    assert.equal(rest.nextName, undefined);
  });

  it("WorkerIndex.nameAt() knows positions after restarts and deletions", async () => {
    await using subject = await open();
    const { stores } = subject;
    await fillIndex(stores);
    const { nextPosition = -1 } = await stores.workers.list({ componentId: componentA, count: 2 });
    assert.equal(await stores.workers.nameAt(componentA, nextPosition), "ab");
    assert.equal(await stores.workers.nameAt(componentB, nextPosition), undefined);
    assert.equal(await stores.workers.nameAt(componentA, nextPosition + 1_000_000), undefined);
    const reopened = await subject.reopen();
    assert.equal(await reopened.workers.nameAt(componentA, nextPosition), "ab");
    const epoch = await reopened.oplogs.acquireEpoch([0]);
    await reopened.oplogs.delete(workerOf("ab"), 0, epoch);
    assert.equal(await reopened.workers.nameAt(componentA, nextPosition), "ab");
    await reopened.oplogs.append(appendOf("ab", 1, { epoch }));
    assert.equal(await reopened.workers.nameAt(componentA, nextPosition), "ab");
    const again = await subject.reopen();
    assert.equal(await again.workers.nameAt(componentA, nextPosition), "ab");
  });

  it("WorkerIndex.list() orders names by code point", async () => {
    await using subject = await open();
    const { stores } = subject;
    const names = ["z", "\u{fffd}", "\u{1f600}", "é", "Z"];
    for (const name of names) await stores.oplogs.append(appendOf(name, 1));
    const { workers } = await stores.workers.list({ componentId: componentA, count: 9 });
    assert.deepEqual(
      workers.map(({ id }) => id.workerName),
      ["Z", "z", "é", "\u{fffd}", "\u{1f600}"],
    );
  });

  for (const [name, filter, expected] of listed) {
    it(`WorkerIndex.list() filters: ${name}`, async () => {
      await using subject = await open();
      await fillIndex(subject.stores);
      const query = { componentId: componentA, filter, count: 9 };
      const { workers } = await subject.stores.workers.list(query);
      assert.equal(workers.map(({ id }) => id.workerName).join(" "), expected);
    });
  }
}

function describePromises(open: OpenSubject): void {
  it("PromiseStore.complete() works once", async () => {
    await using subject = await open();
    const { promises } = subject.stores;
    const id = { worker: workerOf("w"), oplogIndex: 3 };
    assert.equal(await promises.complete(id, new Uint8Array([1])), undefined);
    await promises.create(id);
    assert.deepEqual(await promises.get(id), { kind: "pending" });
    assert.equal(await promises.complete(id, new Uint8Array([1])), true);
    assert.equal(await promises.complete(id, new Uint8Array([2])), false);
    await promises.create(id);
    const reopened = await subject.reopen();
    const state = await reopened.promises.get(id);
    assert.ok(state?.kind === "completed");
    assert.deepEqual([...state.data], [1]);
  });

  it("PromiseStore.complete() with no bytes is complete", async () => {
    await using subject = await open();
    const { promises } = subject.stores;
    const id = { worker: workerOf("w"), oplogIndex: 3 };
    await promises.create(id);
    assert.equal(await promises.complete(id, new Uint8Array(0)), true);
    assert.equal((await promises.get(id))?.kind, "completed");
  });

  it("PromiseStore.of() lists a worker's promises, the latest first", async () => {
    await using subject = await open();
    const { promises } = subject.stores;
    for (const oplogIndex of [3, 11, 7]) await promises.create({ worker: workerOf("w"), oplogIndex });
    await promises.create({ worker: workerOf("w2"), oplogIndex: 1 });
    await promises.complete({ worker: workerOf("w"), oplogIndex: 7 }, new Uint8Array(0));
    assert.deepEqual(await promises.of(workerOf("w"), 2), [
      { oplogIndex: 11, completed: false },
      { oplogIndex: 7, completed: true },
    ]);
    assert.deepEqual(await promises.of(workerOf("none"), 2), []);
    const [, second] = await promises.of(workerOf("w"), 2);
    const rest = await promises.of(workerOf("w"), 9, second?.oplogIndex);
    assert.deepEqual(rest, (await promises.of(workerOf("w"), 9)).slice(2));
  });

  it("PromiseStore.delete() and deleteOf() remove only what they name", async () => {
    await using subject = await open();
    const { promises } = subject.stores;
    const ids = ["w", "w", "wx"].map((name, index) => ({ worker: workerOf(name), oplogIndex: index }));
    for (const id of ids) await promises.create(id);
    const [first, second, other] = ids;
    assert.ok(first !== undefined && second !== undefined && other !== undefined);
    await promises.delete(first);
    assert.equal(await promises.get(first), undefined);
    assert.equal((await promises.get(second))?.kind, "pending");
    await promises.deleteOf(workerOf("w"));
    assert.equal(await promises.get(second), undefined);
    assert.equal((await promises.get(other))?.kind, "pending");
  });
}

function timer(workerName: string, name: string, dueMs: number): Timer {
  return { worker: workerOf(workerName), name, dueMs };
}

function describeTimers(open: OpenSubject): void {
  it("TimerStore.due() returns timers by time, and next() the one after a time", async () => {
    await using subject = await open();
    const { timers } = subject.stores;
    await timers.set(timer("a", "x", 30));
    await timers.set(timer("b", "x", 10));
    await timers.set(timer("a", "y", 20.5));
    await timers.set(timer("c", "z", Number.MAX_SAFE_INTEGER));
    assert.deepEqual(await timers.due(30, 2), [timer("b", "x", 10), timer("a", "y", 20.5)]);
    assert.deepEqual(await timers.due(9, 2), []);
    assert.equal(await timers.next(0), 10);
    assert.equal(await timers.next(10), 20.5);
    assert.equal(await timers.next(30), Number.MAX_SAFE_INTEGER);
    assert.equal(await timers.next(Number.MAX_SAFE_INTEGER), undefined);
  });

  it("TimerStore.remove() leaves a timer that was set anew", async () => {
    await using subject = await open();
    const { timers } = subject.stores;
    await timers.set(timer("a", "x", 10));
    await timers.set(timer("a", "x", 20));
    await timers.remove(timer("a", "x", 10));
    assert.deepEqual(await timers.due(99, 9), [timer("a", "x", 20)]);
    await timers.remove(timer("a", "x", 20));
    assert.deepEqual(await timers.due(99, 9), []);
  });

  it("TimerStore.of() and get() give a worker's timers, remove() tells whether there was one", async () => {
    await using subject = await open();
    const { timers } = subject.stores;
    for (const each of [timer("a", "x", 20), timer("a", "y", 10), timer("ab", "x", 5)]) await timers.set(each);
    assert.deepEqual(await timers.of(workerOf("a"), 9), [timer("a", "y", 10), timer("a", "x", 20)]);
    assert.deepEqual(await timers.of(workerOf("a"), 1), [timer("a", "y", 10)]);
    await timers.set(timer("a", "z", 10));
    const rest = await timers.of(workerOf("a"), 9, { dueMs: 10, name: "y" });
    assert.deepEqual(rest, [timer("a", "z", 10), timer("a", "x", 20)]);
    assert.deepEqual(await timers.of(workerOf("a"), 9, { dueMs: 20, name: "x" }), []);
    assert.deepEqual(await timers.get(workerOf("a"), "x"), timer("a", "x", 20));
    assert.equal(await timers.get(workerOf("a"), "none"), undefined);
    assert.equal(await timers.remove(timer("a", "x", 21)), false);
    assert.equal(await timers.remove(timer("a", "x", 20)), true);
    assert.equal(await timers.remove(timer("a", "x", 20)), false);
  });

  it("TimerStore.trigger() makes the timers of a name due", async () => {
    await using subject = await open();
    const { timers } = subject.stores;
    await timers.set(timer("a", "p", 1000));
    await timers.set(timer("b", "p", 2000));
    await timers.set(timer("b", "q", 3000));
    assert.equal(await timers.trigger("p", 5), 2);
    assert.equal(await timers.trigger("none", 5), 0);
    assert.deepEqual(await timers.due(5, 9), [timer("a", "p", 5), timer("b", "p", 5)]);
  });

  it("TimerStore.removeOf() removes a worker's timers, and the others survive a crash", async () => {
    await using subject = await open();
    await subject.stores.timers.set(timer("a", "x", 10));
    await subject.stores.timers.set(timer("a", "y", 20));
    await subject.stores.timers.set(timer("ab", "x", 30));
    await subject.stores.timers.removeOf(workerOf("a"));
    const { timers } = await subject.reopen();
    assert.deepEqual(await timers.due(99, 9), [timer("ab", "x", 30)]);
  });
}

function describeRoutes(open: OpenSubject): void {
  it("RouteStore keeps each route once, in order of creation, until it is removed", async () => {
    await using subject = await open();
    const route = (id: string, createdAtMs: number): RouteRecord => ({ id, createdAtMs, definition: `{"id":"${id}"}` });
    assert.equal(await subject.stores.routes.add(route("b", 5)), true);
    assert.equal(await subject.stores.routes.add(route("b", 6)), false);
    assert.equal(await subject.stores.routes.add(route("a", 7)), true);
    assert.equal(await subject.stores.routes.add(route("c", 5)), true);
    const { routes } = await subject.reopen();
    assert.deepEqual(await routes.all(), [route("b", 5), route("c", 5), route("a", 7)]);
    assert.equal(await routes.remove("c"), true);
    assert.equal(await routes.remove("c"), false);
    assert.deepEqual(await routes.all(), [route("b", 5), route("a", 7)]);
  });
}

function describeBlobs(open: OpenSubject): void {
  it("BlobStore.put() stores and replaces bytes", async () => {
    await using subject = await open();
    await subject.stores.blobs.put("a/b", new Uint8Array([1, 2]));
    await subject.stores.blobs.put("a", new Uint8Array([3]));
    await subject.stores.blobs.put("a/b", new Uint8Array([4, 5, 6]));
    const { blobs } = await subject.reopen();
    assert.deepEqual([...((await blobs.get("a/b")) ?? [])], [4, 5, 6]);
    assert.deepEqual([...(blobs.getSync("a") ?? [])], [3]);
    assert.equal(await blobs.get("a/c"), undefined);
    assert.equal(blobs.getSync("a/c"), undefined);
  });

  it("BlobStore.delete() and deleteAll() remove only what they name", async () => {
    await using subject = await open();
    const { blobs } = subject.stores;
    for (const name of ["w/1", "w/2", "w/x/3", "wx/1", "w"]) await blobs.put(name, new Uint8Array([7]));
    await blobs.delete("w/1");
    await blobs.delete("w/none");
    assert.equal(await blobs.get("w/1"), undefined);
    assert.equal((await blobs.get("w/2"))?.length, 1);
    await blobs.deleteAll("w");
    assert.equal(await blobs.get("w/2"), undefined);
    assert.equal(await blobs.get("w/x/3"), undefined);
    assert.equal((await blobs.get("wx/1"))?.length, 1);
    assert.equal((await blobs.get("w"))?.length, 1);
    await blobs.put("w/1", new Uint8Array([8]));
    assert.equal((await blobs.get("w/1"))?.length, 1);
  });
}

/** Defines the tests of one implementation. */
export function describeStores(name: string, open: OpenSubject): void {
  describe(`${name}: stores`, () => {
    describeAppends(open);
    describeOplogs(open);
    describeWorkers(open);
    describeEnumeration(open);
    describePromises(open);
    describeTimers(open);
    describeComponents(open);
    describeRoutes(open);
    describePlugins(open);
    describeDeliveries(open);
    describeBlobs(open);
    describeKeyValues(open);
    describeObjectStore(open);
  });
}
