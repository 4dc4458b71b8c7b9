/**
 * Ephemeral workers keep nothing that a later call could use; their oplogs stay for a while to be looked at, and so that
 * a repeated call under the same idempotency key is answered. After that they are deleted.
 */
import type { ComponentService } from "../component/component-service.ts";
import type { Clock } from "../platform/clock.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerIndex } from "../worker/worker-index.ts";
import type { ExecutorPool } from "./executor-pool.ts";

export interface RetentionOptions {
  readonly components: Pick<ComponentService, "list">;
  readonly index: Pick<WorkerIndex, "list">;
  readonly executors: Pick<ExecutorPool, "request">;
  readonly clock: Clock;
  /** How long an ephemeral worker is kept after the last thing it did. */
  readonly retentionMs: number;
}

const pageCount = 200;

/** Retires what has been idle for too long; resolves when all candidates were looked at. */
export async function retireEphemeralWorkers(options: RetentionOptions): Promise<void> {
  const beforeMs = options.clock.now() - options.retentionMs;
  const versions = await options.components.list(undefined);
  const ephemeral = versions.filter(({ componentType }) => componentType === "Ephemeral");
  for (const componentId of new Set(ephemeral.map((version) => version.componentId))) {
    await retireOf(componentId, beforeMs, options);
  }
}

async function retireOf(componentId: string, beforeMs: number, options: RetentionOptions): Promise<void> {
  const { index, executors } = options;
  const filter = { type: "CreatedAt", comparator: "Less", valueMs: beforeMs } as const;
  let afterName: string | undefined;
  do {
    const page = await index.list({
      componentId,
      filter,
      count: pageCount,
      ...(afterName === undefined ? {} : { afterName }),
    });
    const retire = ({ id: worker }: { readonly id: WorkerId }): Promise<unknown> =>
      executors.request(worker, { kind: "retire", worker, beforeMs });
    await Promise.all(page.workers.map(retire));
    afterName = page.nextName;
  } while (afterName !== undefined);
}
