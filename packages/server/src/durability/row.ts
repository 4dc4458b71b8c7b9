/** The row that the worker index holds, made from the folded state, and the metadata read back from it. */
import { decodeValue, encodeBriefly } from "./codec/value-codec.ts";
import { enumeration, f64, lateOption, list, option, record, string, variant } from "./codec/schema.ts";
import type { WorkerRow } from "./worker-row.ts";
import type { WorkerState } from "./worker-state.ts";

const update = variant({
  pending: record({ timestampMs: f64, targetVersion: f64 }),
  successful: record({ timestampMs: f64, targetVersion: f64 }),
  failed: record({ timestampMs: f64, targetVersion: f64, details: option(string) }),
});

const resource = record({
  resourceId: f64,
  timestampMs: f64,
  indexed: option(record({ resourceName: string, parameters: list(string) })),
});

const detail = record({
  format: enumeration("v1"),
  args: list(string),
  retryCount: f64,
  pendingInvocationCount: f64,
  updates: list(update),
  lastError: option(string),
  componentSize: f64,
  totalMemorySize: f64,
  resources: list(resource),
  lastIndex: f64,
  lastErrorAtMs: option(f64),
  /** Ids of installations. */
  activePlugins: lateOption(list(string)),
  /** Those by whose types its records are, and those that it may get. */
  versions: lateOption(list(f64)),
  usage: lateOption(record({ fuel: f64, cpuMs: f64 })),
  /** When its last entry was made. */
  lastEntryMs: lateOption(f64),
});

/** What can be said of a worker without loading it, beyond the indexed columns of its row. */
export type WorkerDetail = NonNullable<(typeof detail)["value"]>;

/** Its detail is as `encodeBriefly` gives it. */
export function workerRow(state: WorkerState): WorkerRow {
  return {
    status: state.status,
    componentVersion: state.componentVersion,
    createdAtMs: state.createdAtMs,
    env: state.env,
    needsRecovery: needsRecovery(state),
    detail: encodeBriefly(detail.type, workerDetail(state)),
  };
}

/** Whether the worker has something to do that nobody will ask for again after a restart. */
export function needsRecovery(state: WorkerState): boolean {
  // The status is that of an invocation that is void: what goes on is an earlier one.
  if (state.jumpedOut) return true;
  switch (state.status) {
    case "Running":
    case "Retrying":
      return true;
    case "Idle":
    case "Suspended":
      return state.pending.length > 0 || state.pendingUpdates.length > 0;
    case "Interrupted":
    case "Failed":
    case "Exited":
      return false;
  }
}

export function workerDetail(state: WorkerState): WorkerDetail {
  const finished = state.finishedUpdates.map((item) =>
    item.kind === "successful" ? { tag: "successful" as const, val: item } : { tag: "failed" as const, val: item },
  );
  const pending = state.pendingUpdates.map((item) => ({ tag: "pending" as const, val: item }));
  return {
    format: "v1",
    args: state.args,
    retryCount: state.retryCount,
    pendingInvocationCount: state.pending.length,
    updates: [...pending, ...finished],
    lastError: state.lastError?.message,
    componentSize: state.componentSize,
    totalMemorySize: state.totalMemorySize,
    resources: [...state.resources].map(([resourceId, owned]) => ({
      resourceId,
      timestampMs: owned.timestampMs,
      indexed: owned.indexed,
    })),
    lastIndex: state.lastIndex,
    lastErrorAtMs: state.lastError?.timestampMs,
    versions: versionsOf(state),
    usage: state.usage,
    lastEntryMs: state.lastEntryMs,
    activePlugins: state.activePlugins.map(({ installationId }) => installationId),
  };
}

/** Also those that a revert left behind: what was recorded then can still be read. */
function versionsOf({ versions, pendingUpdates, pending }: WorkerState): readonly number[] {
  // Those of most workers at most times.
  if (versions.length === 1 && pendingUpdates.length === 0 && pending.length === 0) {
    return versions.map(({ version }) => version);
  }
  const queued = pending.flatMap(({ invocation }) => (invocation.tag === "manualUpdate" ? [invocation.val] : []));
  const wanted = [...pendingUpdates, ...queued].map(({ targetVersion }) => targetVersion);
  return [...new Set([...versions.map(({ version }) => version), ...wanted])];
}

export function decodeDetail(row: WorkerRow): WorkerDetail {
  return decodeValue(detail.type, row.detail);
}
