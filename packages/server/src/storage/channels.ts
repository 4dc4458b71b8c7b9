/** What is told of the storage thread (`platform/channel.ts`). */
import type { Channel } from "../platform/channel.ts";
import { openChannel } from "../platform/channel.ts";

/** A group of writes was committed, or failed as a whole. */
export interface GroupCommitted {
  readonly writes: number;
  /** Of appended entries. */
  readonly bytes: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

export const groupCommitted: Channel<GroupCommitted> = openChannel("emet:group-committed");
