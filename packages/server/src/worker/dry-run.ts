/**
 * What an automatic update would come to: a worker's history replayed under another version by an instance of its own,
 * that is thrown away. The worker itself goes on; nothing that the instance does reaches anything outside of it.
 */
import type { DryRunResult } from "@emet/contract";
import { DivergenceError } from "../durability/errors.ts";
import { defaultRetryPolicy } from "../durability/retry-policy.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { EventStream } from "./events.ts";
import { failureOf } from "./failure.ts";
import type { WorkerInstance } from "./instance.ts";
import { loadInstance } from "./load-instance.ts";
import { OwnedShards } from "./owned-shards.ts";
import { openWholeOplog } from "./oplog-session.ts";
import type { OplogSession } from "./oplog-session.ts";
import { Output } from "./output.ts";
import { replay } from "./replay.ts";
import type { WorkerServices } from "./services.ts";
import { loadSnapshot } from "./snapshot-exports.ts";
import { RecordedTypes, snapshotPlan, updateTarget } from "./version-change.ts";
import { WorkerError } from "./worker-error.ts";

/** A version that computes for ever is no longer waited for. */
const dryRunMsMax = 60_000;

/** The instance has come to the end of the history, and must not go further. */
class EndOfHistory extends Error {
  override readonly name = "EndOfHistory";

  constructor() {
    super("What follows is not recorded, and would have to be done anew");
  }
}

/** Every function of it ends the dry run. */
function closed<T extends object>(real: T): T {
  const functions = Object.fromEntries(Object.keys(real).map((name) => [name, refuse]));
  return new Proxy(functions, { get: () => refuse }) as T;
}

function refuse(): never {
  throw new EndOfHistory();
}

/** For what is written without being waited for: whoever waits later learns of it. */
function refuseLater(): Promise<never> {
  const refused = Promise.reject(new EndOfHistory());
  refused.catch(() => undefined);
  return refused;
}

/** What a replay reads stays open; everything that could be seen from outside is closed. One by one: nothing is forgotten. */
function withoutEffects(worker: WorkerId, services: WorkerServices): WorkerServices {
  const { shardCosts, oplogs, blobs, objects, clock, entropy, sleep, yieldTurn, image, shardOf, runQueue } = services;
  // What ran once may take as much again.
  const limits = { ...services.limits, invocationFuelMax: 0 };
  return {
    clock,
    entropy,
    sleep,
    yieldTurn,
    runQueue,
    image,
    shardOf,
    // It writes nothing, and may run where the worker isn't.
    shards: new OwnedShards([shardOf(worker)], 0),
    shardCosts,
    limits,
    oplogs: { ...closed(oplogs), read: oplogs.read, append: refuseLater },
    blobs: { ...closed(blobs), getSync: blobs.getSync, put: refuseLater },
    // A replay writes long objects once more, to files of its own.
    objects: { ...closed(objects), files: objects.files },
    memorySnapshots: closed(services.memorySnapshots),
    workers: closed(services.workers),
    promises: closed(services.promises),
    timers: closed(services.timers),
    deliveries: closed(services.deliveries),
    keyValues: closed(services.keyValues),
    http: closed(services.http),
    databases: closed(services.databases),
    network: closed(services.network),
    exportSpan: undefined,
    ask: refuse,
    invoke: refuse,
    wake: refuse,
    timerSet: refuse,
    deliver: () => undefined,
  };
}

/** Rejects with a `WorkerError` for a worker or version that isn't there, and for ephemeral ones. */
export async function dryRunUpdate(
  worker: WorkerId,
  targetVersion: number,
  services: WorkerServices,
): Promise<DryRunResult> {
  const session = await openWholeOplog(worker, withoutEffects(worker, services));
  if (session === undefined) {
    throw new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(worker)}` });
  }
  return await new DryRun(worker, session, services).run(targetVersion);
}

class DryRun {
  readonly #worker: WorkerId;
  readonly #session: OplogSession;
  readonly #services: WorkerServices;
  /** What the worker was when its oplog was read: the state follows whatever the instance would append. */
  readonly #currentVersion: number;
  readonly #lastIndex: number;
  #instance: WorkerInstance | undefined;
  #live = false;

  constructor(worker: WorkerId, session: OplogSession, services: WorkerServices) {
    this.#worker = worker;
    this.#session = session;
    this.#services = services;
    this.#currentVersion = session.state.componentVersion;
    this.#lastIndex = session.state.lastIndex;
  }

  async run(targetVersion: number): Promise<DryRunResult> {
    const { sleep } = this.#services;
    const base = { targetVersion, currentVersion: this.#currentVersion, lastIndex: this.#lastIndex };
    const image = await updateTarget(this.#worker, this.#currentVersion, targetVersion, this.#services);
    const ended = new AbortController();
    void sleep(dryRunMsMax, ended.signal).then(() => this.#instance?.abort(new Error("it takes too long")));
    try {
      await this.#replay(image);
      return { ...base, ...this.#outcome(undefined) };
    } catch (error) {
      return { ...base, ...this.#outcome(error) };
    } finally {
      ended.abort();
      this.#instance?.close();
    }
  }

  async #replay(image: Awaited<ReturnType<typeof updateTarget>>): Promise<void> {
    const { state } = this.#session;
    const { clock, limits } = this.#services;
    const output = new Output(new EventStream(), clock, limits.stderrBytesMax);
    const plan = await snapshotPlan(this.#worker, state, this.#services);
    const progress = { live: false, begun: plan.snapshot === undefined };
    const ended = (): void => {
      if (!progress.live || !progress.begun) return;
      this.#live = true;
      this.#instance?.abort(new EndOfHistory());
    };
    const instance = await loadInstance({
      ...plan,
      image,
      session: this.#session,
      services: withoutEffects(this.#worker, this.#services),
      output,
      retryPolicy: () => defaultRetryPolicy,
      connection: () => undefined,
      measured: () => undefined,
      waits: () => () => undefined,
      onLive: () => {
        progress.live = true;
        ended();
      },
    });
    this.#instance = instance;
    if (plan.snapshot !== undefined) {
      await loadSnapshot(instance, plan.snapshot);
      progress.begun = true;
      ended();
    }
    await replay(instance, output, new RecordedTypes(this.#worker, state, this.#services));
  }

  /** Whatever the version does after the end of the history, it would do as the worker. */
  #outcome(error: unknown): Pick<DryRunResult, "outcome" | "replayedUntil" | "divergence" | "details"> {
    if (this.#live || error === undefined) {
      return { outcome: "Compatible", replayedUntil: this.#lastIndex, divergence: null, details: null };
    }
    const replayedUntil = Math.max((this.#instance?.context.durable.currentIndex ?? 1) - 1, 0);
    const details = failureOf(error).message;
    // Where the guest has told not to record, a replay does everything again.
    if (error instanceof EndOfHistory) return { outcome: "Compatible", replayedUntil, divergence: null, details };
    if (!(error instanceof DivergenceError)) return { outcome: "Fails", replayedUntil, divergence: null, details };
    const { index: oplogIndex, expected, found } = error;
    return { outcome: "Diverges", replayedUntil: oplogIndex - 1, divergence: { oplogIndex, expected, found }, details };
  }
}
