/** Entry of a storage thread: opens its partition of the store and serves the ports it is given. */
import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { collectWhenIdle } from "../platform/garbage.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { StoreErrorCode } from "../platform/store-error.ts";
import { openStorageMeters } from "../telemetry/storage-meters.ts";
import { StorageEngine } from "./engine.ts";
import type { StorageLimits } from "./limits.ts";
import type { ExpectedPartition, PartitionIdentity } from "./partition-identity.ts";
import { StorageService } from "./service.ts";
import { toStoreError } from "./sqlite-error.ts";

export interface StorageThreadData {
  readonly dataDirectory: string;
  readonly limits: StorageLimits;
  readonly partition: ExpectedPartition;
}

export type ToStorageThread =
  | { readonly kind: "connect"; readonly port: MessagePort }
  | { readonly kind: "close" }
  /** Answered by `metrics`. */
  | { readonly kind: "metrics" };

export type FromStorageThread =
  | { readonly kind: "ready"; readonly identity: PartitionIdentity | undefined }
  | { readonly kind: "closed" }
  | { readonly kind: "metrics"; readonly families: MetricFamilies }
  /** `refused`: it could not be opened; `fatal`: it can't go on. */
  | { readonly kind: "refused" | "fatal"; readonly code: StoreErrorCode; readonly message: string };

function serve(parent: MessagePort): void {
  const { dataDirectory, limits, partition } = workerData as StorageThreadData;
  const tell = (message: FromStorageThread): void => parent.postMessage(message, []);
  let engine: StorageEngine;
  try {
    engine = StorageEngine.open(dataDirectory, limits, partition);
  } catch (error) {
    const { code, message } = toStoreError(error, `open the storage in "${dataDirectory}"`);
    tell({ kind: "refused", code, message });
    return;
  }
  const service = new StorageService({
    engine,
    limits,
    onFatal: (error) => {
      const { code, message } = toStoreError(error, "go on storing");
      tell({ kind: "fatal", code, message });
    },
  });
  const meters = openStorageMeters();
  collectWhenIdle(() => service.activity);
  parent.on("message", (message: ToStorageThread) => {
    if (message.kind === "connect") {
      service.connect(message.port);
      return;
    }
    if (message.kind === "metrics") {
      void meters.families(engine.gauges).then((families) => tell({ kind: "metrics", families }));
      return;
    }
    service.close();
    tell({ kind: "closed" });
    parent.close();
  });
  tell({ kind: "ready", identity: engine.identity });
}

if (parentPort === null) throw new Error("cannot run the storage thread: it is not a worker thread");
serve(parentPort);
