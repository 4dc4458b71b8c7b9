/** Workers whose store refused go on when it accepts again, whether or not anybody asks for them. */
import { formatWorkerId } from "../platform/worker-id.ts";
import type { WorkerId } from "../platform/worker-id.ts";

const firstDelayMs = 1000;
const delayMsMax = 10_000;

export interface RecoveriesOptions {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends them all. */
  readonly signal: AbortSignal;
  /** Rejects when the worker could not go on. */
  readonly activate: (worker: WorkerId) => Promise<unknown>;
}

export class Recoveries {
  readonly #options: RecoveriesOptions;
  /** One for each worker, however often it was refused meanwhile. */
  readonly #underWay = new Set<string>();

  constructor(options: RecoveriesOptions) {
    this.#options = options;
  }

  schedule(worker: WorkerId): void {
    const key = formatWorkerId(worker);
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    void this.#recover(worker).then(() => this.#underWay.delete(key));
  }

  /** Tries ever more seldom, until it succeeds. */
  async #recover(worker: WorkerId): Promise<void> {
    const { sleep, signal, activate } = this.#options;
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, delayMsMax)) {
      await sleep(delayMs, signal);
      if (signal.aborted) return;
      const recovered = await activate(worker).then(
        () => true,
        () => false,
      );
      if (recovered) return;
    }
  }
}
