/** What waits for workers: promises that they made, and what is to happen to them at some time. */
import type { ComponentService } from "../component/component-service.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { encodeInput } from "../worker/invocation-form.ts";
import { invocationTarget } from "../worker/invocation-target.ts";
import { clientTimer, scheduledInvocation, scheduledTimerName } from "../worker/scheduled-call.ts";
import type { ClientCall } from "../worker/scheduled-call.ts";
import type { ListedPromise, PromiseStore, Timer, TimerStore } from "../worker/stores.ts";
import { sleepTimer } from "../worker/suspension.ts";
import type { TimerService } from "../worker/timer-service.ts";
import { badRequest, WorkerError } from "../worker/worker-error.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";

/** How many of them are listed. */
const listedMax = 1000;

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

export class ScheduleService {
  readonly #options: ScheduleServiceOptions;

  constructor(options: ScheduleServiceOptions) {
    this.#options = options;
  }

  /** The latest first. Rejects when there is no such worker. */
  async promises(worker: WorkerId): Promise<readonly ListedPromise[]> {
    const { index, promises } = this.#options;
    if ((await index.get(worker)) === undefined) throw workerNotFound(worker);
    return await promises.of(worker, listedMax);
  }

  /** By time. A worker may be created by what is scheduled for it. */
  async schedules(worker: WorkerId): Promise<readonly Schedule[]> {
    const { index, timers } = this.#options;
    const found = (await timers.of(worker, listedMax)).flatMap((timer) => scheduleOf(timer) ?? []);
    if (found.length === 0 && (await index.get(worker)) === undefined) throw workerNotFound(worker);
    return found;
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

function scheduleId(timerName: string): string {
  return Buffer.from(timerName).toString("base64url");
}

function workerNotFound(id: WorkerId): WorkerError {
  return new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(id)}` });
}
