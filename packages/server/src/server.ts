/** The composition root: the one place that puts all parts of a server together. */
import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { createApp, pathTemplates } from "./api/app.ts";
import { tellRequests } from "./api/channels.ts";
import { batchListener } from "./api/invocation-batch.ts";
import { invocationListener } from "./api/invocation-listener.ts";
import { Origins } from "./api/origins.ts";
import { isWebSocketUpgrade, serveConnect } from "./api/connect.ts";
import { Balancer } from "./cluster/balancer.ts";
import { ExecutorPool } from "./cluster/executor-pool.ts";
import { ExecutorPort } from "./cluster/executor-port.ts";
import { ShardMover } from "./cluster/shard-moves.ts";
import { Placement } from "./cluster/shards.ts";
import { runTimer } from "./cluster/timer-effects.ts";
import { recoverDeliveries, recoverWorkers, workersToRecover } from "./cluster/recovery.ts";
import { Upkeep } from "./cluster/upkeep.ts";
import { ComponentRemoval } from "./cluster/component-removal.ts";
import { retireEphemeralWorkers } from "./cluster/retention.ts";
import { ScheduleService } from "./cluster/schedule-service.ts";
import { WorkerService } from "./cluster/worker-service.ts";
import { HttpService } from "./cluster/http-service.ts";
import { readComponents } from "./component/warm-up.ts";
import { ComponentService } from "./component/component-service.ts";
import { httpTransform } from "./component/http-transform.ts";
import { PluginService } from "./component/plugin-service.ts";
import type { Settings } from "./config/settings.ts";
import { spawnExecutor } from "./executor-thread.ts";
import { Gateway } from "./api/gateway/gateway.ts";
import { RouteService } from "./api/gateway/route-service.ts";
import { collectByShare, collectWhenIdle } from "./platform/garbage.ts";
import { headerBytesMax } from "./platform/http/http-client.ts";
import type { Logger } from "./platform/logger.ts";
import { openLogger } from "./platform/logger.ts";
import { openBalancerMeters } from "./telemetry/balancer-meters.ts";
import { requestSpans } from "./telemetry/request-spans.ts";
import type { SpanExporter } from "./telemetry/spans.ts";
import { openSpanExporter } from "./telemetry/spans.ts";
import { logServer } from "./telemetry/server-log.ts";
import { metricsText, openServerMeters } from "./telemetry/server-meters.ts";
import { systemClock } from "./platform/clock.ts";
import { systemEntropy } from "./platform/entropy.ts";
import { sleep } from "./platform/sleep.ts";
import { partitionsFor } from "./storage/partitions.ts";
import { openStorage } from "./storage/storage.ts";
import type { Storage } from "./storage/storage.ts";
import type { StorageClient } from "./storage/storage-client.ts";
import type { WorkerId } from "./platform/worker-id.ts";
import { shardOf } from "./platform/worker-shards.ts";
import { callsTimer } from "./worker/suspension.ts";
import { TimerService } from "./worker/timer-service.ts";
import { answer } from "./worker/questions.ts";
import type { Answers } from "./worker/questions.ts";
import { toErrorData } from "./worker/worker-error.ts";
import { version } from "./version.ts";

/**
 * How long a connection may stay idle: longer than with the proxies and clients that would use it again in the moment in
 * which it is closed.
 */
const keepAliveTimeout = 75_000;

export interface RunningServer {
  /** `http://127.0.0.1:9881` */
  readonly url: string;
  /** Where custom HTTP APIs are served. */
  readonly customUrl: string;
  /** Stops accepting, lets storage finish, and ends all threads. Nothing acknowledged is lost. */
  readonly stop: () => Promise<void>;
}

export interface ServerOptions {
  readonly settings: Settings;
  /** Durability can't be guaranteed any more: the process must end with a non-zero code. */
  readonly onFatal: (reason: Error) => void;
}

interface LoggedOptions extends ServerOptions {
  readonly logger: Logger;
}

/** The parts of a server that know each other; made in the order of their dependence. */
interface Parts {
  readonly components: ComponentService;
  readonly plugins: PluginService;
  readonly executors: ExecutorPool;
  readonly balancer: Balancer;
  readonly workers: WorkerService;
  readonly removal: ComponentRemoval;
  readonly timers: TimerService;
  readonly schedules: ScheduleService;
  readonly http: HttpService;
  readonly routes: RouteService;
  readonly answers: Answers;
}

