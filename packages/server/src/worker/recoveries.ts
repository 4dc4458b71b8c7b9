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

export interface TryOptions extends Pick<RecoveriesOptions, "sleep" | "signal"> {
  readonly firstDelayMs?: number;
}

/** Tries ever more seldom until it succeeds; false when `signal` ended that before. */
export async function tryUntilDone(
  work: () => Promise<unknown>,
  { sleep, signal, firstDelayMs: first = firstDelayMs }: TryOptions,
): Promise<boolean> {
  for (let delayMs = first; !signal.aborted; delayMs = Math.min(delayMs * 2, delayMsMax)) {
    const done = await work().then(
      () => true,
      () => false,
    );
    if (done) return true;
    await sleep(delayMs, signal);
  }
  return false;
}

export class Recoveries {
  readonly #options: RecoveriesOptions;
  /** One for each worker, however often it was refused meanwhile. */
  readonly #underWay = new Map<string, WorkerId>();

  constructor(options: RecoveriesOptions) {
    this.#options = options;
  }

  /** Those that it tries to bring back. */
  get workers(): Iterable<WorkerId> {
    return this.#underWay.values();
  }

  schedule(worker: WorkerId): void {
    const key = formatWorkerId(worker);
    if (this.#underWay.has(key)) return;
    this.#underWay.set(key, worker);
    void this.#recover(worker).then(() => this.#underWay.delete(key));
  }

  async #recover(worker: WorkerId): Promise<void> {
    const { sleep, signal, activate } = this.#options;
    await sleep(firstDelayMs, signal);
    await tryUntilDone(() => activate(worker), { sleep, signal, firstDelayMs: firstDelayMs * 2 });
  }
}
