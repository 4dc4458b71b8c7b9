import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";
import type { InvocationOptions, PromiseState, Schedule, WorkerId } from "./worker-types.ts";
import { workerPath } from "./workers.ts";

/** Promises that workers wait for. */
export class PromisesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Those that the worker made. */
  async list(id: WorkerId): Promise<readonly PromiseState[]> {
    const { promises } = await this.#transport.json<{ readonly promises: readonly PromiseState[] }>({
      method: "GET",
      path: `${workerPath(id)}/promises`,
    });
    return promises;
  }

  /** True if this call completed it, false if it was completed before. */
  async complete(id: WorkerId, oplogIndex: number, data: Uint8Array): Promise<boolean> {
    const json = { oplogIdx: oplogIndex, data: [...data] };
    return await this.#transport.json({ method: "POST", path: `${workerPath(id)}/complete`, json });
  }
}

/** What is to happen to a worker at some time. */
export class SchedulesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(id: WorkerId): Promise<readonly Schedule[]> {
    const { schedules } = await this.#transport.json<{ readonly schedules: readonly Schedule[] }>({
      method: "GET",
      path: `${workerPath(id)}/schedules`,
    });
    return schedules;
  }

  /** Has a function called at a time. With the same idempotency key it is scheduled once. */
  async add(
    id: WorkerId,
    at: Date,
    call: { readonly functionName: string; readonly params: readonly unknown[] },
    options: InvocationOptions = {},
  ): Promise<{ readonly id: string; readonly idempotencyKey: string }> {
    return await this.#transport.json({
      method: "POST",
      path: `${workerPath(id)}/schedules`,
      query: { function: call.functionName },
      headers: { ...options.headers, "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() },
      json: { at: at.toISOString(), params: call.params },
      signal: options.signal,
      repeatable: true,
    });
  }

  /** True if it was still to come. */
  async cancel(id: WorkerId, scheduleId: string): Promise<boolean> {
    const schedule = `${workerPath(id)}${path`/schedules/${scheduleId}`}`;
    const { canceled } = await this.#transport.json<{ readonly canceled: boolean }>({
      method: "DELETE",
      path: schedule,
    });
    return canceled;
  }
}
