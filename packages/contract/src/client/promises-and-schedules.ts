import { path } from "./transport.ts";
import type { Transport } from "./transport.ts";
import type {
  InvocationOptions,
  ListQuery,
  PromisePage,
  PromiseState,
  Schedule,
  SchedulePage,
  WorkerId,
} from "./worker-types.ts";
import { workerPath } from "./workers.ts";

/** Promises that workers wait for. */
export class PromisesApi {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One page of those that the worker made, the latest first; `cursor` in the answer leads to the next. */
  async page(id: WorkerId, query: ListQuery = {}): Promise<PromisePage> {
    const { count, cursor } = query;
    return await this.#transport.json({ method: "GET", path: `${workerPath(id)}/promises`, query: { count, cursor } });
  }

  /** All of them, page after page. */
  async *list(id: WorkerId, query: ListQuery = {}): AsyncGenerator<PromiseState, void, undefined> {
    let { cursor } = query;
    do {
      const page = await this.page(id, { ...query, cursor });
      yield* page.promises;
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
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

  /** One page, by time; `cursor` in the answer leads to the next. */
  async page(id: WorkerId, query: ListQuery = {}): Promise<SchedulePage> {
    const { count, cursor } = query;
    return await this.#transport.json({ method: "GET", path: `${workerPath(id)}/schedules`, query: { count, cursor } });
  }

  /** All of it, page after page. */
  async *list(id: WorkerId, query: ListQuery = {}): AsyncGenerator<Schedule, void, undefined> {
    let { cursor } = query;
    do {
      const page = await this.page(id, { ...query, cursor });
      yield* page.schedules;
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
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
