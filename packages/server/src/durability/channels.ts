/** What is told of oplogs (`platform/channel.ts`). */
import type { Channel } from "../platform/channel.ts";
import { openChannel } from "../platform/channel.ts";
import type { WorkerId } from "../platform/worker-id.ts";

/** Entries were handed to the store. */
export interface OplogAppended {
  readonly worker: WorkerId;
  readonly entries: number;
  readonly bytes: number;
}

export const oplogAppended: Channel<OplogAppended> = openChannel("emet:oplog-appended");
