/** What every key-value store must do (`conformance.ts`). */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { EffectOrigin } from "../durability/effect.ts";
import { watchEventOf } from "../durability/watch-event.ts";
import { isStoreError } from "../platform/store-error.ts";
import type { OpenSubject } from "./conformance.ts";
import { componentA } from "./test-fixtures.ts";

export function originOf(workerName: string, operation: string | undefined, epoch = 1): EffectOrigin {
  return { worker: { componentId: componentA, workerName }, shard: 7, epoch, operation };
}

const origin = originOf("w", undefined);
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const set = (key: string, value: Uint8Array, expiresMs?: number) =>
  ({
    kind: "set",
    space: "s",
    entries: [[key, value]],
    ...(expiresMs === undefined ? {} : { expiresMs }),
  }) as const;
const plain = (values: readonly (Uint8Array | undefined)[]): unknown =>
  values.map((value) => (value === undefined ? undefined : [...value]));

function describeValues(open: OpenSubject): void {
  it("KeyValueStore.get() returns what was set, in the order of the keys, over a crash", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    await keyValues.write(set("a", bytes(1)), origin, 0);
    const entries = [["a", bytes(2, 3)] as const, ["", bytes()] as const];
    await keyValues.write({ kind: "set", space: "s", entries }, origin, 0);
    await keyValues.write({ kind: "set", space: "t", entries: [["b", bytes(4)]] }, origin, 0);
    const reopened = await subject.reopen();
    const values = await reopened.keyValues.get("s", ["b", "a", "", "a"], 0);
    assert.deepEqual(plain(values), [undefined, [2, 3], [], [2, 3]]);
    assert.equal(await reopened.keyValues.exists("t", "b", 0), true);
    assert.equal(await reopened.keyValues.exists("t", "a", 0), false);
  });

  it("KeyValueStore.keys() pages in order of code points, the empty key and zeros included", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    const names = ["", "\0", "a\0b", "a", "Z", "\u{fffd}", "\u{1f600}", "../x"];
    await keyValues.write(
      { kind: "set", space: "s", entries: names.map((name) => [name, bytes(1)] as const) },
      origin,
      0,
    );
    const sorted = ["", "\0", "../x", "Z", "a", "a\0b", "\u{fffd}", "\u{1f600}"];
    assert.deepEqual(await keyValues.keys("s", undefined, 0), sorted);
    assert.deepEqual(await keyValues.keys("s", "", 0), sorted.slice(1));
    assert.deepEqual(await keyValues.keys("s", "a", 0), sorted.slice(5));
    assert.deepEqual(await keyValues.keys("s", "\u{1f600}", 0), []);
    assert.deepEqual(await keyValues.keys("none", undefined, 0), []);
    const many = Array.from({ length: 2500 }, (_, index) => String(index).padStart(5, "0"));
    await keyValues.write({ kind: "set", space: "m", entries: many.map((key) => [key, bytes()] as const) }, origin, 0);
    const found: string[] = [];
    for (;;) {
      const page = await keyValues.keys("m", found.at(-1), 0);
      if (page.length === 0) break;
      found.push(...page);
    }
    assert.deepEqual(found, many);
  });

  it("KeyValueStore.write() deletes, and expires at the given time", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    await keyValues.write(set("a", bytes(1), 100), origin, 50);
    await keyValues.write(set("b", bytes(1), 200), origin, 50);
    await keyValues.write(set("c", bytes(1)), origin, 50);
    assert.deepEqual(await keyValues.keys("s", undefined, 99), ["a", "b", "c"]);
    assert.deepEqual(await keyValues.keys("s", undefined, 100), ["b", "c"]);
    assert.deepEqual(plain(await keyValues.get("s", ["a", "b"], 100)), [undefined, [1]]);
    await keyValues.write(set("b", bytes(2)), origin, 100);
    assert.equal(await keyValues.exists("s", "b", 9999), true);
    await keyValues.write({ kind: "delete", space: "s", keys: ["b", "none", "c"] }, origin, 300);
    assert.deepEqual(await keyValues.keys("s", undefined, 300), []);
  });
}

