/**
 * Brings oplogs to the plugins that take them in. What goes together is noted before it is sent, under a key by which
 * the processor takes it once: after a crash the same part is sent again, and nothing is skipped or repeated. Nobody
 * waits for it. Only the part that is sent is in memory, one at a time for each processor.
 */
import { StoredOplog } from "../durability/oplog/stored-entry.ts";
import type { StoredEntry } from "../durability/oplog/stored-entry.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { deliveryTroubled } from "./channels.ts";
import { entriesOf, nextPart } from "./delivery-plan.ts";
import type { DeliveryProgress, OplogPart, OplogPlace } from "./delivery-plan.ts";
import type { Delivery } from "./delivery-store.ts";
import { callProcessor, processorName } from "./oplog-processor.ts";
import type { WorkerServices } from "./services.ts";
import { workersAccess } from "./workers-access.ts";

const firstRetryMs = 100;
const retryMsMax = 30_000;

export interface DeliveriesOptions {
  readonly services: WorkerServices;
  readonly stopped: AbortSignal;
}

/** A delivery with what it says. */
interface Cursor {
  readonly delivery: Delivery;
  readonly progress: DeliveryProgress;
  /** The part on its way has arrived. */
  readonly arrived: boolean;
}

function cursorOf(delivery: Delivery): Cursor {
  return { delivery, progress: JSON.parse(delivery.state) as DeliveryProgress, arrived: false };
}

function describe({ delivery, progress }: Cursor): string {
  const name = progress.part?.plugin.name ?? delivery.installationId;
  return `the processor of plugin ${name} (${delivery.installationId}), given the oplog of ${formatWorkerId(delivery.worker)},`;
}

export class Deliveries {
  readonly #services: WorkerServices;
  readonly #stopped: AbortSignal;
  /** By worker's name; with whether there may be more since it was begun. */
  readonly #running = new Map<string, { readonly worker: WorkerId; readonly again: boolean }>();
  readonly #processors = new KeyedLock();

  constructor({ services, stopped }: DeliveriesOptions) {
    this.#services = services;
    this.#stopped = stopped;
  }

  /** Those whose oplogs are being delivered. */
  *workers(): Generator<WorkerId> {
    for (const { worker } of this.#running.values()) yield worker;
  }

  /** The worker has durable entries that its plugins may not have got. */
  notify(worker: WorkerId): void {
    const key = formatWorkerId(worker);
    const again = this.#running.has(key);
    this.#running.set(key, { worker, again });
    if (!again) void this.#run(worker, key);
  }

  /** Until there is nothing left, however often it fails. */
  async #run(worker: WorkerId, key: string): Promise<void> {
    let delayMs = firstRetryMs;
    let failures = 0;
    while (!this.#stopped.aborted) {
      this.#running.set(key, { worker, again: false });
      const failure = await this.#deliver(worker);
      if (failure !== undefined) {
        failures += 1;
        // Once: what follows is mostly the same.
        if (failures === 1 && !this.#stopped.aborted) {
          deliveryTroubled.publish({ worker, message: `its oplog cannot be delivered for now: ${failure}` });
        }
        await this.#services.sleep(delayMs, this.#stopped);
        delayMs = Math.min(delayMs * 2, retryMsMax);
        continue;
      }
      delayMs = firstRetryMs;
      failures = 0;
      if (this.#running.get(key)?.again !== true) break;
    }
    this.#running.delete(key);
  }

  /** What has failed, if anything has. One processor that does holds no other up. */
  async #deliver(worker: WorkerId): Promise<string | undefined> {
    const rows = await this.#services.deliveries.of(worker).catch((error: unknown) => String(error));
    if (typeof rows === "string") return rows;
    const outcomes = await Promise.allSettled(rows.map((delivery) => this.#deliverAll(cursorOf(delivery))));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    return failed === undefined ? undefined : String(failed.reason);
  }

  async #deliverAll(first: Cursor): Promise<void> {
    // Workers of a processor take turns, so that one with a long oplog doesn't keep the others waiting.
    const { worker, installationId } = first.delivery;
    const turn = processorName(worker, installationId, this.#services.shardOf);
    let cursor: Cursor | undefined = first;
    while (cursor !== undefined && !this.#stopped.aborted) {
      const current: Cursor = cursor;
      cursor = await this.#processors.run(turn, () => this.#step(current));
    }
  }

  /** Sends one part; undefined if there was none. */
  async #step(cursor: Cursor): Promise<Cursor | undefined> {
    const { delivery, progress, arrived } = cursor;
    const { worker, installationId } = delivery;
    if (progress.part !== undefined && !arrived) {
      const entries = await entriesOf(progress.part, this.#entries(worker, progress.part.start));
      return await this.#send(cursor, progress.part, entries);
    }
    const next = await nextPart(progress, installationId, this.#entries(worker, progress.next));
    const unchanged = next.progress.part === undefined && next.progress.next.index === progress.next.index;
    if (unchanged && progress.part === undefined) return undefined;
    const noted = await this.#note(delivery, next.progress);
    // Another executor has taken over, or the worker is gone.
    if (noted === undefined || next.progress.part === undefined) return undefined;
    return await this.#send(noted, next.progress.part, next.entries);
  }

  async #note(delivery: Delivery, progress: DeliveryProgress): Promise<Cursor | undefined> {
    const changed: Delivery = {
      ...delivery,
      revision: delivery.revision + 1,
      lastIndex: progress.next.index - 1,
      sending: progress.part !== undefined,
      state: JSON.stringify(progress),
    };
    return (await this.#services.deliveries.advance(changed)) ? cursorOf(changed) : undefined;
  }

  async #send(cursor: Cursor, part: OplogPart, entries: readonly StoredEntry[]): Promise<Cursor | undefined> {
    const { id, worker } = cursor.delivery;
    if (entries.at(-1)?.index !== part.lastIndex) return undefined;
    const idempotencyKey = `${id}:${part.start.index}-${part.lastIndex}`;
    const complaint = await callProcessor({ worker, part, entries, idempotencyKey }, this.#services);
    if (complaint !== undefined) {
      deliveryTroubled.publish({ worker, message: `${describe(cursor)} says: ${complaint}` });
    }
    return { ...cursor, arrived: true };
  }

  async *#entries(worker: WorkerId, { index: from, version }: OplogPlace): AsyncGenerator<StoredEntry> {
    const { readOplog: read, payload, pause } = workersAccess(this.#services);
    const oplog = new StoredOplog({ worker, read, payload, pause, from, version });
    for (;;) {
      const [entry] = await oplog.next(1, () => true);
      if (entry === undefined) return;
      yield entry;
    }
  }
}
