/** What the workers of each shard cost their thread. Counted with every call, so that it may cost next to nothing. */

interface Cost {
  /** Milliseconds that guests ran. */
  guestMs: number;
  calls: number;
}

export class ShardCosts {
  #costs = new Map<number, Cost>();

  called(shard: number): void {
    this.#of(shard).calls += 1;
  }

  ran(shard: number, guestMs: number): void {
    this.#of(shard).guestMs += guestMs;
  }

  /**
   * What they have cost since this was asked last, when the thread was busy for `activeMs` altogether. What it did besides
   * running guests it did for calls, for each about as much.
   */
  take(activeMs: number): readonly ShardCost[] {
    const costs = [...this.#costs];
    this.#costs = new Map();
    const calls = costs.reduce((sum, [, cost]) => sum + cost.calls, 0);
    const guestMs = costs.reduce((sum, [, cost]) => sum + cost.guestMs, 0);
    const callMs = calls === 0 ? 0 : Math.max(activeMs - guestMs, 0) / calls;
    return costs.map(([shard, cost]) => ({ shard, ms: cost.guestMs + cost.calls * callMs }));
  }

  #of(shard: number): Cost {
    const known = this.#costs.get(shard);
    if (known !== undefined) return known;
    const cost: Cost = { guestMs: 0, calls: 0 };
    this.#costs.set(shard, cost);
    return cost;
  }
}

export interface ShardCost {
  readonly shard: number;
  readonly ms: number;
}
