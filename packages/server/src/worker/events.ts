/** What happens in a worker, for those who watch it (spec/service.md §7). */
import type { LogLevel } from "../host/interface.ts";

export type WorkerEvent =
  | {
      readonly kind: "output";
      readonly timestampMs: number;
      readonly level: LogLevel;
      readonly context: string;
      readonly message: string;
      /** What stdout and stderr wrote, exactly. */
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "invocation-start" | "invocation-finished";
      readonly timestampMs: number;
      readonly functionName: string;
      readonly idempotencyKey: string;
    }
  /** The stream ends: the worker was interrupted or deleted. */
  | { readonly kind: "close" };

/** How many events of a loaded instance a new watcher gets first. */
export const eventHistoryMax = 128;

/** So many more are kept at times: cutting the history off moves all of it. */
const eventSurplusMax = 32;

/** Bytes of output among them: a guest may write a mebibyte at a time. */
export const eventHistoryBytesMax = 1024 * 1024;

function outputBytes(event: WorkerEvent): number {
  return event.kind === "output" ? event.bytes.length : 0;
}

/** The watchers of one worker, and what they missed. */
export class EventStream {
  #history: WorkerEvent[] | undefined;
  #historyBytes = 0;
  /** Made for the first one. */
  #watchers: Map<number, (event: WorkerEvent) => void> | undefined;

  emit(event: WorkerEvent): void {
    const history = (this.#history ??= []);
    history.push(event);
    this.#historyBytes += outputBytes(event);
    if (history.length > eventHistoryMax + eventSurplusMax) this.#dropOldest(history, eventSurplusMax);
    while (this.#historyBytes > eventHistoryBytesMax) this.#dropOldest(history, 1);
    for (const watch of this.#watchers?.values() ?? []) watch(event);
  }

  subscribe(id: number, watch: (event: WorkerEvent) => void): void {
    for (const event of this.#history?.slice(-eventHistoryMax) ?? []) watch(event);
    (this.#watchers ??= new Map()).set(id, watch);
  }

  #dropOldest(history: WorkerEvent[], count: number): void {
    for (const event of history.splice(0, count)) this.#historyBytes -= outputBytes(event);
  }

  unsubscribe(id: number): void {
    this.#watchers?.delete(id);
  }

  /** The next instance starts with no history. */
  forget(): void {
    this.#history = undefined;
    this.#historyBytes = 0;
  }

  close(): void {
    for (const watch of this.#watchers?.values() ?? []) watch({ kind: "close" });
    this.#watchers = undefined;
  }

  get watched(): boolean {
    return (this.#watchers?.size ?? 0) > 0;
  }
}
