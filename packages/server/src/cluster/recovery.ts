/** After a start, and after a thread was replaced: workers with something to do go on. */
import type { WorkerId } from "../platform/worker-id.ts";
import type { DeliveryCursor, DeliveryStore } from "../worker/delivery-store.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";
import type { ExecutorPool } from "./executor-pool.ts";

const pageCount = 1000;

/** Resolves when every such worker has been handed to its executor; the executors load them one after the other. */
export async function recoverWorkers(
  index: WorkerIndex,
  executors: Pick<ExecutorPool, "request">,
  include: (worker: WorkerId) => boolean,
): Promise<void> {
  let after: WorkerId | undefined;
  for (;;) {
    const page = await index.needingRecovery(after, pageCount);
    for (const worker of page) {
      if (!include(worker)) continue;
      // Its outcome is the worker's own; what fails is in its oplog.
      executors.request(worker, { kind: "activate", worker, cause: "recovery" }).catch(() => undefined);
    }
    after = page.at(-1);
    if (page.length < pageCount) return;
  }
}

/** The same for oplogs that plugins haven't got all of. */
export async function recoverDeliveries(
  deliveries: DeliveryStore,
  executors: Pick<ExecutorPool, "request">,
  include: (worker: WorkerId) => boolean,
): Promise<void> {
  let after: DeliveryCursor | undefined;
  do {
    const { workers, next } = await deliveries.behind(after, pageCount);
    for (const worker of workers) {
      // An executor that can't is replaced, and this is done again.
      if (include(worker)) executors.request(worker, { kind: "deliver", worker }).catch(() => undefined);
    }
    after = next;
  } while (after !== undefined);
}
