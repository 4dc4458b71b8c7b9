import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Load, LoadedLimits } from "./loaded-limits.ts";
import { LoadedWorkers } from "./loaded-workers.ts";
import type { Worker } from "./worker.ts";

/** As much of a worker as is looked at. */
class FakeWorker {
  readonly id: { readonly componentId: string };
  loaded = true;
  disposable = true;
  bytes = 10;
  readonly #memories = [{}];

  constructor(componentId = "c") {
    this.id = { componentId };
  }

  load(): Load {
    return { bytes: this.bytes, linearMemoryBytes: this.bytes, memories: this.#memories.length };
  }

  memories(): readonly object[] {
    return this.#memories;
  }
}

interface Setting {
  readonly workers: LoadedWorkers;
  readonly evicted: FakeWorker[];
  readonly load: (worker?: FakeWorker) => Promise<FakeWorker>;
  /** How often garbage was collected. */
  readonly collections: () => number;
}

const limits: LoadedLimits = {
  loadedWorkersMax: 100,
  componentWorkersMax: 100,
  bytesMax: 1000,
  mappingsMax: 1000,
  memoriesMax: 1000,
  idleMs: 100,
};

const admission = (componentId = "c"): { componentId: string; memories: number; bytes: number } => ({
  componentId,
  memories: 1,
  bytes: 0,
});

function setting(given: Partial<LoadedLimits>, now = (): number => 0): Setting {
  const evicted: FakeWorker[] = [];
  let collections = 0;
  const workers = new LoadedWorkers({
    limits: { ...limits, ...given },
    now,
    evict: (worker) => {
      const fake = worker as unknown as FakeWorker;
      fake.loaded = false;
      evicted.push(fake);
    },
    collect: () => void (collections += 1),
  });
  const load = async (worker = new FakeWorker()): Promise<FakeWorker> => {
    const asked = admission(worker.id.componentId);
    await workers.admit(asked);
    workers.loadEnded(worker as unknown as Worker, asked);
    return worker;
  };
  return { workers, evicted, load, collections: () => collections };
}

const touch = (workers: LoadedWorkers, worker: FakeWorker): void => workers.touch(worker as unknown as Worker);

describe("LoadedWorkers.limit()", () => {
  it("takes lower limits only if what there is stays within them, and higher ones always", async () => {
    const { workers, load } = setting({ bytesMax: 100 });
    for (let count = 0; count < 5; count += 1) await load();
    assert.equal(workers.fullness, 0.5);
    assert.equal(workers.limit({ ...limits, bytesMax: 40 }), false);
    assert.equal(workers.fullness, 0.5);
    assert.equal(workers.limit({ ...limits, bytesMax: 50 }), true);
    assert.equal(workers.fullness, 1);
    assert.equal(workers.limit({ ...limits, bytesMax: 1000 }), true);
    assert.equal(workers.fullness, 0.05);
  });

  it("admits what waited for room that there is now", async () => {
    const { workers, load } = setting({ loadedWorkersMax: 1 });
    const first = await load();
    first.disposable = false;
    touch(workers, first);
    const second = load();
    assert.equal(workers.fullness, 1);
    assert.equal(workers.limit({ ...limits, bytesMax: 2000, loadedWorkersMax: 3 }), true);
    await second;
    assert.equal(workers.count, 2);
  });
});

describe("LoadedWorkers", () => {
  it("evicts what was not used for long, but what is busy", async () => {
    let nowMs = 0;
    const { workers, evicted, load } = setting({}, () => nowMs);
    const [early, busy, used] = [await load(), await load(), await load()];
    busy.disposable = false;
    nowMs = 60;
    const late = await load();
    touch(workers, used);
    workers.evictIdle();
    assert.deepEqual(evicted, []);
    nowMs = 100;
    workers.evictIdle();
    assert.deepEqual(evicted, [early]);
    assert.equal(workers.count, 3);
    nowMs = 160;
    workers.evictIdle();
    assert.deepEqual(evicted, [early, late, used]);
  });

  it("leaves what is busy again after it left memory by itself", async () => {
    let nowMs = 0;
    const { workers, evicted, load } = setting({}, () => nowMs);
    const loading = await load();
    loading.loaded = false;
    loading.disposable = false;
    nowMs = 100;
    workers.evictIdle();
    assert.deepEqual([evicted, workers.count, workers.bytes], [[], 0, 0]);
  });

  it("evicts the least recently used when the count is reached", async () => {
    const { workers, evicted, load } = setting({ loadedWorkersMax: 2 });
    const [one, two] = [await load(), await load()];
    touch(workers, one);
    await load();
    assert.deepEqual(evicted, [two]);
    assert.deepEqual([workers.count, workers.bytes, workers.evictions], [2, 20, 1]);
  });

  it("evicts for memory, counted as it was at the last use", async () => {
    const { workers, evicted, load } = setting({ bytesMax: 100 });
    const one = await load();
    const two = await load();
    two.bytes = 100;
    touch(workers, two);
    await load();
    assert.deepEqual(evicted, [one, two]);
  });

  it("lets those wait who would be too many, in order, while all others are busy", async () => {
    const { workers, evicted, load } = setting({ loadedWorkersMax: 1 });
    const busy = await load();
    busy.disposable = false;
    const admitted: number[] = [];
    const waiting = [1, 2].map((number) => workers.admit(admission()).then(() => admitted.push(number)));
    await new Promise(setImmediate);
    assert.deepEqual(admitted, []);
    busy.disposable = true;
    touch(workers, busy);
    await waiting[0];
    assert.deepEqual([admitted, evicted], [[1], [busy]]);
    const second = new FakeWorker();
    second.loaded = false;
    workers.loadEnded(second as unknown as Worker, admission());
    await waiting[1];
    assert.deepEqual(admitted, [1, 2]);
  });

  it("admits one worker however large it is", async () => {
    const { load, workers } = setting({ bytesMax: 5 });
    await load();
    assert.equal(workers.count, 1);
  });

  it("evicts nobody else's worker for a component that has as many as it may have", async () => {
    const { workers, evicted, load } = setting({ componentWorkersMax: 2 });
    const other = await load(new FakeWorker("other"));
    const [one, two] = [await load(), await load()];
    await load();
    assert.deepEqual(evicted, [one]);
    for (const worker of [two]) worker.disposable = false;
    const last = workers.admit(admission());
    await last;
    assert.equal(evicted.includes(other), false);
  });

  it("lets others pass one whose component has as many as it may have", async () => {
    const { workers, load } = setting({ componentWorkersMax: 1 });
    const busy = await load();
    busy.disposable = false;
    touch(workers, busy);
    let admitted = false;
    const waiting = workers.admit(admission()).then(() => (admitted = true));
    await load(new FakeWorker("other"));
    assert.equal(admitted, false);
    assert.equal(workers.waitingCount, 1);
    busy.loaded = false;
    touch(workers, busy);
    await waiting;
  });

  it("makes a worker that waits leave when nobody is idle, the one that waits longest", async () => {
    const { workers, load } = setting({ loadedWorkersMax: 2 });
    const both = [await load(), await load()];
    const left: number[] = [];
    for (const [index, worker] of both.entries()) {
      worker.disposable = false;
      touch(workers, worker);
      workers.waits(worker as unknown as Worker, () => void left.push(index));
    }
    const admitted = workers.admit(admission());
    assert.deepEqual(left, [0]);
    const [first] = both;
    assert.ok(first);
    first.loaded = false;
    touch(workers, first);
    await admitted;
  });

  it("makes nobody leave who waits no more", async () => {
    const { workers, load } = setting({ loadedWorkersMax: 1 });
    const busy = await load();
    busy.disposable = false;
    touch(workers, busy);
    workers.waits(busy as unknown as Worker, () => assert.fail("it waits no more"))();
    void workers.admit(admission());
    assert.equal(workers.waitingCount, 1);
  });

  it("evicts others when a running worker has grown", async () => {
    const { workers, evicted, load } = setting({ bytesMax: 100 });
    const idle = await load();
    const growing = await load();
    growing.disposable = false;
    touch(workers, growing);
    growing.bytes = 95;
    workers.measure(growing as unknown as Worker);
    assert.deepEqual([evicted, workers.bytes], [[idle], 95]);
  });

  it("leaves room for stacks: idle workers may be more than running ones", async () => {
    // 18 mappings of 24 are usable: two for a memory, three more for a stack.
    const { workers, evicted, load } = setting({ mappingsMax: 24 });
    const all: FakeWorker[] = [];
    for (let count = 0; count < 7; count++) all.push(await load());
    assert.deepEqual([evicted.length, workers.count], [0, 7]);
    for (const worker of all.slice(-2)) {
      worker.disposable = false;
      workers.begin(worker as unknown as Worker);
    }
    assert.deepEqual([evicted.length, workers.runningCount], [1, 2]);
  });

  it("collects garbage rather than take more memories than there can be", async () => {
    const { workers, evicted, load, collections } = setting({ memoriesMax: 4, loadedWorkersMax: 1 });
    for (let count = 0; count < 4; count++) await load();
    assert.deepEqual([evicted.length, collections()], [3, 0]);
    void workers.admit(admission());
    assert.equal(collections(), 1);
    assert.equal(workers.waitingCount, 1);
  });
});
