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

/** The watchers of one worker, and what they missed. */
export class EventStream {
  readonly #history: WorkerEvent[] = [];
  readonly #watchers = new Map<number, (event: WorkerEvent) => void>();

  emit(event: WorkerEvent): void {
    this.#history.push(event);
    if (this.#history.length > eventHistoryMax) this.#history.shift();
    for (const watch of this.#watchers.values()) watch(event);
  }

  subscribe(id: number, watch: (event: WorkerEvent) => void): void {
    for (const event of this.#history) watch(event);
    this.#watchers.set(id, watch);
  }

  unsubscribe(id: number): void {
    this.#watchers.delete(id);
  }

  /** The next instance starts with no history. */
  forget(): void {
    this.#history.length = 0;
  }

  close(): void {
    for (const watch of this.#watchers.values()) watch({ kind: "close" });
    this.#watchers.clear();
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }
}
