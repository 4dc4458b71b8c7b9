/** Which workers are in memory, in the order of their last use, how much they take, and whether one more may be loaded. */
import { workerEvicted } from "./channels.ts";
import type { WorkerEvicted } from "./channels.ts";
import type { Worker } from "./worker.ts";

export interface LoadedLimits {
  /** Kernel mappings bound how many instances a process can hold: beyond them the engine ends the process. */
  readonly loadedWorkersMax: number;
  readonly linearMemoryBytesMax: number;
  /** A worker that was not used for so long leaves memory. */
  readonly idleMs: number;
}

/** How many idle workers leave memory at a time: ending an instance takes a moment. */
const idleEvictionsMax = 500;

interface Use {
  /** The memory last seen. */
  readonly bytes: number;
  readonly atMs: number;
}

export class LoadedWorkers {
  readonly #limits: LoadedLimits;
  readonly #evict: (worker: Worker) => void;
  readonly #now: () => number;
  /** Least recently used first. */
  readonly #uses = new Map<Worker, Use>();
  #memoryBytes = 0;
  /** Admitted and not loaded yet. */
  #loading = 0;
  /** Those that wait to be admitted, in order. */
  readonly #waiting: (() => void)[] = [];
  evictions = 0;

  /** `now` is the time in milliseconds. */
  constructor(limits: LoadedLimits, now: () => number, evict: (worker: Worker) => void) {
    this.#limits = limits;
    this.#now = now;
    this.#evict = evict;
  }

  get count(): number {
    return this.#uses.size;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Resolves when one more instance may be made; `loadEnded` must follow. Idle workers are evicted for it. */
  admit(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    // Who asks may have left memory just now, and made room for those before it.
    this.#admitWaiting();
    return promise;
  }

  /** The load that was admitted came to its end, with an instance or without. */
  loadEnded(worker: Worker): void {
    this.#loading -= 1;
    this.touch(worker);
  }

  /** What was admitted is gone again. */
  admissionEnded(): void {
    this.#loading -= 1;
    this.#admitWaiting();
  }

  /** Notes that a worker was used, or is in memory no more. */
  touch(worker: Worker): void {
    this.#remove(worker);
    if (worker.loaded) {
      const bytes = worker.memoryBytes();
      this.#uses.set(worker, { bytes, atMs: this.#now() });
      this.#memoryBytes += bytes;
    }
    if (this.#waiting.length > 0) this.#admitWaiting();
  }

  /** Takes workers out of memory that were not used for long; those that are busy or watched stay. */
  evictIdle(): void {
    const usedSinceMs = this.#now() - this.#limits.idleMs;
    let left = idleEvictionsMax;
    for (const [worker, { atMs }] of this.#uses) {
      if (atMs > usedSinceMs || left === 0) break;
      // It left memory by itself. What it is doing now, such as coming back, must not be taken from under it.
      if (!worker.loaded) this.#remove(worker);
      if (!worker.disposable) continue;
      left -= 1;
      this.#evictWorker(worker, "idle");
    }
  }

  #evictWorker(worker: Worker, reason: WorkerEvicted["reason"]): void {
    this.#remove(worker);
    this.evictions += 1;
    workerEvicted.publish({ worker: worker.id, reason });
    this.#evict(worker);
  }

  #admitWaiting(): void {
    this.#evictSurplus();
    while (!this.#crowded()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#loading += 1;
      next();
    }
  }

  /** Takes idle workers out of memory until one more fits; those that are busy or watched stay. */
  #evictSurplus(): void {
    if (!this.#crowded()) return;
    for (const worker of this.#uses.keys()) {
      // One that left memory by itself makes room as well, whoever may wait for it.
      if (!worker.loaded) this.#remove(worker);
      if (!worker.disposable) continue;
      this.#evictWorker(worker, "room");
      if (!this.#crowded()) return;
    }
  }

  #crowded(): boolean {
    const instances = this.#uses.size + this.#loading;
    // One worker must fit, however large it is.
    if (instances === 0) return false;
    return instances >= this.#limits.loadedWorkersMax || this.#memoryBytes >= this.#limits.linearMemoryBytesMax;
  }

  #remove(worker: Worker): void {
    this.#memoryBytes -= this.#uses.get(worker)?.bytes ?? 0;
    this.#uses.delete(worker);
  }
}
