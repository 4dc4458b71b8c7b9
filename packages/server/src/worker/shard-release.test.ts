import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OwnedShards } from "./owned-shards.ts";
import { releaseShards } from "./shard-release.ts";
import type { ShardsReleased } from "./shard-release.ts";
import type { Worker } from "./worker.ts";

/** As much of a worker as is looked at. */
class FakeWorker {
  readonly id: { readonly componentId: string; readonly workerName: string };
  readonly shard: number;
  readonly log: string[] = [];
  movable = true;
  unfinished = false;
  /** Resolves when what it runs has ended. */
  ended: Promise<void> = Promise.resolve();

  constructor(shard: number, given: Partial<Pick<FakeWorker, "movable" | "unfinished" | "ended">> = {}) {
    this.id = { componentId: "c", workerName: `w${shard}` };
    this.shard = shard;
    Object.assign(this, given);
  }

  hold(): Promise<void> {
    this.log.push("hold");
    return this.ended;
  }

  letGo(): void {
    this.log.push("let go");
  }
}

interface Setting {
  readonly owned: OwnedShards;
  readonly release: (shards: readonly number[]) => Promise<ShardsReleased>;
  /** The time is over. */
  readonly timeIsOver: () => void;
  readonly pinned: Set<number>;
}

function setting(workers: readonly FakeWorker[]): Setting {
  const owned = new OwnedShards([1, 2, 3], 1);
  const pinned = new Set<number>();
  const time = Promise.withResolvers<void>();
  const leave = (worker: Worker): Promise<void> => {
    (worker as unknown as FakeWorker).log.push("leave");
    return Promise.resolve();
  };
  const open = { all: () => workers as unknown as readonly Worker[], leave };
  const sleep = (): Promise<void> => time.promise;
  return {
    owned,
    release: (shards) => releaseShards(shards, 10, { owned, workers: open, pinned: () => pinned, sleep }),
    timeIsOver: () => time.resolve(),
    pinned,
  };
}

describe("releaseShards()", () => {
  it("lets workers end what they run, and gives their shards away with what they have to go on with", async () => {
    const [one, other] = [new FakeWorker(1, { unfinished: true }), new FakeWorker(3)];
    const { owned, release } = setting([one, other]);
    assert.deepEqual(await release([1, 2]), { shards: [1, 2], unfinished: [one.id] });
    assert.deepEqual([one.log, other.log], [["hold", "leave"], []]);
    assert.deepEqual([1, 2, 3].map((shard) => owned.owns(shard)), [false, false, true]); // oxfmt-ignore
  });

  it("keeps the shard of a worker that doesn't come to an end, and opens none meanwhile", async () => {
    const busy = new FakeWorker(1, { movable: false, ended: new Promise(() => undefined) });
    const { owned, release, timeIsOver } = setting([busy, new FakeWorker(2)]);
    const releasing = release([1, 2]);
    assert.throws(() => owned.requireOpen(1), { name: "MovedError" });
    timeIsOver();
    assert.deepEqual((await releasing).shards, [2]);
    assert.deepEqual(busy.log, ["hold", "let go"]);
    owned.requireOpen(1);
  });

  it("keeps shards that something else holds, though it should begin while workers end", async () => {
    const ended = Promise.withResolvers<void>();
    const worker = new FakeWorker(1, { ended: ended.promise });
    const { release, pinned } = setting([worker]);
    pinned.add(2);
    const releasing = release([1, 2, 3]);
    pinned.add(1);
    ended.resolve();
    assert.deepEqual((await releasing).shards, [3]);
    assert.deepEqual(worker.log, ["hold", "let go"]);
  });

  it("gives away nothing that it doesn't own", async () => {
    assert.deepEqual(await setting([]).release([7]), { shards: [], unfinished: [] });
  });
});
