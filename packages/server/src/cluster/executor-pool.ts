/** All executors of this node: routes requests to the owner of a worker and watches that the threads answer. */
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { MainToExecutor, ReplyValue, Request } from "../worker/messages.ts";
import type { ExecutorPort } from "./executor-port.ts";
import { shardOf } from "../platform/worker-shards.ts";
import { executorOf } from "./shards.ts";

export interface ExecutorPoolOptions {
  readonly ports: readonly ExecutorPort[];
  /** How often a thread is asked whether it lives, and how long it may take to answer. */
  readonly pingIntervalMs: number;
  readonly unresponsiveMs: number;
}

export class ExecutorPool {
  readonly #options: ExecutorPoolOptions;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: ExecutorPoolOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await Promise.all(this.#options.ports.map((port) => port.start()));
    for (const port of this.#options.ports) this.#watch(port);
  }

  /** `ExecutorPort.request`. */
  request(worker: WorkerId, request: Request, signal?: AbortSignal): Promise<ReplyValue> {
    return this.#owner(worker).request(request, signal);
  }

  /** A message that isn't answered, to the owner of a worker. */
  post(worker: WorkerId, message: MainToExecutor): void {
    this.#owner(worker).post(message);
  }

  #owner(worker: WorkerId): ExecutorPort {
    const { ports } = this.#options;
    const port = ports[executorOf(shardOf(worker), ports.length)];
    if (port === undefined) throw new Error("there are no executors");
    return port;
  }

  async metrics(): Promise<readonly MetricFamilies[]> {
    const replies = await Promise.all(this.#options.ports.map((port) => port.request({ kind: "metrics" })));
    return replies as readonly MetricFamilies[];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#options.ports.map((port) => port.stop()));
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
