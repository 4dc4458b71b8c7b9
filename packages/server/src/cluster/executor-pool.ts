/** All executors of this node: routes requests to the owner of a worker and watches that the threads answer. */
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { MainToExecutor, ReplyValue, Request } from "../worker/messages.ts";
import { shardOf } from "../platform/worker-shards.ts";
import type { Call, ExecutorPort } from "./executor-port.ts";
import { newCall, stopping } from "./executor-port.ts";
import { Routes } from "./routes.ts";
import { doneAnywhere, workerOf } from "./shard-moves.ts";
import { allShards } from "./shards.ts";
import type { Placement } from "./shards.ts";

export interface ExecutorPoolOptions {
  readonly ports: readonly ExecutorPort[];
  readonly placement: Placement;
  /** How often a thread is asked whether it lives, and how long it may take to answer. */
  readonly pingIntervalMs: number;
  readonly unresponsiveMs: number;
}

export class ExecutorPool {
  readonly routes: Routes;
  readonly #options: ExecutorPoolOptions;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: ExecutorPoolOptions) {
    const { ports, placement } = options;
    this.#options = options;
    this.routes = new Routes(allShards.map((shard) => portAt(ports, placement.ownerOf(shard))));
  }

  get ports(): readonly ExecutorPort[] {
    return this.#options.ports;
  }

  async start(): Promise<void> {
    await Promise.all(this.#options.ports.map((port) => port.start()));
    for (const port of this.#options.ports) this.#watch(port);
  }

  /** `ExecutorPort.request`. */
  request(worker: WorkerId, request: Request, signal?: AbortSignal): Promise<ReplyValue> {
    const shard = shardOf(worker);
    const port = this.routes.of(shard);
    return port === undefined ? this.#requestLater(shard, request, signal) : port.request(request, signal);
  }

  /** A message that isn't answered, to the owner of a worker. */
  post(worker: WorkerId, message: MainToExecutor): void {
    const shard = shardOf(worker);
    const port = this.routes.of(shard);
    if (port === undefined) this.routes.post(shard, message);
    else port.post(message);
  }

  /** `ExecutorPortOptions.onMoved`. */
  moved(number: number, call: Call): void {
    const worker = workerOf(call.request);
    if (worker !== undefined) this.routes.returned(shardOf(worker), number, call);
  }

  #requestLater(shard: number, request: Request, signal: AbortSignal | undefined): Promise<ReplyValue> {
    if (doneAnywhere.has(request.kind)) return portAt(this.#options.ports, 0).request(request, signal);
    const call = newCall(request);
    this.routes.submit(shard, call);
    return call.answer;
  }

  async metrics(): Promise<readonly MetricFamilies[]> {
    const replies = await Promise.all(this.#options.ports.map((port) => port.request({ kind: "metrics" })));
    return replies as readonly MetricFamilies[];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#options.ports.map((port) => port.stop()));
    this.routes.close(stopping());
  }

  /** A guest yields by its fuel; a thread that doesn't answer hangs in native code or a bug of the host. */
  #watch(port: ExecutorPort): void {
    const { pingIntervalMs, unresponsiveMs } = this.#options;
    let askedAt: number | undefined;
    const ask = (): void => {
      if (askedAt === undefined) {
        askedAt = performance.now();
        const answered = (): void => {
          askedAt = undefined;
        };
        port.request({ kind: "ping" }).then(answered, answered);
      } else if (performance.now() - askedAt > unresponsiveMs) {
        askedAt = undefined;
        void port.terminate();
      }
    };
    this.#timers.push(setInterval(ask, pingIntervalMs).unref());
  }
}

function portAt(ports: readonly ExecutorPort[], executor: number | undefined): ExecutorPort {
  const port = ports[executor ?? 0];
  if (port === undefined) throw new Error("there are no executors");
  return port;
}
