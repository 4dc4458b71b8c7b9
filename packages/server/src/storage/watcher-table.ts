/** Who is told of changes in the key-value store. Their events are timers, set in the transaction of the change. */
import type { DatabaseSync } from "node:sqlite";
import type { WatchEvent } from "../durability/watch-event.ts";
import { encodeWatchEvent, watchTimerName } from "../durability/watch-event.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId, parseWorkerId } from "../platform/worker-id.ts";
import { Statement } from "./statement.ts";
import type { TimerTable } from "./timer-table.ts";

export class WatcherTable {
  readonly #timers: TimerTable;
  readonly #add: Statement<[space: Uint8Array, worker: string]>;
  readonly #remove: Statement<[worker: string]>;
  readonly #of: Statement<[space: Uint8Array], { readonly worker: string }>;
  readonly #number: Statement<[], { readonly number: number }>;

  constructor(database: DatabaseSync, timers: TimerTable) {
    this.#timers = timers;
    this.#add = new Statement(database, "INSERT OR IGNORE INTO key_value_watchers (space, worker) VALUES (?, ?)");
    this.#remove = new Statement(database, "DELETE FROM key_value_watchers WHERE worker = ?");
    this.#of = new Statement(database, "SELECT worker FROM key_value_watchers WHERE space = ? ORDER BY worker");
    this.#number = new Statement(database, "UPDATE key_value_events SET number = number + 1 RETURNING number");
  }

  add(space: string, worker: WorkerId): void {
    this.#add.run(Buffer.from(space), formatWorkerId(worker));
  }

  forget(worker: WorkerId): void {
    this.#remove.run(formatWorkerId(worker));
  }

  /** Returns whether anybody is told. */
  tell(events: readonly WatchEvent[], nowMs: number): boolean {
    const [first] = events;
    if (first === undefined) return false;
    const watching = this.#of.all(Buffer.from(first.space));
    for (const event of events) {
      for (const { worker } of watching) {
        const { number = 0 } = this.#number.get() ?? {};
        const payload = encodeWatchEvent(event);
        this.#timers.set({ worker: parseWorkerId(worker), name: watchTimerName(number), dueMs: nowMs, payload });
      }
    }
    return watching.length > 0;
  }
}
