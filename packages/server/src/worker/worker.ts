/**
 * One worker: an actor that runs one invocation at a time. What others ask of it becomes a record in its oplog or a
 * wish for what comes next: `Acceptance` takes invocations, `OperatorCommands` everything else, and `WorkerRun` runs
 * the guest.
 */
import type { WorkerState } from "../durability/worker-state.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { Acceptance } from "./acceptance.ts";
import type { EventStream } from "./events.ts";
import { outputFor } from "./invocation-form.ts";
import type { InvocationOutput } from "./invocation-form.ts";
import type { Load } from "./loaded-limits.ts";
import type { OplogSession } from "./oplog-session.ts";
import { OperatorCommands } from "./operator-commands.ts";
import type { RevertTarget } from "./revert.ts";
import type { WorkerServices } from "./services.ts";
import { interrupted } from "./state-queries.ts";
import type { UpdateWish } from "./version-change.ts";
import { WorkerCore } from "./worker-core.ts";
import { golemError } from "./worker-error.ts";
import type { FileAnswer, FileQuestion } from "./worker-files.ts";
import type { InvokeOptions, WakeCause, WorkerHost } from "./worker-host.ts";
import { WorkerRun } from "./worker-run.ts";

const noLoad: Load = { bytes: 0, linearMemoryBytes: 0, memories: 0 };

export class Worker {
  readonly id: WorkerId;
  readonly shard: number;
  readonly #core: WorkerCore;
  readonly #run: WorkerRun;
  readonly #acceptance: Acceptance;
  readonly #commands: OperatorCommands;
  /** Calls under way on this object; it must not be dropped from under them. */
  #users = 0;

