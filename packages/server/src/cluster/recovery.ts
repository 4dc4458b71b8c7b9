/** After a start, and after a thread was replaced: workers with something to do go on, the hottest first. */
import { decodeDetail } from "../durability/row.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { DeliveryCursor, DeliveryStore } from "../worker/delivery-store.ts";
import type { IndexedWorker, WorkerIndex } from "../worker/worker-index.ts";
import type { ExecutorPool } from "./executor-pool.ts";

const pageCount = 1000;

/** Workers that are opened at a time: clients' calls, which don't wait for these, come in between. */
const openingMax = 8;

interface Heat {
  readonly worker: WorkerId;
  /** An invocation is under way or queued. */
  readonly invoked: boolean;
  readonly activeAtMs: number;
}

function heatOf({ id, row }: IndexedWorker): Heat {
  const { pendingInvocationCount, lastEntryMs } = decodeDetail(row);
  const underWay = row.status === "Running" || row.status === "Retrying";
  // Rows of earlier releases don't tell when.
  return { worker: id, invoked: underWay || pendingInvocationCount > 0, activeAtMs: lastEntryMs ?? row.createdAtMs };
}

function hotterFirst(left: Heat, right: Heat): number {
  return Number(right.invoked) - Number(left.invoked) || right.activeAtMs - left.activeAtMs;
}

/** The workers that nobody will ask to go on, in the order in which they are to. */
export async function workersToRecover(
  index: Pick<WorkerIndex, "needingRecovery">,
  include: (worker: WorkerId) => boolean,
): Promise<readonly WorkerId[]> {
  const found: Heat[] = [];
  let after: WorkerId | undefined;
  for (;;) {
    const page = await index.needingRecovery(after, pageCount);
    for (const worker of page) if (include(worker.id)) found.push(heatOf(worker));
    after = page.at(-1)?.id;
    if (page.length < pageCount) return found.sort(hotterFirst).map(({ worker }) => worker);
  }
}

/** Resolves when all have been taken up by their executors, a few at a time. */
export async function recoverWorkers(
  workers: readonly WorkerId[],
  executors: Pick<ExecutorPool, "request">,
): Promise<void> {
  const rest = workers.values();
  const recoverRest = async (): Promise<void> => {
    for (const worker of rest) {
      // Its outcome is the worker's own; what fails is in its oplog.
      await executors.request(worker, { kind: "recover", worker }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: openingMax }, recoverRest));
}

/** Oplogs that plugins haven't got all of go on being delivered. */
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
