/** The composition root: the one place that puts all parts of a server together. */
import { createAdaptorServer } from "@hono/node-server";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { createApp } from "./api/app.ts";
import { serveConnect } from "./api/connect.ts";
import { ExecutorPool } from "./cluster/executor-pool.ts";
import { ExecutorPort } from "./cluster/executor-port.ts";
import { allShards, executorOf, shardOf } from "./cluster/shards.ts";
import { recoverWorkers } from "./cluster/recovery.ts";
import { WorkerService } from "./cluster/worker-service.ts";
import { ComponentService } from "./component/component-service.ts";
import type { Settings } from "./config/settings.ts";
import { spawnExecutor } from "./executor-thread.ts";
import { metricsText } from "./metrics.ts";
import { systemClock } from "./platform/clock.ts";
import { systemEntropy } from "./platform/entropy.ts";
import { openStorage } from "./storage/storage.ts";
import { TimerService } from "./worker/timer-service.ts";
import { version } from "./version.ts";

export interface RunningServer {
  /** `http://127.0.0.1:9881` */
  readonly url: string;
  /** Stops accepting, lets storage finish, and ends all threads. Nothing acknowledged is lost. */
  readonly stop: () => Promise<void>;
}

export interface ServerOptions {
  readonly settings: Settings;
  readonly log: (message: string) => void;
  /** Durability can't be guaranteed any more: the process must end with a non-zero code. */
  readonly onFatal: (reason: Error) => void;
}

/** Resolves when calls are accepted and every worker that was running is being recovered. */
export async function startServer({ settings, log, onFatal }: ServerOptions): Promise<RunningServer> {
  const dataDirectory = resolve(settings.dataDir);
  if (settings.clean) await rm(dataDirectory, { recursive: true, force: true });
  const storage = await openStorage({ dataDirectory, onFatal });
  const stores = storage.client(storage.connect());
  const clock = systemClock();
  const entropy = systemEntropy();
  const components = new ComponentService({
    store: stores.components,
    blobs: stores.blobs,
    clock,
    entropy,
    componentBytesMax: settings.componentSizeMax,
    memoryBytesMax: settings.workerMemoryMax,
  });
  const ports = Array.from({ length: settings.executors }, (_, executor) => {
    const shards = allShards.filter((shard) => executorOf(shard, settings.executors) === executor);
    return new ExecutorPort({
      spawn: async () => {
        const epoch = await stores.oplogs.acquireEpoch(shards);
        return spawnExecutor({ settings, dataDirectory, storagePort: storage.connect(), epoch, executor });
      },
      onMessage: (message, reply) => {
        if (message.kind === "event") workers.deliver(message.subscription, message.event);
        else if (message.kind === "timer-set") timers.notify(message.dueMs);
        else if (message.kind === "component-wanted") {
          const { call, componentId, version: wanted } = message;
          const answer = (image: Awaited<ReturnType<typeof components.image>>): void =>
            reply({ kind: "component", call, image });
          components.image(componentId, wanted).then(answer, () => answer(undefined));
        }
      },
      onReplaced: (reason) => {
        log(`executor ${executor} was replaced: ${reason.message}`);
        const isOwn = (id: Parameters<typeof shardOf>[0]): boolean =>
          executorOf(shardOf(id), settings.executors) === executor;
        recoverWorkers(stores.workers, executors, isOwn).catch(onFatal);
      },
      onFatal,
    });
  });
  const executors = new ExecutorPool({
    ports,
    pingIntervalMs: settings.executorPingMs,
    unresponsiveMs: settings.executorTimeoutMs,
  });
  const workers = new WorkerService({ components, executors, index: stores.workers, entropy });
  const timers = new TimerService({
    timers: stores.timers,
    clock,
    run: async ({ worker, name }) => {
      const cause = name.startsWith("promise:") ? "promise" : "timer";
      await executors.request(worker, { kind: "activate", worker, cause });
    },
    onError: (error) => log(`a timer failed: ${String(error)}`),
  });
  let healthy = false;
  const app = createApp({
    components,
    workers,
    version,
    healthy: () => healthy,
    metrics: async () => metricsText(await executors.metrics()),
    requestBytesMax: settings.requestSizeMax,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  serveConnect(server, workers);
  await executors.start();
  const url = await listen(server, settings);
  await recoverWorkers(stores.workers, executors, () => true);
  timers.start();
  healthy = true;
  return {
    url,
    stop: async () => {
      healthy = false;
      timers.stop();
      server.close();
      await executors.stop();
      server.closeAllConnections();
      stores.close();
      await storage.close();
    },
  };
}

async function listen(server: Server, { host, port }: Settings): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}
