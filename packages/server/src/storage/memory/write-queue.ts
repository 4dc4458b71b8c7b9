/** Writes that wait to become durable. Each is applied as a whole, in the order in which they were made. */
interface WaitingWrite {
  /** Applies it and settles the caller's promise. */
  readonly commit: () => void;
}

export type CommitMode =
  /** Writes become durable by themselves, after the turn in which they were made. */
  | "automatic"
  /** They wait until the test says so. */
  | "manual";

export class WriteQueue {
  readonly #mode: CommitMode;
  #waiting: WaitingWrite[] = [];
  #scheduled = false;
  #closed = false;

  constructor(mode: CommitMode) {
    this.#mode = mode;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add<T>(apply: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const commit = (): void => {
      try {
        resolve(apply());
      } catch (error) {
        reject(error);
      }
    };
    if (this.#closed) return promise;
    this.#waiting.push({ commit });
    if (this.#mode === "automatic" && !this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.commit(this.#waiting.length);
      });
    }
    return promise;
  }

  /** Reads what is durable, a little later, as from another thread. */
  async read<T>(value: () => T): Promise<T> {
    await Promise.resolve();
    return this.#closed ? await new Promise<T>(() => undefined) : value();
  }

  commit(count: number): void {
    for (const write of this.#waiting.splice(0, count)) write.commit();
  }

  /** Forgets them and those to come: their promises never settle, as those of a process that is gone. */
  close(): void {
    this.#waiting = [];
    this.#closed = true;
  }
}
