/** What waits for workers: promises that they made, and what is to happen to them at some time. */
import type { ComponentService } from "../component/component-service.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { encodeInput } from "../worker/invocation-form.ts";
import { invocationTarget } from "../worker/invocation-target.ts";
import { clientTimer, scheduledInvocation, scheduledTimerName } from "../worker/scheduled-call.ts";
import type { ClientCall } from "../worker/scheduled-call.ts";
import type { ListedPromise, PromiseStore, Timer, TimerPlace, TimerStore } from "../worker/stores.ts";
import { sleepTimer } from "../worker/suspension.ts";
import type { TimerService } from "../worker/timer-service.ts";
import { badRequest, WorkerError } from "../worker/worker-error.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";

export interface ScheduleServiceOptions {
  readonly components: Pick<ComponentService, "latest" | "image">;
  readonly index: Pick<WorkerIndex, "get">;
  readonly promises: Pick<PromiseStore, "of">;
  readonly timers: Pick<TimerStore, "of" | "set">;
  readonly timerService: Pick<TimerService, "cancel" | "notify">;
}

/** The time at which a worker wakes, or a call of one of its functions. */
export interface Schedule {
  readonly id: string;
  readonly dueMs: number;
  /** Undefined where the worker wakes. */
  readonly call: { readonly functionName: string; readonly idempotencyKey: string } | undefined;
}

export interface PageQuery {
  readonly count: number;
  /** That of the page before. */
  readonly cursor: string | undefined;
}

/** A part of a list. What comes and goes between two pages is missing or there, and moves nothing else. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Leads to the next; undefined after the last. */
  readonly cursor: string | undefined;
}

export class ScheduleService {
  readonly #options: ScheduleServiceOptions;

  constructor(options: ScheduleServiceOptions) {
    this.#options = options;
  }

  /** The latest first. Rejects when there is no such worker. */
  async promises(worker: WorkerId, { count, cursor }: PageQuery): Promise<Page<ListedPromise>> {
    const { index, promises } = this.#options;
    if ((await index.get(worker)) === undefined) throw workerNotFound(worker);
    const before = cursor === undefined ? undefined : promisePlace(cursor);
    const found = await promises.of(worker, count, before);
    return { items: found, cursor: found.length < count ? undefined : found.at(-1)?.oplogIndex.toString() };
  }

  /** By time. A worker may be created by what is scheduled for it. */
  async schedules(worker: WorkerId, { count, cursor }: PageQuery): Promise<Page<Schedule>> {
    const { index, timers } = this.#options;
    const found = await timers.of(worker, count, cursor === undefined ? undefined : timerPlace(cursor));
    const items = found.flatMap((timer) => scheduleOf(timer) ?? []);
    if (found.length === 0 && (await index.get(worker)) === undefined) throw workerNotFound(worker);
    const last = found.length < count ? undefined : found.at(-1);
    return { items, cursor: last === undefined ? undefined : timerCursor(last) };
  }

  /** Returns the id of what was scheduled, which is durable then. Rejects when the call isn't one. */
  async schedule(call: ClientCall, dueMs: number): Promise<string> {
    const { timers, timerService } = this.#options;
    await this.#check(call);
    const timer = clientTimer(call, dueMs);
    await timers.set(timer);
    timerService.notify(dueMs);
    return scheduleId(timer.name);
  }

  /** True if it does not happen. */
  async cancel(worker: WorkerId, id: string): Promise<boolean> {
    const name = Buffer.from(id, "base64url").toString();
    if (!name.startsWith(scheduledTimerName(""))) throw badRequest("Only scheduled invocations can be cancelled");
    return await this.#options.timerService.cancel(worker, name);
  }

  /** By the version that the worker has now; it may have another one when its time has come. */
  async #check({ worker, functionName, body }: ClientCall): Promise<void> {
    const { components, index } = this.#options;
    const { componentId } = worker;
    const latest = await components.latest(componentId);
    const version = (await index.get(worker))?.componentVersion ?? latest?.version;
    const image = version === undefined ? undefined : await components.image(componentId, version);
    if (image === undefined) {
      const message = `Couldn't retrieve the component ${componentId}: there is no such component`;
      throw new WorkerError({ kind: "not-found", message });
    }
    encodeInput(worker, invocationTarget(image, functionName), body);
  }
}

function scheduleOf(timer: Timer): Schedule | undefined {
  const id = scheduleId(timer.name);
  if (timer.name === sleepTimer) return { id, dueMs: timer.dueMs, call: undefined };
  const invocation = scheduledInvocation(timer);
  return invocation === undefined ? undefined : { id, dueMs: timer.dueMs, call: invocation };
}

function promisePlace(cursor: string): number {
  if (!/^\d{1,15}$/u.test(cursor)) throw badRequest(`Invalid cursor: ${cursor}`);
  return Number(cursor);
}

/** Names of timers may be long, and have any characters. */
function timerCursor({ dueMs, name }: TimerPlace): string {
  return `${dueMs}_${scheduleId(name)}`;
}

function timerPlace(cursor: string): TimerPlace {
  const [, dueMs, name = ""] = /^(-?\d{1,16}(?:\.\d{1,16})?)_([\w-]*)$/u.exec(cursor) ?? [];
  if (dueMs === undefined) throw badRequest(`Invalid cursor: ${cursor}`);
  return { dueMs: Number(dueMs), name: Buffer.from(name, "base64url").toString() };
}

function scheduleId(timerName: string): string {
  return Buffer.from(timerName).toString("base64url");
}

function workerNotFound(id: WorkerId): WorkerError {
  return new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(id)}` });
}
