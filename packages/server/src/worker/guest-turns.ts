/** When a guest that computes gives way to others, and when it has computed more than it may. */
import type { FuelHooks, Instance } from "@emet/component";
import type { DurableExecution } from "../durability/durable-execution.ts";
import { HostTrap } from "../durability/errors.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { InstanceEnd } from "./instance-end.ts";
import { newRunner } from "./run-queue.ts";
import type { WorkerServices } from "./services.ts";
import { InstanceUsage } from "./usage.ts";

/** Units of fuel between two looks at the clock: a few of the milliseconds of a slice at most. */
const fuelSlice = 200_000;

/** A start function can't be suspended: as long as it runs the whole thread does nothing else. */
const startMsMax = 5000;

/** What a guest may have recorded that isn't durable yet before it has to wait. */
const backlogBytesMax = 4 * 1024 * 1024;

export interface GuestTurnsOptions {
  readonly durable: DurableExecution;
  readonly end: InstanceEnd;
  readonly services: Pick<WorkerServices, "clock" | "limits" | "runQueue" | "shardOf" | "shardCosts">;
  readonly worker: WorkerId;
  /** Called before each turn of others. */
  readonly measured: () => void;
}

/** Of one instance. */
export class GuestTurns {
  readonly usage: InstanceUsage;
  readonly #options: GuestTurnsOptions;
  readonly #runner = newRunner();
  readonly #startedMs: number;
  #instance: Instance | undefined;
  /** What it had run when its present turn began. */
  #turnFromMs = 0;

  constructor(options: GuestTurnsOptions) {
    this.#options = options;
    this.#startedMs = options.services.clock.now();
    const { worker, services } = options;
    const usageOf = { worker, shard: services.shardOf(worker), costs: services.shardCosts };
    this.usage = new InstanceUsage(usageOf, () => ({
      fuel: this.#instance?.fuelUsed() ?? 0,
      cpuMs: this.#instance?.cpuMs() ?? 0,
    }));
  }

  get hooks(): FuelHooks {
    return { slice: fuelSlice, tick: () => this.#tick(), wait: () => this.#wait() };
  }

  /** It has started. */
  attach(instance: Instance): void {
    this.#instance = instance;
  }

  /** An invocation begins. */
  begin(): void {
    this.usage.begin();
    this.#runner.ranMs = 0;
    this.#turnFromMs = this.#instance?.cpuMs() ?? 0;
  }

  #tick(): 0 | 1 | 2 {
    const { end, durable, services } = this.#options;
    if (end.ended) return 2;
    const instance = this.#instance;
    if (instance === undefined) return this.#tickOfStart();
    // What came to its end once must come to it again, whatever the limit is by now.
    const excess = durable.live ? this.usage.excess(services.limits.invocationFuelMax) : undefined;
    if (excess !== undefined) {
      end.end(excess);
      instance.abort(excess);
      return 2;
    }
    return instance.cpuMs() - this.#turnFromMs >= services.runQueue.sliceMs(services.limits.sliceMs) ? 1 : 0;
  }

  #tickOfStart(): 0 | 2 {
    const { end, services } = this.#options;
    if (services.clock.now() - this.#startedMs <= startMsMax) return 0;
    end.end(new HostTrap(`starting took longer than ${startMsMax} ms`));
    return 2;
  }

  async #wait(): Promise<boolean> {
    const { durable, end, services, measured } = this.#options;
    const ranMs = this.#instance?.cpuMs() ?? 0;
    // A long computation is durable from its first slice on, as far as it was recorded.
    const committed = durable.commit().catch((error: unknown) => end.end(error));
    // It must not record faster than the store writes.
    if (durable.backlogBytes > backlogBytesMax) await committed;
    measured();
    this.usage.tell();
    await services.runQueue.turn(this.#runner, ranMs - this.#turnFromMs);
    this.#turnFromMs = ranMs;
    return end.ended;
  }
}
