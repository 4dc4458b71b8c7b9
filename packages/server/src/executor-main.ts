/** The entry of an executor thread: wires an `Executor` with its ports to the storage and to the main thread. */
import { setImmediate as immediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { ComponentImage } from "./component/component-image.ts";
import { shardOf } from "./cluster/shards.ts";
import { Outbox } from "./platform/outbox.ts";
import { systemClock } from "./platform/clock.ts";
import { systemEntropy } from "./platform/entropy.ts";
import { sleep } from "./platform/sleep.ts";
import { openStorageClient } from "./storage/storage-client.ts";
import { Executor } from "./worker/executor.ts";
import type { LoadedLimits } from "./worker/loaded-workers.ts";
import type { ExecutorToMain, MainToExecutor } from "./worker/messages.ts";
import type { WorkerLimits } from "./worker/services.ts";
import { toErrorData } from "./worker/worker-error.ts";

/** What the main thread gives to a new executor. */
export interface ExecutorData {
  readonly storagePort: MessagePort;
  readonly dataDirectory: string;
  readonly epoch: number;
  readonly workerLimits: WorkerLimits;
  readonly loadedLimits: LoadedLimits;
}

/** Asks the main thread for compiled versions; each is asked for once. */
function imageSource(post: (message: ExecutorToMain) => void): {
  readonly image: (componentId: string, version: number) => Promise<ComponentImage | undefined>;
  readonly receive: (call: number, image: ComponentImage | undefined) => void;
} {
  const images = new Map<string, Promise<ComponentImage | undefined>>();
  const calls = new Map<number, (image: ComponentImage | undefined) => void>();
  let nextCall = 0;
  const ask = (componentId: string, version: number): Promise<ComponentImage | undefined> => {
    const { promise, resolve } = Promise.withResolvers<ComponentImage | undefined>();
    const call = nextCall++;
    calls.set(call, resolve);
    post({ kind: "component-wanted", call, componentId, version });
    return promise;
  };
  return {
    image: (componentId, version) => {
      const key = `${componentId}/${version}`;
      const known = images.get(key);
      if (known !== undefined) return known;
      const image = ask(componentId, version);
      images.set(key, image);
      // A version that isn't there now may be there later.
      void image.then((found) => found ?? images.delete(key));
      return image;
    },
    receive: (call, image) => {
      calls.get(call)?.(image);
      calls.delete(call);
    },
  };
}

function start(port: MessagePort, data: ExecutorData): void {
  const outbox = new Outbox<ExecutorToMain>((messages) => port.postMessage(messages));
  const post = (message: ExecutorToMain): void => outbox.send(message);
  const stores = openStorageClient({ port: data.storagePort, dataDirectory: data.dataDirectory });
  const images = imageSource(post);
  const executor = new Executor({
    services: {
      oplogs: stores.oplogs,
      promises: stores.promises,
      timers: stores.timers,
      blobs: stores.blobs,
      clock: systemClock(),
      entropy: systemEntropy(),
      sleep,
      yieldTurn: () => immediate(),
      image: images.image,
      timerSet: (dueMs) => post({ kind: "timer-set", dueMs }),
      shardOf,
      epoch: data.epoch,
      limits: data.workerLimits,
    },
    limits: data.loadedLimits,
    emit: (subscription, event) => post({ kind: "event", subscription, event }),
  });
  const receive = (message: MainToExecutor): void => {
    if (message.kind === "component") {
      images.receive(message.call, message.image);
      return;
    }
    const { call, request } = message;
    executor.handle(request).then(
      (value) => post({ kind: "reply", call, value }),
      (error: unknown) => post({ kind: "error", call, error: toErrorData(error) }),
    );
  };
  port.on("message", (messages: readonly MainToExecutor[]) => {
    for (const message of messages) receive(message);
  });
  post({ kind: "ready" });
}

if (parentPort === null) throw new Error("executor-main runs in a worker thread only");
start(parentPort, workerData as ExecutorData);
