/** Which workers are in memory, in the order of their last use, what they take, and whether one more may be loaded. */
import type { ComponentImage } from "../component/component-image.ts";
import { workerEvicted } from "./channels.ts";
import type { WorkerEvicted } from "./channels.ts";
import type { Load, LoadedLimits } from "./loaded-limits.ts";
import { loadOf, mappings, usableShare } from "./loaded-limits.ts";
import { MemoryTracker } from "./memory-tracker.ts";
import type { Worker } from "./worker.ts";

/** How many idle workers leave memory at a time: ending an instance takes a moment. */
const idleEvictionsMax = 500;

/** What is asked to be loaded, with what a fresh instance of it takes. */
export interface Admission {
  readonly componentId: string;
  readonly memories: number;
  readonly bytes: number;
}

export function admissionOf({ componentId, component, initialMemorySize }: ComponentImage): Admission {
  const memories = component.modules.reduce((sum, { summary }) => sum + summary.memories.length, 0);
  const coreInstances = component.modules.length;
  const { bytes } = loadOf({ linearMemoryBytes: initialMemorySize, tableEntries: 0, memories, coreInstances });
  return { componentId, memories, bytes };
}

interface Use extends Load {
  readonly atMs: number;
}

interface Waiting {
  readonly admission: Admission;
  readonly resolve: () => void;
}

export interface LoadedWorkersOptions {
  readonly limits: LoadedLimits;
  /** The time in milliseconds. */
  readonly now: () => number;
  readonly evict: (worker: Worker) => void;
  /** Collects garbage at once. */
  readonly collect: () => void;
}

export class LoadedWorkers {
  #limits: LoadedLimits;
  readonly #options: LoadedWorkersOptions;
  /** At rest when last seen, least recently used first. */
  readonly #idle = new Map<Worker, Use>();
  /** Those that run, wait, or are watched. */
  readonly #held = new Map<Worker, Use>();
  /** Those that run or wait have a stack. */
  #running = 0;
  readonly #byComponent = new Map<string, number>();
  /** Those that wait for something that can wake them when they have left memory; in the order in which they began to. */
  readonly #leavable = new Map<Worker, () => void>();
  /** Told to leave, and still there. */
  readonly #leaving = new Set<Worker>();
  readonly #memories = new MemoryTracker(() => this.#freed());
  #total: Load = { bytes: 0, linearMemoryBytes: 0, memories: 0 };
  /** Admitted and not loaded yet. */
  #loading = { count: 0, bytes: 0, memories: 0 };
  /** Those that wait to be admitted, in order. */
  readonly #waiting = new Set<Waiting>();
  /** Garbage was collected, and nothing has been freed since. */
  #collected = false;
  evictions = 0;

  constructor(options: LoadedWorkersOptions) {
    this.#limits = options.limits;
    this.#options = options;
  }

  get count(): number {
    return this.#idle.size + this.#held.size;
  }

  /** Those that run or wait. */
  get runningCount(): number {
    return this.#running;
  }

  /** Those that wait to be loaded. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  get linearMemoryBytes(): number {
    return this.#total.linearMemoryBytes;
  }

  /** All that is counted, linear memory among it. */
  get bytes(): number {
    return this.#total.bytes;
  }

