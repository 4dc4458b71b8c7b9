/** Work that nobody asks for and nobody waits for, done now and then: archives, retention. */
export interface UpkeepTask {
  /** For messages: "archive oplogs". */
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

export interface UpkeepOptions {
  readonly intervalMs: number;
  /** Resolves after `ms` or when `signal` is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly tasks: readonly UpkeepTask[];
  /** A task failed; it is tried again the next time. */
  readonly onError: (task: string, error: unknown) => void;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the task under way has ended; none follows. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { intervalMs, sleep, tasks, onError } = this.#options;
    const { signal } = this.#stopped;
    for (;;) {
      for (const { name, run } of tasks) {
        if (signal.aborted) return;
        await run().catch((error: unknown) => onError(name, error));
      }
      await sleep(intervalMs, signal);
    }
  }
}