  constructor(id: WorkerId, session: OplogSession, services: WorkerServices, host: WorkerHost) {
    this.id = id;
    this.shard = services.shardOf(id);
    this.#core = new WorkerCore(id, session, services);
    this.#run = new WorkerRun(this.#core, {
      admit: host.admit,
      loadEnded: (admission) => host.loadEnded(this, admission),
      begins: () => host.begins(this),
      unloaded: () => host.unloaded(this),
      measured: () => host.measured(this),
      waits: (leave) => host.waits(this, leave),
      atRest: () => host.atRest(this),
      abandoned: (reason) => host.abandoned(this, reason),
    });
    this.#acceptance = new Acceptance(this.#core, this.#run);
    this.#commands = new OperatorCommands(this.#core, this.#run);
  }

  get state(): WorkerState {
    return this.#core.state;
  }

  get events(): EventStream {
    return this.#core.events;
  }

  get loaded(): boolean {
    return this.#run.instance !== undefined;
  }

  get idle(): boolean {
    return this.#run.idle;
  }

  /** True when nothing in memory is needed: the oplog has it all. */
  get disposable(): boolean {
    return this.idle && this.#users === 0 && this.#core.waiters.size === 0 && !this.events.watched;
  }

  /** Somebody has called it and releases it afterwards. */
  get used(): boolean {
    return this.#users > 0;
  }

  /** `WorkerRun.unsaved`. */
  get unsaved(): boolean {
    return this.#run.unsaved;
  }

  /** `WorkerRun.save`. */
  save(): Promise<void> {
    return this.#using(() => this.#run.save());
  }

  get closed(): boolean {
    return this.#run.closed;
  }

  /** What it takes of memory; only when it is loaded. */
  load(): Load {
    return this.#run.instance?.load() ?? noLoad;
  }

  /** Its linear memories. */
  memories(): readonly object[] {
    return this.#run.instance?.memories() ?? [];
  }

  /** Accepts an invocation; resolves with the result, or with nothing once accepted when it isn't awaited. */
  async invoke(options: InvokeOptions): Promise<InvocationOutput | undefined> {
    this.#users += 1;
    try {
      const result = await this.#acceptance.invoke(options);
      return result === undefined ? undefined : outputFor(this.id, options.input, result);
    } finally {
      this.#users -= 1;
    }
  }

  /**
   * Loads the worker if it has anything to go on with; resolves when it came to rest again, so that what caused the
   * wake may be forgotten. A user's interruption outlasts a sleep that has ended, but not a completed promise.
   */
  activate(cause: WakeCause): Promise<void> {
    return this.#using(async () => {
      if (!(await this.#wakeFor(cause))) return;
      await this.#run.rest();
      // Ended before it came to rest: what caused the wake must not be forgotten.
      this.#run.throwIfClosed();
    });
  }

  /** The same without waiting for its rest, of which nothing depends. */
  recover(): Promise<void> {
    return this.#using(async () => {
      await this.#wakeFor("recovery");
      // Ended before it could go on: it has to be asked again.
      this.#run.throwIfClosed();
    });
  }

  /** Resolves when the worker is loaded and at rest, for `create`; rejects when it can't be loaded. */
  loadAndRest(): Promise<void> {
    return this.#using(async () => {
      if (!this.loaded) this.#run.wake();
      await this.#run.rest();
      const { lastError } = this.state;
      if (this.loaded || lastError === undefined) return;
      throw golemError({ type: "WorkerCreationFailed", workerId: this.id, details: lastError.message });
    });
  }

  /** What clients see of its files. Waits for its turn like an invocation; a worker that is suspended stays so. */
  readFiles(question: FileQuestion, path: string): Promise<FileAnswer> {
    return this.#using(async () => {
      const { oplog, questions } = this.#core;
      await this.#core.image();
      await oplog.readable();
      this.#run.throwIfClosed();
      this.#core.throwIfEnded();
      if (this.state.status === "Interrupted") throw interrupted();
      const answer = questions.ask(question, path, this.state.lastIndex);
      this.#run.start();
      // It may have been created for this.
      await Promise.all([answer, oplog.writer.commit()]);
      return await answer;
    });
  }

  /** `OperatorCommands.interrupt`. */
  interrupt(recoverImmediately: boolean): Promise<void> {
    return this.#using(() => this.#commands.interrupt(recoverImmediately));
  }

  /** `OperatorCommands.update`. */
  update(wish: UpdateWish): Promise<void> {
    return this.#using(() => this.#commands.update(wish));
  }

  /** `OperatorCommands.revert`. */
  revert(target: RevertTarget, operation?: string): Promise<void> {
    return this.#using(() => this.#commands.revert(target, operation));
  }

  /** `OperatorCommands.cancel`. */
  cancel(idempotencyKey: string): Promise<boolean> {
    return this.#using(() => this.#commands.cancel(idempotencyKey));
  }

  /** `OperatorCommands.switchPlugin`. */
  switchPlugin(installationId: string, active: boolean): Promise<void> {
    return this.#using(() => this.#commands.switchPlugin(installationId, active));
  }

  /** `OperatorCommands.resume`. */
  async resume(): Promise<void> {
    this.#commands.resume();
  }

  /** `WorkerRun.hold`. */
  hold(): Promise<void> {
    return this.#run.hold();
  }

  /** `WorkerRun.letGo`. */
  letGo(): void {
    this.#run.letGo();
  }

  /** Nothing in memory is needed, nobody watches it, and nothing that it holds is bound to this thread. */
  get movable(): boolean {
    return this.idle && !this.events.watched && !this.#run.bound;
  }

  /** `WorkerRun.unfinished`. */
  get unfinished(): boolean {
    return this.#run.unfinished;
  }

  /** What it is busy with: the same text for as long as that is the same thing. */
  get task(): string | undefined {
    if (this.idle) return undefined;
    return this.state.current?.idempotencyKey ?? "load";
  }

  /** `WorkerRun.close`, of a worker that is to be loaded again. */
  async close(error: Error): Promise<void> {
    await this.#run.close(error, true);
  }

  /** The same of one that is deleted. */
  async end(error: Error): Promise<void> {
    await this.#run.close(error, false);
  }

  /** Resolves when everything said of the worker so far is durable. */
  async commit(): Promise<void> {
    await this.#core.oplog.writer.commit();
  }

  /** False when there is nothing to wake it for. */
  async #wakeFor(cause: WakeCause): Promise<boolean> {
    const { status, pending, pendingUpdates } = this.state;
    const nothing = status === "Idle" && pending.length === 0 && pendingUpdates.length === 0;
    if (nothing || (status === "Interrupted" && cause !== "promise")) return false;
    await this.#core.image();
    this.#run.wake();
    return true;
  }

  async #using<T>(work: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await work();
    } finally {
      this.#users -= 1;
    }
  }
}
