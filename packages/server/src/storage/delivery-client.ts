/** Deliveries of all partitions, for one thread. */
import type { DeliveryCursor, DeliveryStore } from "../worker/delivery-store.ts";
import type { Partitions } from "./partitions.ts";

/** One partition after the other; a cursor tells by its worker in which one it stands. */
async function behind(
  partitions: Partitions,
  after: DeliveryCursor | undefined,
  count: number,
): ReturnType<DeliveryStore["behind"]> {
  const workers = [];
  let from = after;
  const start = after === undefined ? 0 : partitions.numberOf(after.worker);
  for (const partition of partitions.all.slice(start)) {
    const page = await partition.call("delivery.behind", from, count);
    workers.push(...page.workers);
    if (page.next !== undefined) return { workers, next: page.next };
    from = undefined;
  }
  return { workers, next: undefined };
}

export function deliveryStore(partitions: Partitions): DeliveryStore {
  return {
    begin: (delivery) => partitions.of(delivery.worker).call("delivery.begin", delivery),
    advance: (delivery) => partitions.of(delivery.worker).call("delivery.advance", delivery),
    of: (worker) => partitions.of(worker).call("delivery.of", worker),
    behind: (after, count) => behind(partitions, after, count),
  };
}
