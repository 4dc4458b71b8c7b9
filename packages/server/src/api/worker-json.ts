import type { WorkerMetadata } from "@emet/contract";
import type { IndexedWorker } from "../cluster/worker-service.ts";

export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** spec/service.md §3.3. */
export function workerJson({ id, row, detail }: IndexedWorker): WorkerMetadata {
  return {
    workerId: id,
    args: [...detail.args],
    env: Object.fromEntries(row.env),
    status: row.status,
    componentVersion: row.componentVersion,
    retryCount: detail.retryCount,
    pendingInvocationCount: detail.pendingInvocationCount,
    updates: detail.updates.map(updateJson),
    createdAt: timestamp(row.createdAtMs),
    lastError: detail.lastError ?? null,
    componentSize: detail.componentSize,
    totalLinearMemorySize: detail.totalMemorySize,
    ownedResources: Object.fromEntries(
      detail.resources.map(({ resourceId, timestampMs, indexed }) => [
        String(resourceId),
        {
          createdAt: timestamp(timestampMs),
          indexed:
            indexed === undefined
              ? null
              : { resourceName: indexed.resourceName, resourceParams: [...indexed.parameters] },
        },
      ]),
    ),
    activePlugins: [...(detail.activePlugins ?? [])],
    usage: detail.usage ?? { fuel: 0, cpuMs: 0 },
  };
}

type Update = IndexedWorker["detail"]["updates"][number];

function updateJson(update: Update): WorkerMetadata["updates"][number] {
  const { timestampMs, targetVersion } = update.val;
  const base = { timestamp: timestamp(timestampMs), targetVersion };
  switch (update.tag) {
    case "pending":
      return { type: "pendingUpdate", ...base };
    case "successful":
      return { type: "successfulUpdate", ...base };
    case "failed":
      return { type: "failedUpdate", ...base, details: update.val.details ?? null };
  }
}
