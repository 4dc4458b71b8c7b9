/** The timers of one thread, from all partitions. */
import type { WorkerId } from "../platform/worker-id.ts";
import type { Timer, TimerStore } from "../worker/stores.ts";
import type { ClientChannel } from "./client-channel.ts";
import { compareCodePoints, compareIds } from "./code-points.ts";
import type { Partitions } from "./partitions.ts";
import { timerPlace } from "./timer-place.ts";
import type { WorkerEnds } from "./worker-ends.ts";

function compareTimers(left: Timer, right: Timer): number {
  return left.dueMs - right.dueMs || compareIds(left.worker, right.worker) || compareCodePoints(left.name, right.name);
}

async function merged(pages: readonly Promise<readonly Timer[]>[], count: number): Promise<readonly Timer[]> {
  const [first, ...others] = await Promise.all(pages);
  if (first === undefined || others.length === 0) return first ?? [];
  return [...first, ...others.flat()].sort(compareTimers).slice(0, count);
}

export function timerStore(partitions: Partitions, ends: WorkerEnds): TimerStore {
  const { all } = partitions;
  const placeOf = (worker: WorkerId, name: string): ClientChannel => {
    const place = timerPlace(worker, name);
    return place === "first" ? partitions.first : partitions.of(place);
  };
  return {
    set: (timer) => placeOf(timer.worker, timer.name).call("timer.set", timer),
    remove: (timer) => placeOf(timer.worker, timer.name).call("timer.remove", timer),
    get: (worker, name) => placeOf(worker, name).call("timer.get", worker, name),
    of: (worker, count, after) =>
      merged(
        all.map((partition) => partition.call("timer.of", worker, count, after)),
        count,
      ),
    removeOf: async (worker) => {
      const removals = all.map((partition) => partition.call("timer.removeOf", worker));
      await ends.removes(worker, Promise.all(removals));
    },
    // A promise's are all in one place; those of other names wait for nothing that others do.
    trigger: async (name, dueMs) => {
      const promised = timerPlace(undefined, name);
      const places = promised === undefined || promised === "first" ? all : [partitions.of(promised)];
      const triggered = await Promise.all(places.map((partition) => partition.call("timer.trigger", name, dueMs)));
      return triggered.reduce((sum, count) => sum + count, 0);
    },
    due: (untilMs, count) =>
      merged(
        all.map((partition) => partition.call("timer.due", untilMs, count)),
        count,
      ),
    next: async (afterMs) => {
      const times = await Promise.all(all.map((partition) => partition.call("timer.next", afterMs)));
      const known = times.filter((dueMs) => dueMs !== undefined);
      return known.length === 0 ? undefined : Math.min(...known);
    },
  };
}
