/** Puts together what an instance needs: its durable execution and its host context. */
import type { ComponentImage } from "../component/component-image.ts";
import { DurableExecution } from "../durability/durable-execution.ts";
import { HostTrap } from "../durability/errors.ts";
import type { RetryPolicy } from "../durability/oplog/entry-types.ts";
import type { HostContext, WorkerFacts } from "../host/interface.ts";
import { Trace } from "../host/golem-api/trace.ts";
import { ResourceTable } from "../host/resource-table.ts";
import { initialFileSystem } from "./worker-files.ts";
import { WorkerSockets } from "../host/wasi-sockets/worker-sockets.ts";
import { WorkerInstance } from "./instance.ts";
import { workerEffects } from "./effects.ts";
import type { OplogSession } from "./oplog-session.ts";
import type { Output } from "./output.ts";
import { remoteCalls } from "./remote-calls.ts";
import { workersAccess } from "./workers-access.ts";
import type { WorkerServices } from "./services.ts";
import { watchesBuckets } from "./handle-watch.ts";
import { completePromise } from "./suspension.ts";

/** A start function can't be suspended: as long as it runs the whole thread does nothing else. */
const startMsMax = 5000;

/** What a guest may have recorded that isn't durable yet before it has to wait. */
const backlogBytesMax = 4 * 1024 * 1024;

export interface LoadOptions {
  readonly image: ComponentImage;
  readonly session: OplogSession;
  readonly services: WorkerServices;
  readonly output: Output;
  readonly retryPolicy: () => RetryPolicy;
  readonly connection: HostContext["connection"];
  /** Up to there a snapshot stands for the history. */
  readonly snapshotIndex: number | undefined;
  /** Files that came with the snapshot. */
  readonly carriedFiles: Uint8Array | undefined;
  /** Called once, when the history has been replayed. */
  readonly onLive: () => void;
}

export async function loadInstance(options: LoadOptions): Promise<WorkerInstance> {
  const { image, session, services, output } = options;
  const cursor = session.cursor({ snapshotIndex: options.snapshotIndex });
  const durable = new DurableExecution(session.writer, session.state, cursor, options.onLive);
  const ephemeral = image.componentType === "Ephemeral";
  durable.mayJump = !ephemeral;
  // Before the instance starts: start functions call the host, too, and their records follow.
  durable.takeReplayed("create");
  const ended = new AbortController();
  const { clock, entropy, sleep, limits } = services;
  const trace = new Trace({ durable, clock, entropy, exportSpan: services.exportSpan });
  durable.observeCall = trace.observeCall;
  const context: HostContext = {
    durable,
    clock,
    entropy,
    http: services.http,
    databases: services.databases,
    sockets: new WorkerSockets(services.network),
    connection: options.connection,
    sleep,
    resources: new ResourceTable(),
    promises: {
      create: services.promises.create,
      complete: (id, data) => completePromise(id, data, services),
      get: services.promises.get,
      delete: services.promises.delete,
    },
    ...workerEffects(session.state.workerId, durable, services, watchesBuckets(image)),
    workers: workersAccess(services),
    trace,
    rpc: remoteCalls(services, () => session.state),
    facts: () => workerFacts(options),
    output: (level, lineContext, message, bytes) =>
      output.write(durable, { level, context: lineContext, message, bytes }),
    signal: ended.signal,
    // An ephemeral worker has no history that it could come back from.
    suspendAfterMs: ephemeral ? Number.MAX_SAFE_INTEGER : limits.suspendAfterMs,
    files: initialFileSystem(image, services, options.carriedFiles),
  };
  let sliceStartMs = clock.now();
  let starting = true;
  const instance = await WorkerInstance.load(image, context, ended, {
    shouldYield: () => {
      const sliceMs = clock.now() - sliceStartMs;
      if (starting && sliceMs > startMsMax) ended.abort(new HostTrap(`starting took longer than ${startMsMax} ms`));
      return sliceMs >= limits.sliceMs;
    },
    yieldTurn: async () => {
      // A long computation is durable from its first slice on, as far as it was recorded.
      const committed = durable.commit().catch((error: unknown) => ended.abort(error));
      // It must not record faster than the store writes.
      if (durable.backlogBytes > backlogBytesMax) await committed;
      await services.yieldTurn();
      sliceStartMs = clock.now();
    },
  });
  starting = false;
  return instance;
}

function workerFacts({ session, image, retryPolicy }: LoadOptions): WorkerFacts {
  const { state } = session;
  return {
    id: state.workerId,
    args: state.args,
    env: state.env,
    config: state.config,
    componentVersion: image.version,
    status: state.status,
    retryCount: state.retryCount,
    retryPolicy: retryPolicy(),
    idempotencyKey: state.current?.idempotencyKey,
  };
}
