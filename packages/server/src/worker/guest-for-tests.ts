/** What tests and benchmarks need to run a worker's instance without a server: services in memory, an image, a session. */
import { compile, describeComponent, prepareComponent } from "@emet/component";
import type { ComponentImage } from "../component/component-image.ts";
import { exportedFunctions, initialMemorySize } from "../component/component-metadata.ts";
import { retryPolicyInForce } from "../durability/fold.ts";
import { systemClock } from "../platform/clock.ts";
import { systemEntropy } from "../platform/entropy.ts";
import { systemDatabases } from "../platform/databases/system-databases.ts";
import { systemHttpClient } from "../platform/http/system-http-client.ts";
import { openNetwork } from "../platform/network/network-for-tests.ts";
import { sleep } from "../platform/sleep.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { EventStream } from "./events.ts";
import type { WorkerInstance } from "./instance.ts";
import { encodeRequest, resultText } from "./invocation-json.ts";
import type { InvocationTarget } from "./invocation-target.ts";
import { invocationTarget } from "./invocation-target.ts";
import { loadInstance } from "./load-instance.ts";
import { newOplog, openOplog } from "./oplog-session.ts";
import type { OplogSession } from "./oplog-session.ts";
import { OwnedShards } from "./owned-shards.ts";
import { RunQueue } from "./run-queue.ts";
import { ShardCosts } from "./shard-costs.ts";
import { Output } from "./output.ts";
import { noSnapshots } from "./memory-snapshot/snapshot-policy.ts";
import { replay } from "./replay.ts";
import { RecordedTypes } from "./version-change.ts";
import type { WorkerServices } from "./services.ts";

export const testWorker: WorkerId = {
  componentId: "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69",
  workerName: "worker-1",
};

/** Services over stores in memory, with the real clock unless others are given. */
export function servicesForTests(given: Partial<WorkerServices> = {}): WorkerServices {
  return {
    ...createMemoryStorage().stores(),
    clock: systemClock(),
    entropy: systemEntropy(),
    http: systemHttpClient(),
    databases: systemDatabases(),
    network: openNetwork(),
    sleep,
    yieldTurn: () => Promise.resolve(),
    runQueue: new RunQueue(
      () => Promise.resolve(),
      () => 0,
    ),
    image: () => Promise.resolve(undefined),
    timerSet: () => undefined,
    exportSpan: undefined,
    ask: () => Promise.reject(new Error("there is no main thread")),
    invoke: () => Promise.reject(new Error("there are no other workers")),
    wake: () => Promise.resolve(),
    deliver: () => undefined,
    shardOf: () => 0,
    shards: new OwnedShards([0], 1),
    shardCosts: new ShardCosts(),
    limits: {
      suspendAfterMs: 10_000,
      sliceMs: 5,
      invocationFuelMax: 0,
      queuedInvocationsMax: 100,
      fileBytesMax: 16 * 1024 * 1024,
      keyValueBytesMax: 1024 * 1024,
      objectBytesMax: 1024 * 1024 * 1024,
      stderrBytesMax: 65_536,
      memorySnapshots: noSnapshots,
    },
    ...given,
  };
}

/** The image of a component's binary. */
export async function imageForTests(binary: Uint8Array): Promise<ComponentImage> {
  const prepared = prepareComponent(binary, { maximumPages: 65_536 });
  return {
    componentId: testWorker.componentId,
    version: 0,
    componentSize: binary.length,
    componentType: "Durable",
    component: await compile(prepared),
    functions: exportedFunctions(describeComponent(prepared.decoded)),
    initialMemorySize: initialMemorySize(prepared.modules.map((module) => module.summary)),
    clients: {},
    files: [],
    createdAtMs: 0,
    installedPlugins: [],
  };
}

/** An instance with the oplog that it writes. */
export interface TestRun {
  readonly session: OplogSession;
  readonly instance: WorkerInstance;
  /** Invokes a function and records it as a worker does; `body` is the JSON of a request. */
  readonly invoke: (functionName: string, ...parameters: readonly unknown[]) => Promise<string>;
  /** The same with an encoded request and an encoded result. */
  readonly call: (target: InvocationTarget, request: Uint8Array) => Promise<Uint8Array>;
}

async function start(image: ComponentImage, session: OplogSession, services: WorkerServices): Promise<TestRun> {
  const output = new Output(new EventStream(), services.clock, services.limits.stderrBytesMax);
  const retryPolicy = (): ReturnType<typeof retryPolicyInForce> => retryPolicyInForce(session.state);
  const instance = await loadInstance({
    image,
    session,
    services,
    output,
    retryPolicy,
    connection: () => undefined,
    measured: () => undefined,
    waits: () => () => undefined,
    snapshotIndex: undefined,
    carriedFiles: undefined,
    onLive: () => undefined,
  });
  await replay(instance, output, new RecordedTypes(testWorker, session.state, services));
  let calls = 0;
  const invokeTarget = async (target: InvocationTarget, request: Uint8Array): Promise<Uint8Array> => {
    const { functionName } = target;
    const idempotencyKey = `key-${calls++}`;
    const call = instance.prepare(target, request);
    instance.context.durable.beginInvocation({
      functionName,
      idempotencyKey,
      request,
      trace: undefined,
      callers: undefined,
    });
    instance.context.trace.begin({ functionName, idempotencyKey, workerName: testWorker.workerName, trace: undefined });
    const response = await instance.invoke(call);
    session.writer.append("exported-function-completed", { response, consumedFuel: 0, usage: undefined });
    await session.writer.commit();
    return response;
  };
  const invoke = async (functionName: string, ...parameters: readonly unknown[]): Promise<string> => {
    const target = invocationTarget(image, functionName);
    const request = encodeRequest(testWorker, target, JSON.stringify({ params: parameters }));
    return resultText(testWorker, target, await invokeTarget(target, request));
  };
  return { session, instance, invoke, call: invokeTarget };
}

/** A new worker. */
export async function startWorker(image: ComponentImage, services: WorkerServices): Promise<TestRun> {
  const session = newOplog(testWorker, services);
  session.writer.append("create", {
    workerId: testWorker,
    componentVersion: image.version,
    args: [],
    env: [],
    config: undefined,
    parent: undefined,
    componentSize: image.componentSize,
    initialMemorySize: image.initialMemorySize,
    architecture: process.arch,
    activePlugins: [],
    processes: undefined,
  });
  return await start(image, session, services);
}

/** The worker as the store has it, replayed. Throws what ends the replay. */
export async function replayWorker(image: ComponentImage, services: WorkerServices): Promise<TestRun> {
  const session = await openOplog(testWorker, services);
  if (session === undefined) throw new Error("there is no oplog");
  return await start(image, session, services);
}
