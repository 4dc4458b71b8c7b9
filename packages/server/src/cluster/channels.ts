/** What is told of executors (`platform/channel.ts`). */
import type { Channel } from "../platform/channel.ts";
import { openChannel } from "../platform/channel.ts";

/** The balancer had a look. */
export interface LoadsMeasured {
  readonly executors: readonly {
    /** Part of the time in which the thread was busy. */
    readonly utilisation: number;
    readonly shards: number;
    /** Its part of what all executors may have in memory. */
    readonly share: number;
  }[];
}

/** Shards were to be moved. */
export interface ShardsMoved {
  readonly from: number;
  readonly to: number;
  readonly moved: number;
  /** Something that could not end soon or be made anew kept them where they are. */
  readonly refused: number;
}

export const loadsMeasured: Channel<LoadsMeasured> = openChannel("emet:loads-measured");
export const shardsMoved: Channel<ShardsMoved> = openChannel("emet:shards-moved");
