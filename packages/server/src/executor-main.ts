/** The entry of an executor thread: wires an `Executor` with its ports to the storage and to the main thread. */
import { setImmediate as immediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { ComponentImage } from "./component/component-image.ts";
import { Outbox } from "./platform/outbox.ts";
import { systemClock } from "./platform/clock.ts";
import { systemEntropy } from "./platform/entropy.ts";
import { systemDatabases } from "./platform/databases/system-databases.ts";
import { systemHttpClient } from "./platform/http/system-http-client.ts";
import type { NetworkPolicy } from "./platform/network/policy.ts";
import { systemNetwork } from "./platform/network/system-network.ts";
import { sleep } from "./platform/sleep.ts";
import { shardOf } from "./platform/worker-shards.ts";
import type { StoragePorts } from "./storage/storage-client.ts";
import { openStorageClient } from "./storage/storage-client.ts";
import { collectWhenIdle } from "./platform/garbage.ts";
import type { LoggerOptions } from "./platform/logger.ts";
import { openLogger } from "./platform/logger.ts";
import { logExecutor } from "./telemetry/executor-log.ts";
import { openExecutorMeters } from "./telemetry/executor-meters.ts";
import { Executor } from "./worker/executor.ts";
import type { LoadedLimits } from "./worker/loaded-limits.ts";
import type { ExecutorToMain, MainToExecutor, ReplyValue, Request } from "./worker/messages.ts";
import { OwnedShards, MovedError } from "./worker/owned-shards.ts";
import { packReplies, unpackRequests } from "./worker/packed-messages.ts";
import type { Packed } from "./worker/packed-messages.ts";
import { Asking } from "./worker/questions.ts";
import type { Ask } from "./worker/questions.ts";
import type { WorkerLimits, WorkerServices } from "./worker/services.ts";
import { openSpanExporter } from "./telemetry/spans.ts";
import { toErrorData, WorkerError } from "./worker/worker-error.ts";

/** What the main thread gives to a new executor. */
export interface ExecutorData {
  readonly storagePorts: StoragePorts;
  readonly dataDirectory: string;
  readonly shards: readonly number[];
  readonly epoch: number;
  readonly workerLimits: WorkerLimits;
  /** Of all executors, and this one's part of them. */
  readonly loadedLimits: LoadedLimits;
  readonly share: number;
  readonly networkPolicy: NetworkPolicy;
  /** Its number. */
  readonly executor: number;
  readonly log: LoggerOptions;
  /** Of a collector of traces; empty for none. */
  readonly traceEndpoint: string;
}

/** Compiled versions, from the main thread; each is asked for once. */
function imageSource(ask: Ask): WorkerServices["image"] {
  const images = new Map<string, Promise<ComponentImage | undefined>>();
  return (componentId, version) => {
    const key = `${componentId}/${version}`;
    const known = images.get(key);
    if (known !== undefined) return known;
    const image = ask("image", { componentId, version });
    images.set(key, image);
    // A version that isn't there now may be there later.
    const forget = (): void => void images.delete(key);
    image.then((found) => {
      if (found === undefined) forget();
    }, forget);
    return image;
  };
}

interface ReceiverOptions {
  readonly executor: Executor;
  readonly asking: Asking;
  /** Sends what is left to tell, at the end. */
  readonly flush: () => Promise<void>;
  readonly post: (message: ExecutorToMain) => void;
}

/** What is done with a message of the main thread. */
function receiver({ executor, asking, flush, post }: ReceiverOptions): (message: MainToExecutor) => void {
  /** By the numbers of their calls. */
  const searches = new Map<number, AbortController>();
  /** Of all requests only a search goes on for long and leaves nothing behind, so that it may be ended. */
  const search = async (call: number, request: Request): Promise<ReplyValue> => {
    const abandoned = new AbortController();
    searches.set(call, abandoned);
    try {
      return await executor.handle(request, abandoned.signal);
    } finally {
      searches.delete(call);
    }
  };
  const stop = async (request: Request): Promise<ReplyValue> => {
    const value = await executor.handle(request);
    await flush();
    return value;
  };
  const handle = (call: number, request: Request): Promise<ReplyValue> => {
    if (request.kind === "read-oplog") return search(call, request);
    return request.kind === "stop" ? stop(request) : executor.handle(request);
  };
  return (message) => {
    if (message.kind === "answer") return asking.answered(message.call, message.value);
    if (message.kind === "refusal") return asking.refused(message.call, new WorkerError(message.error));
    if (message.kind === "http") return executor.receiveHttp(message.exchange, message.part);
    const { call } = message;
    if (message.kind === "abandon") return searches.get(call)?.abort(new Error("nobody waits for it"));
    handle(call, message.request).then(
      (value) => post({ kind: "reply", call, value }),
      (error: unknown) =>
        post(
          error instanceof MovedError ? { kind: "moved", call } : { kind: "error", call, error: toErrorData(error) },
        ),
    );
  };
}

async function start(port: MessagePort, data: ExecutorData): Promise<void> {
  const outbox = new Outbox<ExecutorToMain>((messages) => port.postMessage(packReplies(messages)));
  const post = (message: ExecutorToMain): void => outbox.send(message);
  const stores = openStorageClient({
    ports: data.storagePorts,
    dataDirectory: data.dataDirectory,
    onWatched: (dueMs) => post({ kind: "timer-set", dueMs }),
  });
  const exporter = data.traceEndpoint === "" ? undefined : await openSpanExporter(data.traceEndpoint);
  const asking = new Asking((call, question) => post({ kind: "question", call, question }));
  const meters = openExecutorMeters(data.executor);
  logExecutor(openLogger(data.log));
  const executor = new Executor({
    services: {
      oplogs: stores.oplogs,
      workers: stores.workers,
      promises: stores.promises,
      timers: stores.timers,
      deliveries: stores.deliveries,
      blobs: stores.blobs,
      keyValues: stores.keyValues,
      objects: stores.objects,
      memorySnapshots: stores.memorySnapshots,
      clock: systemClock(),
      entropy: systemEntropy(),
      http: systemHttpClient(data.networkPolicy),
      databases: systemDatabases(),
      network: systemNetwork(data.networkPolicy),
      sleep,
      yieldTurn: () => immediate(),
      image: imageSource(asking.ask),
      ask: asking.ask,
      exportSpan: exporter?.export,
      timerSet: (dueMs) => post({ kind: "timer-set", dueMs }),
      shardOf,
      shards: new OwnedShards(data.shards, data.epoch),
      limits: data.workerLimits,
    },
    limits: data.loadedLimits,
    share: data.share,
    activity: () => performance.eventLoopUtilization(),
    emit: (subscription, event) => post({ kind: "event", subscription, event }),
    emitHttp: (exchange, part) => post({ kind: "http", exchange, part }),
    metrics: meters.families,
  });
  collectWhenIdle(() => executor.activity);

  const flush = async (): Promise<void> => await exporter?.flush();
  const receive = receiver({ executor, asking, flush, post });
  port.on("message", (packed: Packed) => unpackRequests(packed, receive));
  post({ kind: "ready" });
}

if (parentPort === null) throw new Error("executor-main runs in a worker thread only");
await start(parentPort, workerData as ExecutorData);
