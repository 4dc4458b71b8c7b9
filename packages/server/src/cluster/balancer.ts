/** Looks regularly at what the executors have to do, moves shards from hot ones to cooler ones, and deals out memory. */
import type { LoadReport } from "../worker/executor-load.ts";
import { planMove } from "./balance.ts";
import type { ExecutorLoad } from "./balance.ts";
import { loadsMeasured, shardsMoved } from "./channels.ts";
import type { ExecutorPort } from "./executor-port.ts";
import type { ShardMover } from "./shard-moves.ts";
import type { Placement } from "./shards.ts";
import { planLowering, planRaising } from "./shares.ts";
import type { ShareChange } from "./shares.ts";

/** So many looks in a row must find an executor hot before anything is moved. */
const patience = 3;

/** For so many looks a shard that was moved, or couldn't be, isn't moved again. */
const restingLooks = 30;

export interface BalancerOptions {
  readonly ports: readonly Pick<ExecutorPort, "request">[];
  readonly placement: Pick<Placement, "shardsOf">;
  readonly mover: Pick<ShardMover, "move">;
  /** Of each executor; what is written here, a new thread begins with. */
  readonly shares: number[];
  readonly intervalMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted by `stop`. */
  readonly stopped: AbortController;
  readonly onError: (error: unknown) => void;
}

export class Balancer {
  readonly #options: BalancerOptions;
  #running: Promise<void> | undefined;
  /** At how many looks in a row an executor was hot. */
  #hotLooks = 0;
  /** By shard: at which look it may be moved again. */
  readonly #resting = new Map<number, number>();
  #look = 0;

  constructor(options: BalancerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the move under way has ended; none follows. */
  async stop(): Promise<void> {
    this.#options.stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { intervalMs, sleep, stopped, onError } = this.#options;
    const { signal } = stopped;
    for (;;) {
      await sleep(intervalMs, signal);
      if (signal.aborted) return;
      await this.look().catch(onError);
    }
  }

  /** One look, with what follows from it. */
  async look(): Promise<void> {
    const { ports } = this.#options;
    this.#look += 1;
    const reports = (await Promise.all(ports.map((port) => port.request({ kind: "load" })))) as LoadReport[];
    const loads = reports.map((report, executor) => this.#loadOf(report, executor));
    await this.#dealMemory(reports);
    await this.#cool(loads);
    const { shares } = this.#options;
    loadsMeasured.publish({
      executors: loads.map(({ utilisation, shards }, executor) => ({
        utilisation,
        shards: shards.length,
        share: shares[executor] ?? 0,
      })),
    });
  }

  #loadOf({ activeMs, idleMs, costs, pinned }: LoadReport, executor: number): ExecutorLoad {
    const totalMs = Math.max(activeMs + idleMs, 1);
    const msOf = new Map(costs.map(({ shard, ms }) => [shard, ms]));
    const pins = new Set(pinned);
    const rests = (shard: number): boolean => (this.#resting.get(shard) ?? 0) > this.#look;
    return {
      utilisation: activeMs / totalMs,
      shards: this.#options.placement.shardsOf(executor).map((shard) => ({
        shard,
        cost: (msOf.get(shard) ?? 0) / totalMs,
        movable: !pins.has(shard) && !rests(shard),
      })),
    };
  }

  async #cool(loads: readonly ExecutorLoad[]): Promise<void> {
    const plan = planMove(loads);
    this.#hotLooks = plan === undefined ? 0 : this.#hotLooks + 1;
    if (plan === undefined || this.#hotLooks < patience) return;
    this.#hotLooks = 0;
    const moved = await this.#options.mover.move(plan);
    for (const shard of plan.shards) this.#resting.set(shard, this.#look + restingLooks);
    shardsMoved.publish({ ...plan, moved: moved.length, refused: plan.shards.length - moved.length });
  }

  /** An executor that doesn't take a lower share, or has died, keeps the one it had. */
  async #dealMemory(reports: readonly LoadReport[]): Promise<void> {
    const uses = (): { readonly share: number; readonly fullness: number }[] =>
      reports.map(({ fullness }, executor) => ({ share: this.#options.shares[executor] ?? 0, fullness }));
    for (const change of planLowering(uses())) {
      const taken = await this.#tell(change).catch(() => false);
      if (taken === true) this.#options.shares[change.executor] = change.share;
    }
    for (const change of planRaising(uses())) {
      // First here: a new thread, which may be on its way, must not have more than is noted.
      this.#options.shares[change.executor] = change.share;
      await this.#tell(change).catch(() => undefined);
    }
  }

  #tell({ executor, share }: ShareChange): Promise<unknown> | Promise<undefined> {
    return this.#options.ports[executor]?.request({ kind: "share", share }) ?? Promise.resolve(undefined);
  }
}