function describeLongValues(open: OpenSubject): void {
  const long = (first: number): Uint8Array =>
    Uint8Array.from({ length: 200_000 }, (_, index) => (first + index) & 0xff);

  it("KeyValueStore.write() keeps long values over a crash, replaces, counts on none of them, and deletes them", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    const entries = [["a", long(1)] as const, ["b", bytes(5)] as const, ["c", long(2)] as const];
    await keyValues.write({ kind: "set", space: "s", entries }, originOf("w", "1"), 0);
    await keyValues.write({ kind: "set", space: "s", entries }, originOf("w", "1"), 0);
    const reopened = (await subject.reopen()).keyValues;
    const found = await reopened.get("s", ["a", "b", "none", "c"], 0);
    assert.deepEqual(
      found.map((value) => value?.length),
      [200_000, 1, undefined, 200_000],
    );
    assert.ok(Buffer.from(long(2)).equals(found[3] ?? bytes()));
    const add = { kind: "increment", space: "s", key: "a", delta: 1n } as const;
    await assert.rejects(reopened.write(add, origin, 0), /not a number: it has 200000 bytes/u);
    await reopened.write(set("a", bytes(7)), origin, 0);
    await reopened.write(set("c", long(3)), origin, 0);
    await reopened.write(set("e", long(4), 10), origin, 0);
    const again = await reopened.get("s", ["a", "c"], 0);
    assert.deepEqual(plain(again.slice(0, 1)), [[7]]);
    assert.ok(Buffer.from(long(3)).equals(again[1] ?? bytes()));
    await reopened.write(set("f", bytes(1), 30), origin, 20);
    await reopened.write({ kind: "delete", space: "s", keys: ["c"] }, origin, 20);
    assert.deepEqual(await reopened.keys("s", undefined, 20), ["a", "b", "f"]);
  });
}

function describeNumbers(open: OpenSubject): void {
  it("KeyValueStore.write() counts and compares numbers", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    const add = (delta: bigint) => keyValues.write({ kind: "increment", space: "s", key: "n", delta }, origin, 0);
    const swap = (old: bigint, replacement: bigint) =>
      keyValues.write({ kind: "compare-and-swap", space: "s", key: "n", old, new: replacement }, origin, 0);
    assert.deepEqual(await Promise.all([add(1n), add(2n), add(0n)]), [1n, 3n, 3n]);
    assert.equal(await swap(1n, 5n), false);
    assert.equal(await swap(3n, 2n ** 64n - 1n), true);
    assert.deepEqual(plain(await keyValues.get("s", ["n"], 0)), [[255, 255, 255, 255, 255, 255, 255, 255]]);
    await assert.rejects(add(1n), /more than 64 bits/u);
    assert.equal(await add(0n), 2n ** 64n - 1n);
    await keyValues.write(set("n", bytes(1, 0, 0, 0, 0, 0, 0, 2)), origin, 0);
    assert.equal(await add(1n), 0x0200_0000_0000_0002n);
    await keyValues.write(set("n", bytes(1)), origin, 0);
    await assert.rejects(add(1n), /not a number/u);
    await assert.rejects(swap(0n, 1n), /not a number/u);
    assert.deepEqual(plain(await keyValues.get("s", ["n"], 0)), [[1]]);
    await keyValues.write({ kind: "delete", space: "s", keys: ["n"] }, origin, 0);
    assert.equal(await swap(0n, 7n), true);
  });
}

