/** Which executor owns a shard (`platform/worker-shards.ts`); it does so in an epoch (design: fencing). */
import { shardCount } from "../platform/worker-shards.ts";

export const allShards: readonly number[] = Array.from({ length: shardCount }, (_, shard) => shard);

/** Which executor owns which shard; to begin with each has about as many. */
export class Placement {
  readonly #owners: (number | undefined)[];

  constructor(executors: number) {
    this.#owners = allShards.map((shard) => shard % executors);
  }

  /** Undefined while one has given it back and the next one hasn't got it yet. */
  ownerOf(shard: number): number | undefined {
    return this.#owners[shard];
  }

  shardsOf(executor: number): readonly number[] {
    return allShards.filter((shard) => this.#owners[shard] === executor);
  }

  give(shards: readonly number[], executor: number | undefined): void {
    for (const shard of shards) this.#owners[shard] = executor;
  }
}
