/**
 * Which shards should go from a hot executor to a cooler one: a function of what they cost. It gives away at most half of
 * the difference, so that the two don't change places, and first what costs most: the fewer workers leave memory the
 * better. Where the heat can't be moved, as with workers that compute without an end, everything else goes.
 */
import type { ShardMove } from "./shard-moves.ts";

export interface ExecutorLoad {
  /** Part of the time in which its thread was busy. */
  readonly utilisation: number;
  readonly shards: readonly ShardLoad[];
}

export interface ShardLoad {
  readonly shard: number;
  /** Part of the time in which the thread was busy with it. */
  readonly cost: number;
  readonly movable: boolean;
}

/** From there on a thread is hot, if it is so much busier than the coolest one. */
const hotUtilisation = 0.7;
const leastDifference = 0.25;

/** What all shards that cost nothing now are taken to cost, on an executor that has its part of them: they may again. */
const restingCost = 0.2;

/** How many leave at a time: ending and loading workers is work, too. */
const shardsMax = 64;

/** Undefined while all is well. */
export function planMove(loads: readonly ExecutorLoad[]): ShardMove | undefined {
  const from = extreme(loads, (one, other) => one > other);
  const to = extreme(loads, (one, other) => one < other);
  const [hot, cool] = [loads[from], loads[to]];
  if (hot === undefined || cool === undefined) return undefined;
  const difference = hot.utilisation - cool.utilisation;
  if (hot.utilisation < hotUtilisation || difference < leastDifference) return undefined;
  const shardCount = loads.reduce((sum, { shards }) => sum + shards.length, 0);
  const leastCost = (restingCost * loads.length) / Math.max(shardCount, 1);
  const candidates = hot.shards.filter(({ movable }) => movable).sort((one, other) => other.cost - one.cost);
  const shards: number[] = [];
  let left = difference / 2;
  for (const { shard, cost } of candidates) {
    if (shards.length === shardsMax) break;
    const taken = Math.max(cost, leastCost);
    if (taken > left) continue;
    left -= taken;
    shards.push(shard);
  }
  return shards.length === 0 ? undefined : { from, to, shards };
}

function extreme(loads: readonly ExecutorLoad[], beats: (one: number, other: number) => boolean): number {
  let found = 0;
  for (const [index, { utilisation }] of loads.entries()) {
    if (beats(utilisation, loads[found]?.utilisation ?? 0)) found = index;
  }
  return found;
}
