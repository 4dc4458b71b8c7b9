/** Which workers are in memory, in the order of their last use, and how much they take. */
import type { Worker } from "./worker.ts";

export interface LoadedLimits {
  /** Kernel mappings bound how many instances a process can hold. */
  readonly loadedWorkersMax: number;
  readonly linearMemoryBytesMax: number;
}

export class LoadedWorkers {
  readonly #limits: LoadedLimits;
  /** Least recently used first; the value is the memory last seen. */
  readonly #memory = new Map<Worker, number>();
  #memoryBytes = 0;
  evictions = 0;

  constructor(limits: LoadedLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#memory.size;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Notes that a worker was used: it is the last to be evicted, and counted with the memory that it has now. */
  touch(worker: Worker): void {
    this.#remove(worker);
    if (!worker.loaded) return;
    const bytes = worker.memoryBytes();
    this.#memory.set(worker, bytes);
    this.#memoryBytes += bytes;
  }

  /** Workers to evict so that one more fits; those that are busy or watched stay. */
  takeSurplus(): readonly Worker[] {
    const surplus: Worker[] = [];
    for (const worker of this.#memory.keys()) {
      if (!this.#crowded()) break;
      if (worker.loaded && !worker.disposable) continue;
      this.#remove(worker);
      surplus.push(worker);
    }
    this.evictions += surplus.length;
    return surplus;
  }

  #crowded(): boolean {
    return this.#memory.size >= this.#limits.loadedWorkersMax || this.#memoryBytes >= this.#limits.linearMemoryBytesMax;
  }

  #remove(worker: Worker): void {
    this.#memoryBytes -= this.#memory.get(worker) ?? 0;
    this.#memory.delete(worker);
  }
}
