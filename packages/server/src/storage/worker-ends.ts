/**
 * Deletion of workers, whose things lie in several partitions. The oplog goes last: as long as it is there the worker can
 * be deleted again. With one partition the order in which the removals are handed over is enough.
 */
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";

export class WorkerEnds {
  /** Removals under way. */
  readonly #removals = new Map<string, readonly Promise<unknown>[]>();

  /** Something of the worker is being removed; resolves as `removal` does. */
  async removes(worker: WorkerId, removal: Promise<unknown>): Promise<void> {
    const key = formatWorkerId(worker);
    this.#removals.set(key, [...(this.#removals.get(key) ?? []), removal]);
    try {
      await removal;
    } finally {
      const left = (this.#removals.get(key) ?? []).filter((other) => other !== removal);
      if (left.length > 0) this.#removals.set(key, left);
      else this.#removals.delete(key);
    }
  }

  /** Runs `end` when all that was begun is durable; rejects when some of it failed: then the worker must not go. */
  last(worker: WorkerId, end: () => Promise<void>): Promise<void> {
    const removals = this.#removals.get(formatWorkerId(worker));
    return removals === undefined ? end() : Promise.all(removals).then(end);
  }
}
