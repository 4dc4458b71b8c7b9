/** Starts an executor thread. */
import { Worker } from "node:worker_threads";
import type { Settings } from "./config/settings.ts";
import type { ExecutorData } from "./executor-main.ts";
import { parseNetworkRules } from "./platform/network/policy.ts";
import { Outbox } from "./platform/outbox.ts";
import { threadEnvironment } from "./platform/threads.ts";
import type { MainToExecutor } from "./worker/messages.ts";
import { packRequests, unpackReplies } from "./worker/packed-messages.ts";
import type { Packed } from "./worker/packed-messages.ts";
import type { Thread } from "./cluster/executor-port.ts";
import { processLimits } from "./worker/executor-limits.ts";
import type { StoragePorts } from "./storage/storage-client.ts";
import type { LoadedLimits } from "./worker/loaded-limits.ts";

export interface SpawnOptions {
  readonly settings: Settings;
  readonly dataDirectory: string;
  readonly storagePorts: StoragePorts;
  /** Those that it owns to begin with, in that epoch. */
  readonly shards: readonly number[];
  readonly epoch: number;
  /** Its part of what all executors may have in memory. */
  readonly share: number;
  readonly executor: number;
}

/** Run from source the thread's file is TypeScript; built, it is JavaScript beside this one. */
const threadFile = new URL(
  import.meta.url.endsWith(".ts") ? "./executor-main.ts" : "./executor-main.js",
  import.meta.url,
);

/** The thread's own stack, for guests called without suspension; as large as that of suspendable calls. */
const stackMb = 8;

/** What all executors may have in memory together. */
function loadedLimits(settings: Settings): LoadedLimits {
  const { loadedWorkersMax } = settings;
  const { mappings, memories } = processLimits();
  return {
    loadedWorkersMax,
    componentWorkersMax: (loadedWorkersMax * settings.componentLoadedShare) / 100,
    bytesMax: settings.linearMemoryMax,
    mappingsMax: mappings,
    memoriesMax: memories,
    idleMs: settings.idleUnloadMs,
  };
}

export function spawnExecutor({ settings, storagePorts, ...given }: SpawnOptions): Thread {
  const workerData: ExecutorData = {
    ...given,
    storagePorts,
    log: { level: settings.logLevel, format: settings.logFormat },
    traceEndpoint: settings.traceEndpoint,
    workerLimits: {
      suspendAfterMs: settings.suspendAfterMs,
      sliceMs: settings.sliceMs,
      invocationFuelMax: settings.invocationFuelMax,
      queuedInvocationsMax: settings.queuedInvocationsMax,
      fileBytesMax: settings.workerFilesMax,
      keyValueBytesMax: settings.keyValueSizeMax,
      objectBytesMax: settings.objectSizeMax,
      stderrBytesMax: 65_536,
      memorySnapshots: {
        enabled: settings.memorySnapshots,
        entries: settings.memorySnapshotEntries,
        bytes: settings.memorySnapshotBytes,
        replayMs: settings.memorySnapshotReplayMs,
        memoryBytesMax: settings.memorySnapshotMemoryMax,
      },
    },
    networkPolicy: {
      outgoing: parseNetworkRules(settings.outgoingAllowed),
      listening: parseNetworkRules(settings.listeningAllowed),
      nameLookup: settings.nameLookup,
    },
    loadedLimits: loadedLimits(settings),
  };
  const thread = new Worker(threadFile, {
    workerData,
    env: threadEnvironment(),
    transferList: [...storagePorts],
    name: `executor-${given.executor}`,
    resourceLimits: { stackSizeMb: stackMb },
  });
  let failure = new Error("the thread ended");
  thread.on("error", (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  const outbox = new Outbox<MainToExecutor>((messages) => thread.postMessage(packRequests(messages)));
  return {
    post: (message) => outbox.send(message),
    onMessage: (listener) => void thread.on("message", (packed: Packed) => unpackReplies(packed, listener)),
    onExit: (listener) => void thread.once("exit", () => listener(failure)),
    terminate: async () => {
      await thread.terminate();
    },
  };
}
