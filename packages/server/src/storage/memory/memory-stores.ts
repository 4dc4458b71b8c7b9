/** Promises, timers, components and blobs in memory. */
import { formatWorkerId } from "../../platform/worker-id.ts";
import type {
  BlobStore,
  ComponentRecord,
  ComponentStore,
  PluginRecord,
  PluginStore,
  PromiseId,
  PromiseState,
  PromiseStore,
  RouteRecord,
  RouteStore,
  Timer,
  TimerStore,
} from "../../worker/stores.ts";
import { compareCodePoints } from "../code-points.ts";
import { versionKey, versionOfKey } from "./memory-oplogs.ts";
import type { OplogData } from "./memory-oplogs.ts";
import type { WriteQueue } from "./write-queue.ts";

function promiseKey(id: PromiseId): string {
  return `${formatWorkerId(id.worker)}\n${id.oplogIndex}`;
}

function removePrefixed(map: Map<string, unknown>, prefix: string): void {
  for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key);
}

export function memoryPromiseStore(promises: Map<string, PromiseState>, queue: WriteQueue): PromiseStore {
  return {
    create: (id) =>
      queue.add(() => {
        const key = promiseKey(id);
        if (!promises.has(key)) promises.set(key, { kind: "pending" });
      }),
    complete: (id, bytes) => {
      const data = new Uint8Array(bytes);
      return queue.add(() => {
        const key = promiseKey(id);
        const state = promises.get(key);
        if (state?.kind === "pending") promises.set(key, { kind: "completed", data });
        return state === undefined ? undefined : state.kind === "pending";
      });
    },
    get: (id) => queue.read(() => promises.get(promiseKey(id))),
    of: (worker, count, before = Number.MAX_SAFE_INTEGER) =>
      queue.read(() =>
        [...promises]
          .filter(([key]) => key.startsWith(`${formatWorkerId(worker)}\n`))
          .map(([key, { kind }]) => ({
            oplogIndex: Number(key.slice(key.indexOf("\n") + 1)),
            completed: kind === "completed",
          }))
          .filter(({ oplogIndex }) => oplogIndex < before)
          .sort((left, right) => right.oplogIndex - left.oplogIndex)
          .slice(0, count),
      ),
    delete: (id) =>
      queue.add(() => {
        promises.delete(promiseKey(id));
      }),
    deleteOf: (worker) => queue.add(() => removePrefixed(promises, `${formatWorkerId(worker)}\n`)),
  };
}

/** What a timer is known by. */
export function timerKey(timer: Timer): string {
  return `${formatWorkerId(timer.worker)}\n${timer.name}`;
}

function compareTimers(left: Timer, right: Timer): number {
  return left.dueMs - right.dueMs || compareCodePoints(timerKey(left), timerKey(right));
}

export function memoryTimerStore(timers: Map<string, Timer>, queue: WriteQueue): TimerStore {
  return {
    set: (timer) =>
      queue.add(() => {
        timers.set(timerKey(timer), timer);
      }),
    remove: (timer) =>
      queue.add(() => {
        const key = timerKey(timer);
        return timers.get(key)?.dueMs === timer.dueMs && timers.delete(key);
      }),
    get: (worker, name) => queue.read(() => timers.get(timerKey({ worker, name, dueMs: 0 }))),
    of: (worker, count, after) =>
      queue.read(() => {
        const key = formatWorkerId(worker);
        const behind = (timer: Timer): boolean => after === undefined || compareTimers(timer, { worker, ...after }) > 0;
        const own = [...timers.values()].filter((timer) => formatWorkerId(timer.worker) === key && behind(timer));
        return own.sort(compareTimers).slice(0, count);
      }),
    removeOf: (worker) => queue.add(() => removePrefixed(timers, `${formatWorkerId(worker)}\n`)),
    trigger: (name, dueMs) =>
      queue.add(() => {
        let count = 0;
        for (const [key, timer] of timers) {
          if (timer.name !== name) continue;
          timers.set(key, { ...timer, dueMs });
          count += 1;
        }
        return count;
      }),
    due: (untilMs, count) =>
      queue.read(() => {
        const due = [...timers.values()].filter((timer) => timer.dueMs <= untilMs);
        return due.sort(compareTimers).slice(0, count);
      }),
    next: (afterMs) =>
      queue.read(() => {
        let next: number | undefined;
        for (const { dueMs } of timers.values()) if (dueMs > afterMs) next = Math.min(next ?? dueMs, dueMs);
        return next;
      }),
  };
}

function memoryRemovedVersions(
  removed: Map<string, boolean>,
  queue: WriteQueue,
): Pick<ComponentStore, "uncleanedVersions" | "noteVersionCleaned"> {
  return {
    uncleanedVersions: () =>
      queue.read(() => [...removed].filter(([, cleaned]) => !cleaned).map(([key]) => versionOfKey(key))),
    noteVersionCleaned: ({ componentId, version }) =>
      queue.add(() => void removed.set(versionKey(componentId, version), true)),
  };
}

