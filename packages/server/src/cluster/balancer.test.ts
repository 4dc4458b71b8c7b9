import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LoadReport } from "../worker/executor-load.ts";
import type { ReplyValue, Request } from "../worker/messages.ts";
import { Balancer } from "./balancer.ts";
import type { ShardMove } from "./shard-moves.ts";

const calm: LoadReport = { activeMs: 10, idleMs: 90, costs: [], pinned: [], fullness: 0 };
const hot: LoadReport = { activeMs: 100, idleMs: 0, costs: [{ shard: 1, ms: 10 }, { shard: 2, ms: 80 }], pinned: [2], fullness: 0 }; // oxfmt-ignore

class World {
  reports: readonly (LoadReport | undefined)[] = [calm, calm];
  /** Whether an executor takes a lower share. */
  takes = true;
  readonly moves: ShardMove[] = [];
  readonly told: string[] = [];
  readonly shares: number[] = [0.5, 0.5];
  readonly balancer: Balancer = new Balancer({
    ports: [0, 1].map((executor) => ({ request: (request: Request) => this.#answer(executor, request) })),
    placement: { shardsOf: (executor) => (executor === 0 ? [1, 2] : [3]) },
    mover: {
      move: (move) => {
        this.moves.push(move);
        return Promise.resolve(move.shards);
      },
    },
    shares: this.shares,
    intervalMs: 1,
    sleep: () => Promise.resolve(),
    stopped: new AbortController(),
    onError: (error) => assert.fail(String(error)),
  });

  #answer(executor: number, request: Request): Promise<ReplyValue> {
    if (request.kind === "load") {
      const report = this.reports[executor];
      return report === undefined ? Promise.reject(new Error("it has died")) : Promise.resolve(report);
    }
    assert.ok(request.kind === "share");
    const all = this.shares.reduce((sum, share, index) => sum + (index === executor ? request.share : share), 0);
    assert.ok(all <= 1, String(all));
    this.told.push(`${executor} ${request.share.toFixed(3)}`);
    return Promise.resolve(this.takes);
  }

  async look(times: number): Promise<void> {
    for (let look = 0; look < times; look += 1) await this.balancer.look();
  }
}

describe("Balancer", () => {
  it("moves what can be moved when an executor has been hot for a while, and leaves that alone for a while", async () => {
    const world = new World();
    await world.look(3);
    world.reports = [hot, calm];
    await world.look(2);
    world.reports = [calm, calm];
    await world.look(1);
    world.reports = [hot, calm];
    await world.look(2);
    assert.deepEqual(world.moves, []);
    await world.look(1);
    assert.deepEqual(world.moves, [{ from: 0, to: 1, shards: [1] }]);
    await world.look(20);
    assert.equal(world.moves.length, 1);
    await world.look(20);
    assert.equal(world.moves.length, 2);
  });

  it("gives memory that one executor doesn't use to one that is full", async () => {
    const world = new World();
    world.reports = [{ ...calm, fullness: 1 }, calm];
    await world.look(1);
    assert.deepEqual(world.told, ["1 0.125", "0 0.875"]);
    assert.ok(world.shares[1] === 0.125 && (world.shares[0] ?? 0) > 0.87);
  });

  it("gives nothing that isn't there", async () => {
    const world = new World();
    world.reports = [{ ...calm, fullness: 1 }, calm];
    world.takes = false;
    await world.look(1);
    assert.deepEqual([world.told, world.shares], [["1 0.125"], [0.5, 0.5]]);
  });

  it("has another look after one in which an executor died", async () => {
    const world = new World();
    world.reports = [undefined, calm];
    await assert.rejects(world.look(1), { message: "it has died" });
    world.reports = [hot, calm];
    await world.look(3);
    assert.equal(world.moves.length, 1);
  });
});
