/** What a guest computes: counted for each invocation, bounded, and told to whoever measures. */
import { HostTrap } from "../durability/errors.ts";
import type { Usage } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { guestRan } from "./channels.ts";
import type { ShardCosts } from "./shard-costs.ts";

/** What an instance has used since it was made. */
export type Meter = () => Usage;

const none: Usage = { fuel: 0, cpuMs: 0 };

function difference(more: Usage, less: Usage): Usage {
  return { fuel: more.fuel - less.fuel, cpuMs: more.cpuMs - less.cpuMs };
}

export function addUsage(one: Usage, other: Usage): Usage {
  return { fuel: one.fuel + other.fuel, cpuMs: one.cpuMs + other.cpuMs };
}

/** Whose it is, and where it is charged. */
export interface UsageOf {
  readonly worker: WorkerId;
  readonly shard: number;
  readonly costs: ShardCosts;
}

/** Of one instance. */
export class InstanceUsage {
  readonly #worker: WorkerId;
  readonly #meter: Meter;
  readonly #shard: number;
  readonly #costs: ShardCosts;
  /** When the invocation began. */
  #begun = none;
  #told = none;

  constructor({ worker, shard, costs }: UsageOf, meter: Meter) {
    this.#worker = worker;
    this.#meter = meter;
    this.#shard = shard;
    this.#costs = costs;
  }

  /** It goes on from where another instance was, which has told of that. */
  restored(): void {
    this.#told = this.#meter();
  }

  /** An invocation begins, live or replayed. */
  begin(): void {
    this.#begun = this.#meter();
    this.#costs.called(this.#shard);
  }

  /** Of the invocation so far; what it computed once and replays is the same. */
  get ofInvocation(): Usage {
    return difference(this.#meter(), this.#begun);
  }

  /** Tells what was used since it was told last. */
  tell(): void {
    const now = this.#meter();
    const used = difference(now, this.#told);
    this.#told = now;
    this.#costs.ran(this.#shard, used.cpuMs);
    if (guestRan.active) guestRan.publish({ worker: this.#worker, ...used });
  }

  /** Why the invocation must end, when it has used more than it may. */
  excess(fuelMax: number): HostTrap | undefined {
    if (fuelMax === 0 || this.ofInvocation.fuel <= fuelMax) return undefined;
    return new HostTrap(`the invocation has used more fuel than one may: ${fuelMax} units (invocationFuelMax)`);
  }
}
