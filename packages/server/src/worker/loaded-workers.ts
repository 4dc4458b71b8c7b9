/** Which workers are in memory, in the order of their last use, how much they take, and whether one more may be loaded. */
import type { Worker } from "./worker.ts";

export interface LoadedLimits {
  /** Kernel mappings bound how many instances a process can hold: beyond them the engine ends the process. */
  readonly loadedWorkersMax: number;
  readonly linearMemoryBytesMax: number;
}

export class LoadedWorkers {
  readonly #limits: LoadedLimits;
  readonly #evict: (worker: Worker) => void;
  /** Least recently used first; the value is the memory last seen. */
  readonly #memory = new Map<Worker, number>();
  #memoryBytes = 0;
  /** Admitted and not loaded yet. */
  #loading = 0;
  /** Those that wait to be admitted, in order. */
  readonly #waiting: (() => void)[] = [];
  evictions = 0;

  constructor(limits: LoadedLimits, evict: (worker: Worker) => void) {
    this.#limits = limits;
    this.#evict = evict;
  }

  get count(): number {
    return this.#memory.size;
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

  /** Notes that a worker was used, or is in memory no more. */
  touch(worker: Worker): void {
    this.#remove(worker);
    if (worker.loaded) {
      const bytes = worker.memoryBytes();
      this.#memory.set(worker, bytes);
      this.#memoryBytes += bytes;
    }
    if (this.#waiting.length > 0) this.#admitWaiting();
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
    for (const worker of this.#memory.keys()) {
      // One that left memory by itself makes room as well, whoever may wait for it.
      if (!worker.loaded) this.#remove(worker);
      if (!worker.disposable) continue;
      this.#remove(worker);
      this.evictions += 1;
      this.#evict(worker);
      if (!this.#crowded()) return;
    }
  }

  #crowded(): boolean {
    const instances = this.#memory.size + this.#loading;
    // One worker must fit, however large it is.
    if (instances === 0) return false;
    return instances >= this.#limits.loadedWorkersMax || this.#memoryBytes >= this.#limits.linearMemoryBytesMax;
  }

  #remove(worker: Worker): void {
    this.#memoryBytes -= this.#memory.get(worker) ?? 0;
    this.#memory.delete(worker);
  }
}
