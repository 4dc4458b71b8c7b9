import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoadedWorkers } from "./loaded-workers.ts";
import type { Worker } from "./worker.ts";

/** As much of a worker as is looked at. */
class FakeWorker {
  loaded = true;
  disposable = true;
  bytes = 10;
  memoryBytes(): number {
    return this.bytes;
  }
}

interface Setting {
  readonly workers: LoadedWorkers;
  readonly evicted: FakeWorker[];
  readonly load: (worker?: FakeWorker) => Promise<FakeWorker>;
}

function setting(loadedWorkersMax: number, linearMemoryBytesMax: number, now = (): number => 0): Setting {
  const evicted: FakeWorker[] = [];
  const workers = new LoadedWorkers({ loadedWorkersMax, linearMemoryBytesMax, idleMs: 100 }, now, (worker) => {
    const fake = worker as unknown as FakeWorker;
    fake.loaded = false;
    evicted.push(fake);
  });
  const load = async (worker = new FakeWorker()): Promise<FakeWorker> => {
    await workers.admit();
    workers.loadEnded(worker as unknown as Worker);
    return worker;
  };
  return { workers, evicted, load };
}

const touch = (workers: LoadedWorkers, worker: FakeWorker): void => workers.touch(worker as unknown as Worker);

describe("LoadedWorkers", () => {
  it("evicts what was not used for long, but what is busy", async () => {
    let nowMs = 0;
    const { workers, evicted, load } = setting(100, 1000, () => nowMs);
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
    const { workers, evicted, load } = setting(100, 1000, () => nowMs);
    const loading = await load();
    loading.loaded = false;
    loading.disposable = false;
    nowMs = 100;
    workers.evictIdle();
    assert.deepEqual([evicted, workers.count, workers.memoryBytes], [[], 0, 0]);
  });

  it("evicts the least recently used when the count is reached", async () => {
    const { workers, evicted, load } = setting(2, 1000);
    const [one, two] = [await load(), await load()];
    touch(workers, one);
    await load();
    assert.deepEqual(evicted, [two]);
    assert.deepEqual([workers.count, workers.memoryBytes, workers.evictions], [2, 20, 1]);
  });

  it("evicts for memory, counted as it was at the last use", async () => {
    const { workers, evicted, load } = setting(100, 100);
    const one = await load();
    const two = await load();
    two.bytes = 100;
    touch(workers, two);
    await load();
    assert.deepEqual(evicted, [one, two]);
  });

  it("lets those wait who would be too many, in order, while all others are busy", async () => {
    const { workers, evicted, load } = setting(1, 1000);
    const busy = await load();
    busy.disposable = false;
    const admitted: number[] = [];
    const waiting = [1, 2].map((number) => workers.admit().then(() => admitted.push(number)));
    await new Promise(setImmediate);
    assert.deepEqual(admitted, []);
    busy.disposable = true;
    touch(workers, busy);
    await waiting[0];
    assert.deepEqual([admitted, evicted], [[1], [busy]]);
    const second = new FakeWorker();
    second.loaded = false;
    workers.loadEnded(second as unknown as Worker);
    await waiting[1];
    assert.deepEqual(admitted, [1, 2]);
  });

  it("admits one worker however large it is", async () => {
    const { load, workers } = setting(10, 5);
    await load();
    assert.equal(workers.count, 1);
  });
});
