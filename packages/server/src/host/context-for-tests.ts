/** Host interfaces as a guest would call them, without a guest: bound to an oplog in memory. */
import type { HostFunction } from "@emet/component";
import type { DurableExecution } from "../durability/durable-execution.ts";
import { createFields, TestOplog } from "../durability/oplog-for-tests.ts";
import { defaultRetryPolicy } from "../durability/retry-policy.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { Entropy } from "../platform/entropy.ts";
import { systemDatabases } from "../platform/databases/system-databases.ts";
import { systemHttpClient } from "../platform/http/system-http-client.ts";
import type { Network } from "../platform/network/network.ts";
import { openNetwork } from "../platform/network/network-for-tests.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { HostContext, PromiseAccess, PromiseReference, RpcAccess, RpcError, WorkerFacts } from "./interface.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import type { Stores } from "../storage/storage-client.ts";
import { workerEffects } from "../worker/effects.ts";
import { OwnedShards } from "../worker/owned-shards.ts";
import { workersAccess } from "../worker/workers-access.ts";
import { Trace } from "./golem-api/trace.ts";
import type { FinishedSpan } from "./golem-api/trace.ts";
import { hostInterfaces } from "./registry.ts";
import { ResourceTable } from "./resource-table.ts";
import { FileSystem } from "./wasi-filesystem/file-system.ts";
import { placeInitialFile } from "./wasi-filesystem/initial-files.ts";
import type { InitialFileContent } from "./wasi-filesystem/initial-files.ts";
import { WorkerSockets } from "./wasi-sockets/worker-sockets.ts";

export const hostWorker: WorkerId = { componentId: "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69", workerName: "worker-1" };

/** Promises in memory. */
class TestPromises implements PromiseAccess {
  readonly #states = new Map<string, Uint8Array | undefined>();