export function memoryComponentStore(
  records: ComponentRecord[],
  { ended, removedVersions, workers }: Pick<OplogData, "ended" | "removedVersions" | "workers">,
  queue: WriteQueue,
): ComponentStore {
  const insert = (record: ComponentRecord): Promise<boolean> =>
    queue.add(() => {
      const taken = records.some(
        (known) =>
          (known.componentId === record.componentId && known.version === record.version) ||
          (record.version === 0 && known.componentName === record.componentName),
      );
      if (!taken) records.push(record);
      return !taken;
    });
  const versions = (componentId: string): ComponentRecord[] =>
    records.filter((record) => record.componentId === componentId).sort((left, right) => left.version - right.version);
  const createdAtMs = (componentId: string): number => versions(componentId)[0]?.createdAtMs ?? 0;
  return {
    create: insert,
    addVersion: insert,
    get: (componentId, version) => queue.read(() => versions(componentId).find((record) => record.version === version)),
    latest: (componentId) => queue.read(() => versions(componentId).at(-1)),
    versions: (componentId) => queue.read(() => versions(componentId)),
    byName: (name) =>
      queue.read(() =>
        records
          .filter((record) => record.componentName === name)
          .sort(
            (left, right) => compareCodePoints(left.componentId, right.componentId) || left.version - right.version,
          ),
      ),
    all: () =>
      queue.read(() =>
        [...records].sort(
          (left, right) =>
            createdAtMs(left.componentId) - createdAtMs(right.componentId) ||
            compareCodePoints(left.componentId, right.componentId) ||
            left.version - right.version,
        ),
      ),
    end: (componentId, withWorkers) =>
      queue.add(() => {
        const used = [...workers.values()].some(({ id }) => id.componentId === componentId);
        if (used && !withWorkers) return "in-use";
        const kept = records.filter((record) => record.componentId !== componentId);
        if (kept.length === records.length) return "unknown";
        records.splice(0, records.length, ...kept);
        ended.set(componentId, false);
        return "ended";
      }),
    removeVersion: ({ componentId, version }) =>
      queue.add(() => {
        const own = versions(componentId);
        if (own.at(-1)?.version === version) return "latest";
        const used = [...workers.values()].some(
          ({ id, row }) => id.componentId === componentId && row.componentVersion === version,
        );
        if (used) return "in-use";
        const found = own.find((record) => record.version === version);
        if (found === undefined) return "unknown";
        records.splice(records.indexOf(found), 1);
        removedVersions.set(versionKey(componentId, version), false);
        return "removed";
      }),
    ...memoryRemovedVersions(removedVersions, queue),
    uncleaned: () => queue.read(() => [...ended].filter(([, cleaned]) => !cleaned).map(([id]) => id)),
    noteCleaned: (componentId) => queue.add(() => void ended.set(componentId, true)),
  };
}

export function memoryRouteStore(routes: Map<string, RouteRecord>, queue: WriteQueue): RouteStore {
  return {
    add: (record) =>
      queue.add(() => {
        const taken = routes.has(record.id);
        if (!taken) routes.set(record.id, record);
        return !taken;
      }),
    remove: (id) => queue.add(() => routes.delete(id)),
    all: () =>
      queue.read(() =>
        [...routes.values()].sort(
          (left, right) => left.createdAtMs - right.createdAtMs || compareCodePoints(left.id, right.id),
        ),
      ),
  };
}

export function memoryPluginStore(plugins: Map<string, PluginRecord>, queue: WriteQueue): PluginStore {
  const keyOf = (name: string, version: string): string => JSON.stringify([name, version]);
  return {
    add: (record) =>
      queue.add(() => {
        const key = keyOf(record.name, record.version);
        const taken = plugins.has(key);
        if (!taken) plugins.set(key, record);
        return !taken;
      }),
    remove: (name, version) => queue.add(() => plugins.delete(keyOf(name, version))),
    get: (name, version) => queue.read(() => plugins.get(keyOf(name, version))),
    all: () =>
      queue.read(() =>
        [...plugins.values()].sort(
          (left, right) =>
            left.createdAtMs - right.createdAtMs ||
            compareCodePoints(left.name, right.name) ||
            compareCodePoints(left.version, right.version),
        ),
      ),
  };
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}

export function memoryBlobStore(blobs: Map<string, Uint8Array>, queue: WriteQueue): BlobStore {
  return {
    put: (name, bytes) => {
      const data = new Uint8Array(bytes);
      return queue.add(() => {
        blobs.set(name, data);
      });
    },
    get: (name) => queue.read(() => copyOf(blobs.get(name))),
    getSync: (name) => copyOf(blobs.get(name)),
    delete: (name) =>
      queue.add(() => {
        blobs.delete(name);
      }),
    deleteAll: (prefix) => queue.add(() => removePrefixed(blobs, `${prefix}/`)),
  };
}