/** Resolves when calls are accepted and every worker that was running is being recovered. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, onFatal } = options;
  const logger = openLogger({ level: settings.logLevel, format: settings.logFormat });
  logServer(logger);
  collectByShare();
  const dataDirectory = resolve(settings.dataDir);
  if (settings.clean) await rm(dataDirectory, { recursive: true, force: true });
  const storage = await openStorage({
    dataDirectory,
    partitions: settings.storagePartitions === 0 ? undefined : settings.storagePartitions,
    newPartitions: partitionsFor(settings.executors),
    onFatal,
  });
  const stores = storage.client(storage.connect());
  const parts = makeParts({ ...options, logger }, storage, stores);
  const { executors, balancer, timers, routes } = parts;
  let healthy = false;
  const exporter = settings.traceEndpoint === "" ? undefined : await openSpanExporter(settings.traceEndpoint);
  const { server, customServer } = makeServers({ settings, storage, parts, exporter, healthy: () => healthy });
  await routes.load();
  void readComponents(parts.components);
  await executors.start();
  const url = await listen(server, settings.host, settings.port);
  const customUrl = await listen(customServer, settings.host, settings.customRequestPort);
  const interrupted = await workersToRecover(stores.workers, () => true);
  void recoverWorkers(interrupted, executors);
  await recoverDeliveries(stores.deliveries, executors, () => true);
  timers.trigger(callsTimer);
  timers.start();
  const upkeep = makeUpkeep({ ...options, logger }, storage, stores, parts);
  upkeep.start();
  if (settings.rebalancing && settings.executors > 1) balancer.start();
  healthy = true;
  logger.info("server started", { version, url, customUrl, dataDirectory, storagePartitions: storage.partitions });
  return {
    url,
    customUrl,
    stop: async () => {
      healthy = false;
      timers.stop();
      await Promise.all([upkeep.stop(), balancer.stop(), storage.archiver.stop()]);
      server.close();
      customServer.close();
      await executors.stop();
      server.closeAllConnections();
      customServer.closeAllConnections();
      stores.close();
      await storage.close();
      await exporter?.flush();
      logger.info("server stopped");
    },
  };
}

interface ServersOptions {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly parts: Parts;
  readonly exporter: SpanExporter | undefined;
  readonly healthy: () => boolean;
}

/** Both don't listen yet. */
function makeServers({ settings, storage, parts, exporter, healthy }: ServersOptions): {
  readonly server: Server;
  readonly customServer: Server;
} {
  const { executors, workers, http, routes } = parts;
  const entropy = systemEntropy();
  const requestBytesMax = settings.requestSizeMax;
  const app = createApp({
    ...parts,
    entropy,
    version,
    healthy,
    metrics: async () =>
      metricsText([
        await meters.families(),
        await balancerMeters.families(),
        ...(await storage.metrics()),
        ...(await executors.metrics()),
      ]),
    requestBytesMax,
  });
  const meters = openServerMeters(pathTemplates(app));
  const balancerMeters = openBalancerMeters();
  const beginSpan = exporter === undefined ? undefined : requestSpans(exporter, systemClock(), entropy);
  const invocations = invocationListener({ workers, requestBytesMax, beginSpan });
  const batches = batchListener({ workers, requestBytesMax, beginSpan });
  const others = getRequestListener(app.fetch);
  const origins = new Origins(settings.corsOrigins);
  const server = createServer({ shouldUpgradeCallback: isWebSocketUpgrade, keepAliveTimeout }, (request, response) => {
    if (origins.answer(request, response)) return;
    if (invocations(request, response) || batches(request, response)) return;
    void others(request, response);
  });
  let requests = 0;
  server.on("request", () => (requests += 1));
  collectWhenIdle(() => requests);
  tellRequests("api", server);
  serveConnect(server, workers, origins);
  const gateway = new Gateway({ routes, http, entropy });
  // A body may take as long as it likes.
  const customServer = createServer(
    { requestTimeout: 0, maxHeaderSize: headerBytesMax, keepAliveTimeout },
    gateway.listener,
  );
  tellRequests("custom", customServer);
  return { server, customServer };
}

function makeUpkeep(
  { settings, logger }: LoggedOptions,
  storage: Storage,
  stores: StorageClient,
  { components, executors, removal }: Parts,
): Upkeep {
  const retention = {
    components,
    executors,
    index: stores.workers,
    clock: systemClock(),
    retentionMs: settings.ephemeralRetentionMs,
  };
  return new Upkeep({
    intervalMs: settings.upkeepMs,
    sleep,
    tasks: [
      { name: "remove deleted components", run: () => removal.resume() },
      { name: "delete old ephemeral workers", run: () => retireEphemeralWorkers(retention) },
      { name: "archive oplogs", run: () => storage.archiver.run() },
    ],
    onError: (task, error) => logger.error(`could not ${task}`, { error: String(error) }),
  });
}

