/** The key-value store in memory. */
import type { EffectOrigin } from "../../durability/effect.ts";
import type { KeyValueChange, KeyValueResult, KeyValueStore } from "../../durability/key-value-store.ts";
import type { WatchEvent } from "../../durability/watch-event.ts";
import { encodeWatchEvent, watchEvents, watchTimerName } from "../../durability/watch-event.ts";
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { Timer } from "../../worker/stores.ts";
import { compareCodePoints } from "../code-points.ts";
import { addNumber, readNumber, writeNumber } from "../key-value-number.ts";
import { keysPageCount } from "../key-value-table.ts";
import type { OperationData } from "./memory-operations.ts";
import { memoryOnce } from "./memory-operations.ts";
import type { WriteQueue } from "./write-queue.ts";

interface StoredValue {
  readonly value: Uint8Array;
  readonly expiresMs: number | undefined;
}

export type KeyValueData = Map<string, Map<string, StoredValue>>;

/** Workers, by the space that they watch; and how many events there were. */
export interface WatcherData {
  readonly watchers: Map<string, Map<string, WorkerId>>;
  events: number;
}

interface MemoryKeyValueOptions {
  readonly watching: WatcherData;
  readonly setTimer: (timer: Timer) => void;
  readonly values: KeyValueData;
  readonly operations: OperationData;
  readonly queue: WriteQueue;
  /** Throws for a worker's former owner. */
  readonly checkEpoch: (origin: EffectOrigin) => void;
}

function find(values: KeyValueData, space: string, key: string, nowMs: number): Uint8Array | undefined {
  const stored = values.get(space)?.get(key);
  return stored?.expiresMs === undefined || stored.expiresMs > nowMs ? stored?.value : undefined;
}

function apply(values: KeyValueData, change: KeyValueChange, nowMs: number): KeyValueResult {
  const { space } = change;
  const entries = values.get(space) ?? new Map<string, StoredValue>();
  values.set(space, entries);
  switch (change.kind) {
    case "set":
      for (const [key, value] of change.entries) entries.set(key, { value, expiresMs: change.expiresMs });
      return undefined;
    case "delete":
      for (const key of change.keys) entries.delete(key);
      return undefined;
    case "increment": {
      const sum = addNumber(readNumber(find(values, space, change.key, nowMs)), change.delta);
      entries.set(change.key, { value: writeNumber(sum), expiresMs: undefined });
      return sum;
    }
    case "compare-and-swap": {
      if (readNumber(find(values, space, change.key, nowMs)) !== change.old) return false;
      entries.set(change.key, { value: writeNumber(change.new), expiresMs: undefined });
      return true;
    }
  }
}

function tell({ watching, setTimer }: MemoryKeyValueOptions, events: readonly WatchEvent[], dueMs: number): void {
  for (const event of events) {
    for (const worker of watching.watchers.get(event.space)?.values() ?? []) {
      watching.events += 1;
      setTimer({ worker, name: watchTimerName(watching.events), dueMs, payload: encodeWatchEvent(event) });
    }
  }
}

export function memoryKeyValueStore(options: MemoryKeyValueOptions): KeyValueStore {
  const { values, operations, queue, checkEpoch, watching } = options;
  const get = (space: string, key: string, nowMs: number): Uint8Array | undefined => {
    const value = find(values, space, key, nowMs);
    return value === undefined ? undefined : new Uint8Array(value);
  };
  return {
    get: (space, keys, nowMs) => queue.read(() => keys.map((key) => get(space, key, nowMs))),
    exists: (space, key, nowMs) => queue.read(() => find(values, space, key, nowMs) !== undefined),
    keys: (space, after, nowMs) =>
      queue.read(() =>
        [...(values.get(space)?.keys() ?? [])]
          .filter((key) => find(values, space, key, nowMs) !== undefined)
          .filter((key) => after === undefined || compareCodePoints(key, after) > 0)
          .sort(compareCodePoints)
          .slice(0, keysPageCount),
      ),
    write: (change, origin, nowMs) => {
      const copy = structuredClone(change);
      return queue.add(() => {
        checkEpoch(origin);
        return memoryOnce(operations, origin, () => {
          const result = apply(values, copy, nowMs);
          tell(options, watchEvents(copy, result), nowMs);
          return result;
        });
      });
    },
    watch: (space, worker) =>
      queue.add(() => {
        const watchers = watching.watchers.get(space) ?? new Map<string, WorkerId>();
        watching.watchers.set(space, watchers.set(formatWorkerId(worker), worker));
      }),
    forget: (worker) =>
      queue.add(() => {
        operations.delete(formatWorkerId(worker));
        for (const watchers of watching.watchers.values()) watchers.delete(formatWorkerId(worker));
      }),
  };
}
