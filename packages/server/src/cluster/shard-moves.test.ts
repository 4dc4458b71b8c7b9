import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shardOf } from "../platform/worker-shards.ts";
import type { ExecutorToMain, MainToExecutor, Request } from "../worker/messages.ts";
import { ExecutorPool } from "./executor-pool.ts";
import { ExecutorPort } from "./executor-port.ts";
import { ShardMover } from "./shard-moves.ts";
import { Placement } from "./shards.ts";

const componentId = "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69";
const worker = ((): { readonly componentId: string; readonly workerName: string } => {
  for (let index = 0; ; index += 1) {
    const found = { componentId, workerName: `w${index}` };
    if (shardOf(found) % 2 === 0) return found;
  }
})();
const shard = shardOf(worker);
const invoke = (idempotencyKey: string): Request => ({
  kind: "invoke",
  worker,
  latestVersion: 0,
  functionName: "f",
  input: "",
  idempotencyKey,
  awaitResult: true,
});

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** An executor that does what the test says; each thread of it is ready at once. */
class FakeExecutor {
  requests: { readonly call: number; readonly request: Request }[] = [];
  epochs: number[] = [];
  #send: (message: ExecutorToMain) => void = () => undefined;
  #exit: (reason: Error) => void = () => undefined;
  readonly port: ExecutorPort;

  constructor(onMoved: ExecutorPool["moved"], acquire: () => number) {
    this.port = new ExecutorPort({
      spawn: () => {
        this.requests = [];
        this.epochs.push(acquire());
        const post = (message: MainToExecutor): void => {
          if (message.kind === "request") this.requests.push(message);
        };
        return Promise.resolve({
          post,
          onMessage: (listener) => {
            this.#send = listener;
            setImmediate(() => listener({ kind: "ready" }));
          },
          onExit: (listener) => {
            this.#exit = listener;
          },
          terminate: () => Promise.resolve(),
        });
      },
      onMoved,
      onMessage: () => undefined,
      onReplaced: () => undefined,
      onFatal: assert.fail,
    });
  }

  get kinds(): readonly string[] {
    return this.requests.map(({ request }) => (request.kind === "invoke" ? request.idempotencyKey : request.kind));
  }

  reply(
    kind: Request["kind"],
    message: { readonly kind: "reply"; readonly value?: unknown } | { readonly kind: "moved" },
  ): void {
    const call = this.requests.findLast(({ request }) => request.kind === kind)?.call ?? -1;
    this.#send({ ...message, call } as ExecutorToMain);
  }

  die(): void {
    this.#exit(new Error("crashed"));
  }
}

class World {
  readonly placement: Placement = new Placement(2);
  #epoch = 0;
  readonly executors: readonly FakeExecutor[];
  readonly pool: ExecutorPool;
  readonly mover: ShardMover;

  constructor() {
    const acquire = (): number => ++this.#epoch;
    const moved: ExecutorPool["moved"] = (number, call) => this.pool.moved(number, call);
    this.executors = [new FakeExecutor(moved, acquire), new FakeExecutor(moved, acquire)];
    const ports = this.executors.map(({ port }) => port);
    const { placement } = this;
    this.pool = new ExecutorPool({ ports, placement, pingIntervalMs: 1_000_000, unresponsiveMs: 1_000_000 });
    this.mover = new ShardMover({
      ports,
      routes: this.pool.routes,
      placement,
      acquireEpoch: () => Promise.resolve(acquire()),
      sleep: (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
      signal: new AbortController().signal,
    });
  }

  static async start(): Promise<World> {
    const world = new World();
    await Promise.all(world.executors.map(({ port }) => port.start()));
    return world;
  }

  move(): Promise<readonly number[]> {
    return this.mover.move({ from: 0, to: 1, shards: [shard] });
  }
}

async function started(): Promise<{ readonly world: World; readonly from: FakeExecutor; readonly to: FakeExecutor }> {
  const world = await World.start();
  const [from, to] = world.executors;
  assert.ok(from !== undefined && to !== undefined);
  return { world, from, to };
}

const released = { shards: [shard], unfinished: [worker] };

describe("ShardMover.move()", () => {
  it("takes what waits to the new owner in order, after its epoch", async () => {
    const { world, from, to } = await started();
    const first = world.pool.request(worker, invoke("first"));
    const moving = world.move();
    const second = world.pool.request(worker, invoke("second"));
    await settled();
    assert.deepEqual(from.kinds, ["first", "release-shards"]);
    from.reply("invoke", { kind: "moved" });
    from.reply("release-shards", { kind: "reply", value: released });
    assert.deepEqual(await moving, [shard]);
    assert.deepEqual(to.kinds, ["own-shards", "recover", "first", "second"]);
    assert.equal(world.placement.ownerOf(shard), 1);
    const own = to.requests[0]?.request;
    assert.ok(own?.kind === "own-shards" && own.epoch === 3);
    to.reply("invoke", { kind: "reply", value: "2" });
    assert.equal(await second, "2");
    void first;
  });

  it("waits for what the old owner still has, and must not be repeated", async () => {
    const { world, from, to } = await started();
    const resumed = world.pool.request(worker, { kind: "resume", worker });
    const moving = world.move();
    await settled();
    assert.deepEqual(from.kinds, ["resume"]);
    from.reply("resume", { kind: "reply" });
    await resumed;
    await settled();
    void world.pool.request(worker, invoke("later"));
    from.reply("release-shards", { kind: "reply", value: released });
    await moving;
    assert.deepEqual(to.kinds, ["own-shards", "recover", "later"]);
  });

  it("leaves a shard where it is that the owner can't give away", async () => {
    const { world, from, to } = await started();
    const moving = world.move();
    await settled();
    void world.pool.request(worker, invoke("later"));
    from.reply("release-shards", { kind: "reply", value: { shards: [], unfinished: [] } });
    assert.deepEqual(await moving, []);
    assert.deepEqual([from.kinds, to.kinds], [["release-shards", "later"], []]);
    assert.equal(world.placement.ownerOf(shard), 0);
  });

  it("leaves it with the successor of an owner that dies before it gave it away", async () => {
    const { world, from, to } = await started();
    void world.pool.request(worker, invoke("first"));
    const moving = world.move();
    await settled();
    void world.pool.request(worker, invoke("second"));
    from.reply("invoke", { kind: "moved" });
    from.die();
    assert.deepEqual(await moving, []);
    await settled();
    await settled();
    assert.deepEqual([from.kinds, to.kinds], [["first", "second"], []]);
    assert.ok(world.placement.shardsOf(0).includes(shard));
  });

  it("takes it to the successor of a new owner that dies meanwhile", async () => {
    const { world, from, to } = await started();
    const moving = world.move();
    await settled();
    void world.pool.request(worker, invoke("later"));
    to.die();
    from.reply("release-shards", { kind: "reply", value: released });
    assert.deepEqual(await moving, [shard]);
    await settled();
    await settled();
    assert.deepEqual(to.kinds, ["own-shards", "recover", "later"]);
  });

  it("lets reads of what is durable go on meanwhile", async () => {
    const { world, from } = await started();
    void world.move();
    await settled();
    void world.pool.request(worker, { kind: "read-oplog", worker, question: { kind: "page" } } as unknown as Request);
    assert.deepEqual(from.kinds, ["release-shards", "read-oplog"]);
  });
});