function makeParts(options: LoggedOptions, storage: Storage, stores: StorageClient): Parts {
  const { settings, logger } = options;
  const clock = systemClock();
  const entropy = systemEntropy();
  const components = new ComponentService({
    store: stores.components,
    blobs: stores.blobs,
    clock,
    entropy,
    componentBytesMax: settings.componentSizeMax,
    filesBytesMax: settings.componentFilesMax,
    moduleLimits: { memoryBytesMax: settings.workerMemoryMax, tableEntriesMax: settings.workerTableMax },
    transform: httpTransform({ fetch, sleep, bytesMax: settings.componentSizeMax }),
  });
  const plugins = new PluginService({ store: stores.plugins, components, clock, entropy });
  const { executors, balancer } = makeExecutors({ options, storage, stores, parts: () => parts });
  const workers = new WorkerService({ components, executors, index: stores.workers, entropy });
  const removal = new ComponentRemoval({ components, plugins, workers, index: stores.workers });
  const timers = new TimerService({
    timers: stores.timers,
    clock,
    sleep,
    run: (timer) =>
      runTimer(timer, {
        request: (worker, request) => executors.request(worker, request),
        invoke: (asked) => workers.invokeFor(asked),
        onRefused: ({ worker }, error) =>
          logger.warn("scheduled call was refused", {
            component: worker.componentId,
            worker: worker.workerName,
            error: error.message,
          }),
      }),
    onError: (error) => logger.error("timer failed", { error: String(error) }),
  });
  const http = new HttpService({ components, executors, entropy });
  const routes = new RouteService({ store: stores.routes, components, clock, entropy });
  const answers: Answers = {
    image: ({ componentId, version: wanted }) => components.image(componentId, wanted),
    invoke: (asked) => workers.invokeFor(asked),
    command: (asked) => workers.command(asked),
    "pass-on": async (request) => {
      await executors.request(request.worker, request);
      return undefined;
    },
    component: async ({ name }) => (await components.list(name))[0]?.componentId,
  };
  const schedules = new ScheduleService({
    components,
    index: stores.workers,
    promises: stores.promises,
    timers: stores.timers,
    timerService: timers,
  });
  const parts: Parts = {
    components,
    plugins,
    executors,
    balancer,
    workers,
    removal,
    timers,
    schedules,
    http,
    routes,
    answers,
  };
  return parts;
}

interface ExecutorsOptions {
  readonly options: LoggedOptions;
  readonly storage: Storage;
  readonly stores: StorageClient;
  /** For what arrives from the threads, which start after all parts are made. */
  readonly parts: () => Parts;
}

function makeExecutors(given: ExecutorsOptions): Pick<Parts, "executors" | "balancer"> {
  const { settings, logger } = given.options;
  const placement = new Placement(settings.executors);
  const shares = Array.from({ length: settings.executors }, () => 1 / settings.executors);
  const ports = shares.map((_, executor) =>
    makePort({ ...given, executor, placement, share: () => shares[executor] ?? 0 }),
  );
  const executors = new ExecutorPool({
    ports,
    placement,
    pingIntervalMs: settings.executorPingMs,
    unresponsiveMs: settings.executorTimeoutMs,
  });
  const { routes } = executors;
  const stopped = new AbortController();
  const { acquireEpoch } = given.stores.oplogs;
  const mover = new ShardMover({ ports, routes, placement, acquireEpoch, sleep, signal: stopped.signal });
  const balancer = new Balancer({
    ports,
    placement,
    mover,
    shares,
    intervalMs: settings.rebalanceMs,
    sleep,
    stopped,
    onError: (error) => logger.warn("could not balance executors", { error: String(error) }),
  });
  return { executors, balancer };
}

interface PortOptions extends ExecutorsOptions {
  /** Its number. */
  readonly executor: number;
  readonly placement: Placement;
  /** Its part of what all executors may have in memory, as of now. */
  readonly share: () => number;
}

function makePort({ options, storage, stores, executor, placement, share, parts }: PortOptions): ExecutorPort {
  const { settings, logger, onFatal } = options;
  return new ExecutorPort({
    spawn: async () => {
      const shards = placement.shardsOf(executor);
      const epoch = await stores.oplogs.acquireEpoch(shards);
      const dataDirectory = resolve(settings.dataDir);
      const storagePorts = storage.connect();
      return spawnExecutor({ settings, dataDirectory, storagePorts, shards, epoch, share: share(), executor });
    },
    onMoved: (call, moved) => parts().executors.moved(call, moved),
    onMessage: (message, reply) => {
      if (message.kind === "event") parts().workers.deliver(message.subscription, message.event);
      else if (message.kind === "http") parts().http.deliver(message.exchange, message.part);
      else if (message.kind === "timer-set") parts().timers.notify(message.dueMs);
      else if (message.kind === "question") {
        const { call, question } = message;
        answer(parts().answers, question).then(
          (value) => reply({ kind: "answer", call, value }),
          (error: unknown) => reply({ kind: "refusal", call, error: toErrorData(error) }),
        );
      }
    },
    onReplaced: (reason) => {
      logger.error("executor was replaced", { executor, error: reason.message });
      const ownsWorker = (id: WorkerId): boolean => placement.ownerOf(shardOf(id)) === executor;
      workersToRecover(stores.workers, ownsWorker)
        .then((workers) => recoverWorkers(workers, parts().executors))
        .catch(onFatal);
      recoverDeliveries(stores.deliveries, parts().executors, ownsWorker).catch(onFatal);
      parts().timers.trigger(callsTimer);
      parts().workers.reconnect(ownsWorker);
      parts().http.lost(ownsWorker);
    },
    onFatal,
  });
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}
