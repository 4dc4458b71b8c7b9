/** Puts together what an instance needs: its durable execution and its host context. */
import type { ComponentImage } from "../component/component-image.ts";
import { DurableExecution } from "../durability/durable-execution.ts";
import type { RetryPolicy } from "../durability/oplog/entry-types.ts";
import type { HostContext, WorkerFacts } from "../host/interface.ts";
import { Trace } from "../host/golem-api/trace.ts";
import { GuestTurns } from "./guest-turns.ts";
import { WorkerInstance } from "./instance.ts";
import { InstanceContext } from "./instance-context.ts";
import { InstanceEnd } from "./instance-end.ts";
import { freshImage } from "./memory-snapshot/fresh-image.ts";
import { UnusableSnapshotError } from "./memory-snapshot/memory-snapshot.ts";
import { restoreInstance } from "./memory-snapshot/saved-instance.ts";
import type { OplogSession, RestoredMemory } from "./oplog-session.ts";
import type { Output } from "./output.ts";
import type { WorkerServices } from "./services.ts";

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
  /** `WorkerHost`, for one worker. */
  readonly measured: () => void;
  readonly waits: (leave: () => void) => () => void;
}

export async function loadInstance(options: LoadOptions): Promise<WorkerInstance> {
  const { image, session, services } = options;
  const cursor = session.cursor({ snapshotIndex: options.snapshotIndex });
  const durable = new DurableExecution(session.writer, session.state, cursor, options.onLive);
  durable.mayJump = image.componentType !== "Ephemeral";
  const { memory } = session;
  // Before the instance starts: start functions call the host, too, and their records follow.
  if (memory === undefined || memory.startIndex > 0) durable.takeReplayed("create");
  const end = new InstanceEnd();
  const { clock, entropy } = services;
  const trace = new Trace({ durable, clock, entropy, exportSpan: services.exportSpan });
  durable.observeCall = trace.observeCall;
  const context = new InstanceContext({ options, durable, trace, end, facts: () => workerFacts(options) });
  const { measured } = options;
  const worker = session.state.workerId;
  const turns = new GuestTurns({ durable, end, services, worker, measured });
  const instance = await WorkerInstance.load(image, context, end, turns);
  // The first entry is the worker's creation.
  instance.startIndex = durable.lastRecordIndex > 1 ? durable.lastRecordIndex : 0;
  if (memory !== undefined) await beginWith(memory, instance);
  return instance;
}

async function beginWith({ instance: saved }: RestoredMemory, instance: WorkerInstance): Promise<void> {
  try {
    restoreInstance(instance, saved, await freshImage(instance.image.component));
    instance.usage.restored();
  } catch (cause) {
    instance.close();
    throw new UnusableSnapshotError(cause);
  }
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
