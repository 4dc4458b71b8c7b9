/**
 * How shards leave an executor: their workers finish the invocation that they run, begin no other, and leave memory. What
 * can't end soon, or can't be made anew elsewhere, keeps its shard here. The main thread sends nothing for these shards
 * meanwhile; calls that wait here end with a `MovedError`, and it asks the next owner for them.
 */
import type { WorkerId } from "../platform/worker-id.ts";
import type { OpenWorkers } from "./open-workers.ts";
import type { OwnedShards } from "./owned-shards.ts";
import type { WorkerServices } from "./services.ts";

export interface ShardsReleased {
  /** They have no worker here any more, and nothing is written for them. */
  readonly shards: readonly number[];
  /** Workers of theirs that have something to go on with. */
  readonly unfinished: readonly WorkerId[];
}

export interface ReleaseOptions {
  readonly owned: OwnedShards;
  readonly workers: Pick<OpenWorkers, "all" | "leave">;
  /** Shards that something else than a worker in memory keeps here. */
  readonly pinned: () => ReadonlySet<number>;
  readonly sleep: WorkerServices["sleep"];
}

/** Gives away those of `shards` that can leave within the time. */
export async function releaseShards(
  shards: readonly number[],
  withinMs: number,
  { owned, workers, pinned, sleep }: ReleaseOptions,
): Promise<ShardsReleased> {
  const before = pinned();
  const leaving = new Set(shards.filter((shard) => owned.owns(shard) && !before.has(shard)));
  owned.leave(leaving);
  const theirs = workers.all().filter(({ shard }) => leaving.has(shard));
  const atRest = Promise.all(theirs.map((worker) => worker.hold()));
  const waited = new AbortController();
  await Promise.race([atRest, sleep(withinMs, waited.signal)]);
  waited.abort();
  // From the last look at what holds them to the end of their workers nothing else has a turn.
  const staying = new Set(pinned());
  for (const worker of theirs) if (!worker.movable) staying.add(worker.shard);
  const left = (shard: number): boolean => !staying.has(shard);
  const gone = theirs.filter(({ shard }) => left(shard));
  const unfinished = gone.filter((worker) => worker.unfinished).map(({ id }) => id);
  const closed = gone.map((worker) => workers.leave(worker));
  owned.settle(leaving, left);
  for (const worker of theirs) if (!left(worker.shard)) worker.letGo();
  await Promise.allSettled(closed);
  return { shards: [...leaving].filter(left), unfinished };
}
