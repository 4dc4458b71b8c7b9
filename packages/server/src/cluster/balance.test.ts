import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { planMove } from "./balance.ts";
import type { ExecutorLoad } from "./balance.ts";

/** Shards with what each asks of a thread; more than one thread's worth together, and the thread is always busy. */
interface Shard {
  readonly demand: number;
  readonly movable: boolean;
}

type World = readonly (readonly Shard[])[];

function loadsOf(world: World): readonly ExecutorLoad[] {
  let first = 0;
  return world.map((shards) => {
    const demand = shards.reduce((sum, shard) => sum + shard.demand, 0);
    const utilisation = Math.min(demand, 1);
    const base = first;
    first += 1000;
    return {
      utilisation,
      shards: shards.map((shard, index) => ({
        shard: base + index,
        cost: demand === 0 ? 0 : (shard.demand / demand) * utilisation,
        movable: shard.movable,
      })),
    };
  });
}

function demandOf(shards: readonly Shard[]): number {
  return shards.reduce((sum, { demand }) => sum + demand, 0);
}

/** Carries the plan out; undefined when there is none. */
function step(world: World): World | undefined {
  const plan = planMove(loadsOf(world));
  if (plan === undefined) return undefined;
  const moved = plan.shards.map((shard) => world[plan.from]?.[shard - plan.from * 1000]);
  assert.ok(moved.every((shard) => shard?.movable === true));
  return world.map((shards, executor) => {
    if (executor === plan.from) return shards.filter((shard) => !moved.includes(shard));
    return executor === plan.to ? [...shards, ...moved.filter((shard) => shard !== undefined)] : shards;
  });
}

const shard = fc.record({ demand: fc.double({ min: 0, max: 0.4, noNaN: true }), movable: fc.boolean() });
const worlds: fc.Arbitrary<World> = fc.array(fc.array(shard, { maxLength: 40 }), { minLength: 1, maxLength: 5 });

describe("planMove()", () => {
  it("loses no shard, moves no pinned one, and comes to an end", () => {
    fc.assert(
      fc.property(worlds, (start) => {
        let world: World | undefined = start;
        const all = start.flat().length;
        for (let looks = 0; world !== undefined; looks += 1) {
          assert.ok(looks < 200, "it moves shards to and fro");
          assert.equal(world.flat().length, all);
          world = step(world);
        }
      }),
    );
  });

  it("never makes the one that gets hotter than the one that gives", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const plan = planMove(loadsOf(world));
        const after = step(world);
        if (plan === undefined || after === undefined) return;
        const [from, to] = [after[plan.from] ?? [], after[plan.to] ?? []];
        assert.ok(demandOf(from) >= demandOf(to) - 1e-9, `${demandOf(from)} ${demandOf(to)}`);
      }),
    );
  });

  it("leaves alone what is not hot, or not much hotter than the others", () => {
    const one = { demand: 0.01, movable: true };
    const shards = (count: number): readonly Shard[] => Array.from({ length: count }, () => ({ ...one }));
    assert.equal(planMove(loadsOf([shards(60), []])), undefined);
    assert.equal(planMove(loadsOf([shards(100), shards(80)])), undefined);
    assert.notEqual(planMove(loadsOf([shards(100), shards(50)])), undefined);
    assert.equal(planMove(loadsOf([shards(200)])), undefined);
  });

  it("moves everything else away from what computes without an end, what is busy first", () => {
    const endless = { demand: 1, movable: false };
    const busy = { demand: 0.001, movable: true };
    const idle = { demand: 0, movable: true };
    const many = (count: number, of: Shard): readonly Shard[] => Array.from({ length: count }, () => ({ ...of }));
    let world: World = [[...many(8, endless), ...many(400, idle), ...many(20, busy)], many(428, idle)];
    const first = step(world);
    assert.equal(first?.[1]?.filter((each) => each.demand === busy.demand).length, 20);
    for (let next: World | undefined = world; next !== undefined; next = step(next)) world = next;
    assert.deepEqual(
      world.map((shards) => shards.length),
      [8, 848],
    );
  });
});
