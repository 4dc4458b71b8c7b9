/** How far oplogs have gone to oplog processors, in memory. */
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { Delivery, DeliveryCursor, DeliveryStore } from "../../worker/delivery-store.ts";
import { compareCodePoints } from "../code-points.ts";
import type { WriteQueue } from "./write-queue.ts";

export type DeliveryData = Map<string, Delivery>;

type Place = Pick<Delivery, "worker" | "installationId">;

function keyOf({ worker, installationId }: Place): string {
  return JSON.stringify([formatWorkerId(worker), installationId]);
}

function comparePlaces(left: Place, right: Place): number {
  return (
    compareCodePoints(formatWorkerId(left.worker), formatWorkerId(right.worker)) ||
    compareCodePoints(left.installationId, right.installationId)
  );
}

export function memoryDeliveryStore(
  data: DeliveryData,
  lastIndexOf: (worker: WorkerId) => number,
  queue: WriteQueue,
): DeliveryStore {
  const sorted = (): Delivery[] => [...data.values()].sort(comparePlaces);
  return {
    begin: (delivery) =>
      queue.add(() => {
        const key = keyOf(delivery);
        if (!data.has(key)) data.set(key, { ...delivery, revision: 0 });
      }),
    advance: (delivery) =>
      queue.add(() => {
        const key = keyOf(delivery);
        const known = data.get(key);
        const follows = known?.id === delivery.id && known.revision === delivery.revision - 1;
        if (follows) data.set(key, delivery);
        return follows;
      }),
    of: (worker) =>
      queue.read(() => sorted().filter((delivery) => formatWorkerId(delivery.worker) === formatWorkerId(worker))),
    behind: (after, count) =>
      queue.read(() => {
        const rest = sorted().filter((delivery) => after === undefined || comparePlaces(delivery, after) > 0);
        const page = rest.slice(0, count);
        const last = page.length < count ? undefined : page.at(-1);
        const next: DeliveryCursor | undefined =
          last === undefined ? undefined : { worker: last.worker, installationId: last.installationId };
        const behind = page.filter(({ worker, sending, lastIndex }) => sending || lastIndex < lastIndexOf(worker));
        return { workers: behind.map(({ worker }) => worker), next };
      }),
  };
}

export function forgetDeliveries(data: DeliveryData, worker: WorkerId): void {
  for (const [key, delivery] of data) {
    if (formatWorkerId(delivery.worker) === formatWorkerId(worker)) data.delete(key);
  }
}
