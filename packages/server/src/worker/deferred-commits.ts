/**
 * Commits that may wait for the next one of the same thread: a call of another worker ends in a commit of its own, and
 * both together cost as much as one. What is deferred goes first, and at the latest when the thread's turn is over.
 */
import type { CommitOrder } from "../durability/oplog-writer.ts";

export class DeferredCommits implements CommitOrder {
  readonly #yieldTurn: () => Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(yieldTurn: () => Promise<void>) {
    this.#yieldTurn = yieldTurn;
  }

  readonly defer = (commit: () => void): void => {
    this.#waiting.push(commit);
    if (this.#waiting.length === 1) void this.#yieldTurn().then(() => this.flush());
  };

  readonly flush = (): void => {
    const commits = this.#waiting;
    if (commits.length === 0) return;
    this.#waiting = [];
    for (const commit of commits) commit();
  };
}