  readonly create = (id: PromiseReference): Promise<void> => {
    const key = JSON.stringify(id);
    if (!this.#states.has(key)) this.#states.set(key, undefined);
    return Promise.resolve();
  };

  readonly complete = (id: PromiseReference, data: Uint8Array): Promise<boolean | undefined> => {
    const key = JSON.stringify(id);
    if (!this.#states.has(key)) return Promise.resolve(undefined);
    const completes = this.#states.get(key) === undefined;
    if (completes) this.#states.set(key, data);
    return Promise.resolve(completes);
  };

  readonly get: PromiseAccess["get"] = (id) => {
    const key = JSON.stringify(id);
    if (!this.#states.has(key)) return Promise.resolve(undefined);
    const data = this.#states.get(key);
    return Promise.resolve(data === undefined ? { kind: "pending" } : { kind: "completed", data });
  };

  readonly delete = (id: PromiseReference): Promise<void> => {
    this.#states.delete(JSON.stringify(id));
    return Promise.resolve();
  };
}

const notFound: RpcError = { tag: "not-found", val: "there are no other workers" };

const noWorkers: RpcAccess = {
  invokeAndAwait: () => ({ result: { tag: "err", val: notFound }, settled: Promise.resolve() }),
  invoke: () => Promise.resolve({ tag: "err", val: notFound }),
  schedule: () => Promise.resolve(),
  cancel: () => Promise.resolve(),
  component: () => Promise.resolve(undefined),
};

/** A worker's outside: what lasts from one run to the next. */
export class TestHost {
  readonly oplog = new TestOplog();
  readonly promises: PromiseAccess = new TestPromises();
  stores: Stores = createMemoryStorage().stores();
  keyValueBytesMax = 1024 * 1024;
  objectBytesMax = 16 * 1024 * 1024;
  readonly http = systemHttpClient();
  readonly databases = systemDatabases();
  /** Everything is allowed, unless a test says otherwise. */
  network: Network = openNetwork();
  connection: HostContext["connection"] extends () => infer C ? C : never = undefined;
  /** `level: message` of all output. */
  readonly output: string[] = [];
  /** Sleeps asked for, in milliseconds; each ends at once, with the clock moved on. */
  readonly slept: number[] = [];
  facts: Partial<WorkerFacts> = {};
  /** Spans that have ended. */
  readonly spans: FinishedSpan[] = [];
  /** There are no other workers, unless a test puts some here. */
  rpc: RpcAccess = noWorkers;
  fileBytesMax = 1024 * 1024;
  initialFiles: readonly InitialFileContent[] = [];
  #random = 0;

  /** Different at every call, the same in every test. */
  readonly entropy: Entropy = {
    fill: (bytes) => {
      for (const index of bytes.keys()) bytes[index] = ++this.#random;
    },
    uuid: () => `00000000-0000-4000-8000-${String(++this.#random).padStart(12, "0")}`,
    fraction: () => 0,
  };

  /** A run of the worker: first it replays what earlier runs recorded. */
  start(): TestGuest {
    const { durable, writer, state } = this.oplog.run();
    if (durable.live) {
      writer.append("create", createFields);
      durable.beginInvocation({
        functionName: "f",
        idempotencyKey: "key",
        request: new Uint8Array(0),
        trace: undefined,
        callers: undefined,
      });
    } else {
      durable.takeReplayed("create");
      durable.takeReplayed("exported-function-invoked");
    }
    return new TestGuest(this, durable, state);
  }
}

/** Calls host functions by their WIT names. */
export class TestGuest {
  readonly context: HostContext;
  readonly ended = new AbortController();
  readonly #interfaces: ReturnType<typeof hostInterfaces>;

  constructor(host: TestHost, durable: DurableExecution, state: WorkerState) {
    const { clock } = host.oplog;
    const files = new FileSystem(clock, host.fileBytesMax);
    this.context = {
      durable,
      clock,
      entropy: host.entropy,
      http: host.http,
      databases: host.databases,
      sockets: new WorkerSockets(host.network),
      connection: () => host.connection,
      resources: new ResourceTable(),
      promises: host.promises,
      ...workerEffects(
        hostWorker,
        durable,
        {
          ...host.stores,
          clock,
          shardOf: () => 0,
          shards: new OwnedShards([0], 1),
          limits: { keyValueBytesMax: host.keyValueBytesMax, objectBytesMax: host.objectBytesMax },
        },
        false,
      ),
      workers: workersAccess({
        ...host.stores,
        ask: () => Promise.reject(new Error("there is no main thread")),
        yieldTurn: () => Promise.resolve(),
        image: () => Promise.resolve(undefined),
      }),
      rpc: host.rpc,
      trace: new Trace({ durable, clock, entropy: host.entropy, exportSpan: (span) => void host.spans.push(span) }),
      facts: () => ({
        id: hostWorker,
        args: ["one", "two"],
        env: [["TEST_ENV", "test-value"]],
        config: [["mode", "fast"]],
        componentVersion: 3,
        status: state.status,
        retryCount: state.retryCount,
        retryPolicy: state.policyChanges.at(-1)?.policy ?? defaultRetryPolicy,
        idempotencyKey: state.current?.idempotencyKey,
        ...host.facts,
      }),
      output: (level, lineContext, message) => {
        if (durable.log({ level, context: lineContext, message })) host.output.push(`${level}: ${message}`);
      },
      signal: this.ended.signal,
      sleep: (ms) => {
        host.slept.push(ms);
        clock.ms += ms;
        return Promise.resolve();
      },
      suspendAfterMs: 10_000,
      whileWaiting: () => () => undefined,
      files,
      usedFiles: files,
    };
    const modified = { seconds: 1_000_000_000n, nanoseconds: 0 };
    for (const file of host.initialFiles) placeInitialFile(this.context.files, file, modified);
    this.#interfaces = hostInterfaces(this.context);
  }

  /** Calls `{function}` of an interface; what it gives, awaited by the caller where it may wait. */
  call<T = unknown>(interfaceName: string, functionName: string, ...parameters: readonly unknown[]): T {
    const found: HostFunction | undefined = this.#interfaces(interfaceName)?.functions[functionName];
    if (found === undefined) throw new Error(`there is no ${interfaceName}.{${functionName}}`);
    return (found.call as (...values: readonly unknown[]) => T)(...parameters);
  }

  /** Drops a resource. */
  drop(interfaceName: string, resource: string, representation: number): void {
    this.#interfaces(interfaceName)?.resources[resource]?.drop(representation);
  }
}
