/** The oplog of a worker as long as its object lives: read once, and again when an instance needs what was appended since. */
import { StoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { OplogSession } from "./oplog-session.ts";
import { openOplog, openWholeOplog } from "./oplog-session.ts";
import type { WorkerServices } from "./services.ts";

export class KeptOplog {
  readonly #id: WorkerId;
  readonly #services: WorkerServices;
  #session: OplogSession;
  /** The session was replayed once: another load needs what was appended since, too. */
  #replayed = false;
  #reopening: Promise<void> | undefined;
  #trustsMemory = true;

  constructor(id: WorkerId, session: OplogSession, services: WorkerServices) {
    this.#id = id;
    this.#session = session;
    this.#services = services;
  }

  get session(): OplogSession {
    return this.#session;
  }

  get state(): OplogSession["state"] {
    return this.#session.state;
  }

  get writer(): OplogSession["writer"] {
    return this.#session.writer;
  }

  get reopening(): boolean {
    return this.#reopening !== undefined;
  }

  /** Resolves when it isn't being read back: what was appended meanwhile would be missing in what was read. */
  async readable(): Promise<void> {
    while (this.#reopening !== undefined) await this.#reopening;
  }

  /** The session for an instance to load; after a jump the fold may come out otherwise than before. */
  async toLoad(): Promise<OplogSession> {
    if (this.#replayed || this.#goesBehindMemory()) await this.reopen();
    this.#replayed = true;
    const { architecture } = this.state;
    // Float NaN patterns differ between processor families, and with them what a replay computes.
    if (architecture !== process.arch) {
      throw new StoreError("failed", `cannot load the worker on ${process.arch}: it was recorded on ${architecture}`);
    }
    return this.#session;
  }

  /** The same for an instance that must live through all of the worker's history, whatever snapshots there are. */
  async wholeToLoad(): Promise<OplogSession> {
    await this.reopen(openWholeOplog);
    this.#replayed = true;
    return this.#session;
  }

  /** What the memory snapshot stands for was voided since it was read. */
  #goesBehindMemory(): boolean {
    const { memory, state } = this.#session;
    if (memory === undefined) return false;
    return state.deletedRegions.slice(memory.voidRegions).some(({ start }) => start <= memory.lastIndex);
  }

  /** What a memory snapshot gave was wrong: from now on the whole oplog is read. */
  distrustMemory(): void {
    this.#trustsMemory = false;
    this.#replayed = true;
  }

  /** Reads it back. */
  async reopen(open: typeof openOplog = this.#trustsMemory ? openOplog : openWholeOplog): Promise<void> {
    const reopened = Promise.withResolvers<void>();
    this.#reopening = reopened.promise;
    try {
      await this.#session.writer.commit();
      const session = await open(this.#id, this.#services);
      if (session === undefined) throw new StoreError("failed", "cannot load the worker: its oplog is gone");
      this.#session = session;
      this.#replayed = false;
    } finally {
      this.#reopening = undefined;
      reopened.resolve();
    }
  }
}