  /** Kernel mappings, those of ended instances among them that were not collected yet. */
  get mappings(): number {
    return mappings(this.#memories.alive, this.#running);
  }

  /**
   * The most that part of its limits which what there is takes: of what is loaded where idle workers can leave, of what is
   * mapped where it takes the garbage collector. At least 1 while something waits for room.
   */
  get fullness(): number {
    const full = this.#takes(this.#limits);
    return this.#waiting.size > 0 ? Math.max(full, 1) : full;
  }

  /** Replaces the limits; lower ones only if what there is stays within them, else this is false. */
  limit(limits: LoadedLimits): boolean {
    if (limits.bytesMax < this.#limits.bytesMax && this.#takes(limits) > 1) return false;
    this.#limits = limits;
    this.#admitWaiting();
    return true;
  }

  #takes({ loadedWorkersMax, bytesMax, memoriesMax, mappingsMax }: LoadedLimits): number {
    const memories = this.#memories.alive + this.#loading.memories;
    const stacks = this.#running + this.#loading.count;
    return Math.max(
      (this.count + this.#loading.count) / loadedWorkersMax,
      (this.#total.bytes + this.#loading.bytes) / bytesMax,
      memories / usableShare(memoriesMax),
      mappings(memories, stacks) / usableShare(mappingsMax),
    );
  }

  /** Resolves when one more instance may be made; `loadEnded` must follow. Idle workers are evicted for it. */
  admit(admission: Admission): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add({ admission, resolve });
    this.#admitWaiting();
    return promise;
  }

  /** The load that was admitted came to its end, with an instance or without. */
  loadEnded(worker: Worker, admission: Admission): void {
    this.#loadingEnded(admission);
    for (const memory of worker.memories()) this.#memories.add(memory);
    this.touch(worker);
  }

  /** What was admitted is gone again. */
  admissionEnded(admission: Admission): void {
    this.#loadingEnded(admission);
    this.#admitWaiting();
  }

  /** Notes that a worker was used, or is in memory no more. */
  touch(worker: Worker): void {
    this.#leaving.delete(worker);
    this.#remove(worker);
    if (worker.loaded) this.#add(worker, { ...worker.load(), atMs: this.#options.now() }, !worker.disposable);
    // It may have grown since; but one must fit, however large it is.
    while (this.#total.bytes > this.#limits.bytesMax && this.count > 1 && this.#makeRoom(undefined));
    this.#admitWaiting();
  }

  /** A worker at rest runs from here on, until it is touched at its next rest. */
  begin(worker: Worker): void {
    const use = this.#idle.get(worker);
    if (use === undefined) return;
    this.#remove(worker);
    this.#add(worker, use, true);
    // Its stack takes mappings, too.
    while (this.#hasTooManyMappings({ memories: 0, stacks: 0 }) && this.#makeRoom(undefined));
  }

  /** The worker runs and may have grown. */
  measure(worker: Worker): void {
    const use = this.#held.get(worker);
    if (use === undefined || !worker.loaded) return;
    const load = worker.load();
    if (load.bytes === use.bytes) return;
    this.#held.set(worker, { ...load, atMs: use.atMs });
    this.#count(use, -1);
    this.#count(load, 1);
    while (this.#total.bytes > this.#limits.bytesMax && this.#makeRoom(undefined));
    if (this.#total.bytes > this.#limits.bytesMax) this.#askToLeave(undefined);
  }

  /**
   * The worker waits for something that wakes it when it has left memory; `leave` makes it leave. What is returned is to be
   * called when it waits no more.
   */
  waits(worker: Worker, leave: () => void): () => void {
    this.measure(worker);
    this.#leavable.set(worker, leave);
    this.#admitWaiting();
    return () => {
      if (this.#leavable.get(worker) === leave) this.#leavable.delete(worker);
    };
  }

  /**
   * Takes workers out of memory that were not used for long; those that are busy or watched stay. To be called now and
   * then: what was missed of others is seen here, too.
   */
  evictIdle(): void {
    for (const worker of this.#held.keys()) {
      if (worker.disposable || !worker.loaded) this.touch(worker);
      else this.measure(worker);
    }
    const usedSinceMs = this.#options.now() - this.#limits.idleMs;
    let left = idleEvictionsMax;
    for (const [worker, { atMs }] of this.#idle) {
      if (atMs > usedSinceMs || left === 0) break;
      if (!this.#isEvictable(worker)) continue;
      left -= 1;
      this.#evictWorker(worker, "idle");
    }
    this.#freed();
  }

  #freed(): void {
    this.#collected = false;
    this.#admitWaiting();
  }

  #admitWaiting(): void {
    for (const next of this.#waiting) {
      const { admission, resolve } = next;
      if (!this.#hasRoomInComponent(admission.componentId)) {
        // Those of other components needn't wait for it.
        this.#askToLeave(admission.componentId);
        continue;
      }
      if (!this.#hasRoom(admission)) return;
      this.#waiting.delete(next);
      this.#loading = {
        count: this.#loading.count + 1,
        bytes: this.#loading.bytes + admission.bytes,
        memories: this.#loading.memories + admission.memories,
      };
      this.#countComponent(admission.componentId, 1);
      resolve();
    }
  }

  /** Makes room where it can. */
  #hasRoom(admission: Admission): boolean {
    while (this.#crowded(admission)) {
      if (this.#makeRoom(undefined)) continue;
      this.#askToLeave(undefined);
      return false;
    }
    if (!this.#isFull(admission)) return true;
    if (!this.#collected) {
      this.#collected = true;
      this.#options.collect();
    }
    return false;
  }

  #hasRoomInComponent(componentId: string): boolean {
    while ((this.#byComponent.get(componentId) ?? 0) >= this.#limits.componentWorkersMax) {
      if (!this.#makeRoom(componentId)) return false;
    }
    return true;
  }

  /** What there is takes so much that some of it should leave for one more. */
  #crowded({ bytes, memories }: Admission): boolean {
    const instances = this.count + this.#loading.count;
    // One worker must fit, however large it is.
    if (instances === 0) return false;
    const { loadedWorkersMax, bytesMax, memoriesMax } = this.#limits;
    return (
      instances >= loadedWorkersMax ||
      this.#total.bytes + this.#loading.bytes + Math.max(bytes, 1) > bytesMax ||
      this.#total.memories + this.#loading.memories + memories > usableShare(memoriesMax) ||
      this.#hasTooManyMappings({ memories, stacks: 1 })
    );
  }

  #hasTooManyMappings(more: { readonly memories: number; readonly stacks: number }): boolean {
    const memories = this.#total.memories + this.#loading.memories + more.memories;
    const stacks = this.#running + this.#loading.count + more.stacks;
    return mappings(memories, stacks) > usableShare(this.#limits.mappingsMax);
  }

  /** The same with what has ended and isn't collected: beyond this the engine ends the process. */
  #isFull({ memories }: Admission): boolean {
    if (this.#memories.alive === 0) return false;
    const { memoriesMax, mappingsMax } = this.#limits;
    const all = this.#memories.alive + this.#loading.memories + memories;
    return all > memoriesMax || mappings(all, this.#running + this.#loading.count + 1) > mappingsMax;
  }

  /** Evicts the least recently used idle worker, of the component if one is given; false when there is none. */
  #makeRoom(componentId: string | undefined): boolean {
    for (const worker of this.#idle.keys()) {
      if (componentId !== undefined && worker.id.componentId !== componentId) continue;
      if (!worker.loaded) {
        // It left memory by itself: that makes room as well, whoever may wait for it.
        this.#remove(worker);
        return true;
      }
      if (!this.#isEvictable(worker)) continue;
      this.#evictWorker(worker, "room");
      return true;
    }
    return false;
  }

  /** Those that wait leave memory, as many as others wait for room. It takes them a moment. */
  #askToLeave(componentId: string | undefined): void {
    let wanted = Math.max(this.#waiting.size, 1) - this.#leaving.size;
    for (const [worker, leave] of this.#leavable) {
      if (wanted <= 0) return;
      if (componentId !== undefined && worker.id.componentId !== componentId) continue;
      this.#leavable.delete(worker);
      this.#leaving.add(worker);
      wanted -= 1;
      workerEvicted.publish({ worker: worker.id, reason: "waiting" });
      leave();
    }
  }

  #isEvictable(worker: Worker): boolean {
    if (worker.disposable) return true;
    const use = this.#idle.get(worker);
    this.#remove(worker);
    if (use !== undefined && worker.loaded) this.#add(worker, use, true);
    return false;
  }

  #evictWorker(worker: Worker, reason: WorkerEvicted["reason"]): void {
    this.#remove(worker);
    this.evictions += 1;
    workerEvicted.publish({ worker: worker.id, reason });
    this.#options.evict(worker);
  }

  #add(worker: Worker, use: Use, held: boolean): void {
    (held ? this.#held : this.#idle).set(worker, use);
    if (held) this.#running += 1;
    this.#count(use, 1);
    this.#countComponent(worker.id.componentId, 1);
  }

  #remove(worker: Worker): void {
    const held = this.#held.get(worker);
    const use = held ?? this.#idle.get(worker);
    if (use === undefined) return;
    if (held !== undefined) this.#running -= 1;
    this.#held.delete(worker);
    this.#idle.delete(worker);
    this.#count(use, -1);
    this.#countComponent(worker.id.componentId, -1);
  }

  #count({ bytes, linearMemoryBytes, memories }: Load, sign: 1 | -1): void {
    const total = this.#total;
    this.#total = {
      bytes: total.bytes + sign * bytes,
      linearMemoryBytes: total.linearMemoryBytes + sign * linearMemoryBytes,
      memories: total.memories + sign * memories,
    };
  }

  #countComponent(componentId: string, change: number): void {
    const count = (this.#byComponent.get(componentId) ?? 0) + change;
    if (count === 0) this.#byComponent.delete(componentId);
    else this.#byComponent.set(componentId, count);
  }

  #loadingEnded({ componentId, bytes, memories }: Admission): void {
    const { count, ...loading } = this.#loading;
    this.#loading = { count: count - 1, bytes: loading.bytes - bytes, memories: loading.memories - memories };
    this.#countComponent(componentId, -1);
  }
}
