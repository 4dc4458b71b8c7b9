/**
 * The shards that an executor owns, each in an epoch: what it writes in an older one the store refuses. The main thread
 * gives them, and takes them back one by one while the executor runs.
 */

/** The worker's shard isn't this executor's, or won't be in a moment: the main thread knows whom to ask. */
export class MovedError extends Error {
  override readonly name = "MovedError";

  constructor() {
    super("The worker has moved to another executor");
  }
}

export class OwnedShards {
  readonly #epochs = new Map<number, number>();
  readonly #leaving = new Set<number>();

  constructor(shards: readonly number[], epoch: number) {
    this.own(shards, epoch);
  }

  /** A thread that was started meanwhile may have them in a later epoch already. */
  own(shards: readonly number[], epoch: number): void {
    for (const shard of shards) this.#epochs.set(shard, Math.max(this.#epochs.get(shard) ?? 0, epoch));
  }

  /** That in which its workers write. Throws `MovedError`. */
  epochOf(shard: number): number {
    const epoch = this.#epochs.get(shard);
    if (epoch === undefined) throw new MovedError();
    return epoch;
  }

  owns(shard: number): boolean {
    return this.#epochs.has(shard);
  }

  /** Throws `MovedError` when no worker of it may be opened. */
  requireOpen(shard: number): void {
    if (!this.#epochs.has(shard) || this.#leaving.has(shard)) throw new MovedError();
  }

  /** They are to be given back: no worker of theirs is opened any more. */
  leave(shards: Iterable<number>): void {
    for (const shard of shards) this.#leaving.add(shard);
  }

  /** How `leave` ended. */
  settle(shards: Iterable<number>, left: (shard: number) => boolean): void {
    for (const shard of shards) {
      this.#leaving.delete(shard);
      if (left(shard)) this.#epochs.delete(shard);
    }
  }
}