function describeOperations(open: OpenSubject): void {
  it("KeyValueStore.write() gives a repeated operation its first result, also after a crash", async () => {
    await using subject = await open();
    const change = { kind: "increment", space: "s", key: "n", delta: 1n } as const;
    const { keyValues } = subject.stores;
    assert.equal(await keyValues.write(change, originOf("w", "1"), 0), 1n);
    assert.equal(await keyValues.write(change, originOf("x", "1"), 0), 2n);
    const reopened = await subject.reopen();
    assert.equal(await reopened.keyValues.write(change, originOf("w", "1"), 0), 1n);
    assert.equal(await reopened.keyValues.write(change, originOf("w", "2"), 0), 3n);
    assert.equal(await reopened.keyValues.write(change, originOf("x", "1"), 0), 2n);
    const swap = { kind: "compare-and-swap", space: "s", key: "n", old: 3n, new: 9n } as const;
    assert.equal(await reopened.keyValues.write(swap, originOf("w", "3"), 0), true);
    assert.equal(await reopened.keyValues.write(swap, originOf("w", "3"), 0), true);
    assert.equal(await reopened.keyValues.write(swap, originOf("w", "4"), 0), false);
    await reopened.keyValues.write(set("n", bytes(1)), originOf("w", "5"), 0);
    await reopened.keyValues.write(set("n", bytes(2)), originOf("x", "2"), 0);
    await reopened.keyValues.write(set("n", bytes(1)), originOf("w", "5"), 0);
    assert.deepEqual(plain(await reopened.keyValues.get("s", ["n"], 0)), [[2]]);
  });

  it("KeyValueStore.write() forgets a deleted worker's operation, and one that was refused", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    const change = { kind: "increment", space: "s", key: "n", delta: 1n } as const;
    await keyValues.write(change, originOf("w", "1"), 0);
    await keyValues.forget(originOf("w", "1").worker);
    assert.equal(await keyValues.write(change, originOf("w", "1"), 0), 2n);
    await assert.rejects(keyValues.write({ ...change, delta: 2n ** 64n - 1n }, originOf("w", "2"), 0));
    assert.equal(await keyValues.write(change, originOf("w", "2"), 0), 3n);
  });

  it("KeyValueStore.write() refuses a worker's former owner", async () => {
    await using subject = await open();
    const { keyValues, oplogs } = subject.stores;
    const before = await oplogs.acquireEpoch([7]);
    const now = await oplogs.acquireEpoch([7]);
    const write = (epoch: number) => keyValues.write(set("a", bytes(1)), originOf("w", undefined, epoch), 0);
    await assert.rejects(write(before), (error) => isStoreError(error) && error.code === "fenced");
    assert.equal(await keyValues.exists("s", "a", 0), false);
    await write(now);
  });
}

function describeWatchers(open: OpenSubject): void {
  it("KeyValueStore.watch() sets a timer for each change and watcher, with the change or not at all", async () => {
    await using subject = await open();
    const { keyValues } = subject.stores;
    const [watcher, other] = [originOf("watcher", undefined).worker, originOf("other", undefined).worker];
    await keyValues.watch("s", watcher);
    await keyValues.watch("s", watcher);
    await keyValues.watch("s", other);
    await keyValues.watch("elsewhere", originOf("w", undefined).worker);
    await keyValues.write(set("a", bytes(1)), originOf("w", "1"), 10);
    await keyValues.write(set("a", bytes(1)), originOf("w", "1"), 10);
    await keyValues.forget(other);
    await keyValues.write({ kind: "delete", space: "s", keys: ["a", "b"] }, originOf("w", "2"), 11);
    const swap = { kind: "compare-and-swap", space: "s", key: "n", old: 1n, new: 2n } as const;
    assert.equal(await keyValues.write(swap, originOf("w", "3"), 12), false);
    const reopened = await subject.reopen();
    const due = await reopened.timers.due(100, 10);
    assert.deepEqual(
      due.map((timer) => [timer.worker.workerName, timer.dueMs, watchEventOf(timer)]),
      [
        ["other", 10, { kind: "on-set", space: "s", key: "a" }],
        ["watcher", 10, { kind: "on-set", space: "s", key: "a" }],
        ["watcher", 11, { kind: "on-delete", space: "s", key: "a" }],
        ["watcher", 11, { kind: "on-delete", space: "s", key: "b" }],
      ],
    );
  });
}

export function describeKeyValues(open: OpenSubject): void {
  describeValues(open);
  describeLongValues(open);
  describeNumbers(open);
  describeOperations(open);
  describeWatchers(open);
}
