/** Takes the memory snapshots of one worker. */
import { NotSavableError } from "../../host/saved-resources.ts";
import { memorySnapshotSkipped, memorySnapshotTaken } from "../channels.ts";
import type { WorkerInstance } from "../instance.ts";
import type { RestoredMemory } from "../oplog-session.ts";
import type { WorkerCore } from "../worker-core.ts";
import { freshImage } from "./fresh-image.ts";
import { writeSnapshot } from "./memory-snapshot.ts";
import { saveInstance } from "./saved-instance.ts";
import type { Progress } from "./snapshot-policy.ts";
import { difference, isDue, restingShare, nothingDone, pauseMs } from "./snapshot-policy.ts";

export class Snapshots {
  readonly #core: WorkerCore;
  /** What the worker had done at the last snapshot, or when it couldn't be saved. */
  #saved: Progress = nothingDone;
  /** No snapshot is taken before this. */
  #notBeforeMs = 0;
  /** The snapshot that is being written; one at a time. */
  #writing: Promise<void> | undefined;

  constructor(core: WorkerCore) {
    this.#core = core;
  }

  /** An instance is loaded, with a snapshot or from the beginning. */
  loading(memory: RestoredMemory | undefined): void {
    if (memory === undefined) this.#saved = nothingDone;
    else this.#saved = { entries: memory.lastIndex, bytes: 0, fuel: memory.instance.fuelUsed };
  }

  /** Whether a snapshot is worth its cost now, between two invocations. */
  isDue(instance: WorkerInstance): boolean {
    return this.#core.services.clock.now() >= this.#notBeforeMs && this.#isDue(instance, 1);
  }

  /** Whether it is worth it if nothing else is to be done. */
  isDueAtRest(instance: WorkerInstance): boolean {
    return this.#isDue(instance, restingShare);
  }

  /** Takes one of a worker that rests. */
  async takeAtRest(instance: WorkerInstance): Promise<void> {
    if (this.#core.services.clock.now() >= this.#notBeforeMs && this.isDueAtRest(instance)) await this.take(instance);
  }

  /** For a worker that leaves memory and will be loaded again; resolves when it may leave. */
  async takeLast(instance: WorkerInstance): Promise<void> {
    if (this.isDueAtRest(instance)) await this.take(instance);
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  #progress(instance: WorkerInstance): Progress {
    const { state, session } = this.#core.oplog;
    return { entries: state.lastIndex, bytes: session.bytes(), fuel: instance.fuelUsed() };
  }

  #isDue(instance: WorkerInstance, share: number): boolean {
    const { limits } = this.#core.services;
    if (this.#writing !== undefined || this.#core.ephemeral || !isAtRest(this.#core, instance)) return false;
    return isDue(difference(this.#progress(instance), this.#saved), limits.memorySnapshots, share);
  }

  /** Resolves when the instance may go on: what was saved is written while the worker does other things. */
  async take(instance: WorkerInstance): Promise<void> {
    const { services, id } = this.#core;
    const fresh = await freshImage(instance.image.component);
    // It waited: the worker may have been taken out of memory.
    if (instance.ended || !isAtRest(this.#core, instance)) return;
    const startedMs = services.clock.now();
    this.#saved = this.#progress(instance);
    try {
      const bytes = instance.memoryBytes();
      const { memoryBytesMax } = services.limits.memorySnapshots;
      if (bytes > memoryBytesMax)
        throw new NotSavableError(`its memory has ${bytes} bytes, more than ${memoryBytesMax}`);
      const { state } = this.#core;
      const { startIndex } = instance;
      if (startIndex > 0 && state.snapshots.length > 0) {
        throw new NotSavableError("it was updated by a snapshot, and its start function calls the host");
      }
      const serialized = writeSnapshot({ state, startIndex, instance: saveInstance(instance, fresh) });
      const costMs = services.clock.now() - startedMs;
      this.#notBeforeMs = services.clock.now() + pauseMs(costMs, serialized.length);
      this.#writing = this.#write(serialized, costMs).finally(() => {
        this.#writing = undefined;
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      memorySnapshotSkipped.publish({ worker: id, step: "save", reason });
    }
  }

  /** A snapshot must not be ahead of the oplog: first what it stands for is durable. */
  async #write(serialized: Uint8Array, costMs: number): Promise<void> {
    const { services, id, oplog } = this.#core;
    try {
      await oplog.writer.commit();
      const bytes = await services.memorySnapshots.put(id, serialized);
      memorySnapshotTaken.publish({ worker: id, bytes, durationMs: costMs });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      memorySnapshotSkipped.publish({ worker: id, step: "save", reason });
    }
  }
}

/** Nothing runs in it or is about to be replaced; the instance alone is what the oplog says. */
function isAtRest({ state }: WorkerCore, { context }: WorkerInstance): boolean {
  return (
    state.current === undefined && state.status === "Idle" && state.pendingUpdates.length === 0 && context.durable.live
  );
}
