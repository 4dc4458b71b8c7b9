/** What an executor has to do, for the balancer on the main thread. */
import type { LoadedWorkers } from "./loaded-workers.ts";
import type { ShardCost, ShardCosts } from "./shard-costs.ts";
import type { Worker } from "./worker.ts";

/** Since it was asked last. */
export interface LoadReport {
  /** How long the thread was busy, and how long it waited for something to do. */
  readonly activeMs: number;
  readonly idleMs: number;
  /** Shards that have cost anything. */
  readonly costs: readonly ShardCost[];
  /** Shards that can't be moved now. */
  readonly pinned: readonly number[];
  /** Part of its limits that what it holds in memory takes; 1 or more where something waits for room. */
  readonly fullness: number;
}

/** How long a thread was busy and idle since it began. */
export interface Activity {
  readonly active: number;
  readonly idle: number;
}

export interface LoadReporterOptions {
  readonly activity: () => Activity;
  readonly costs: ShardCosts;
  readonly workers: { readonly all: () => readonly Worker[]; readonly loaded: LoadedWorkers };
  readonly pinned: () => ReadonlySet<number>;
}

export class LoadReporter {
  readonly #options: LoadReporterOptions;
  #told: Activity;
  /** What workers were busy with when this was asked last: what still is then takes long. */
  #tasks = new Map<Worker, string>();

  constructor(options: LoadReporterOptions) {
    this.#options = options;
    this.#told = options.activity();
  }

  take(): LoadReport {
    const { activity, costs, workers } = this.#options;
    const { active, idle } = activity();
    const activeMs = active - this.#told.active;
    const idleMs = idle - this.#told.idle;
    this.#told = { active, idle };
    return {
      activeMs,
      idleMs,
      costs: costs.take(activeMs),
      pinned: [...this.#takePinned()],
      fullness: workers.loaded.fullness,
    };
  }

  #takePinned(): ReadonlySet<number> {
    const { workers, pinned: pinnedOtherwise } = this.#options;
    const pinned = new Set(pinnedOtherwise());
    const before = this.#tasks;
    this.#tasks = new Map();
    for (const worker of workers.all()) {
      const { task } = worker;
      if (task !== undefined) this.#tasks.set(worker, task);
      if (worker.events.watched || (task !== undefined && before.get(worker) === task)) pinned.add(worker.shard);
    }
    return pinned;
  }
}
