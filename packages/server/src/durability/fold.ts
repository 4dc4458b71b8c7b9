/**
 * The worker's state as a fold over its oplog: the only place where status is computed. Live code applies each entry as
 * it is appended; loading applies all of them; both must agree at any index.
 *
 * A jump or revert voids a region that was folded already. Facts are therefore kept with the index of their entry, and
 * voiding a region takes back the facts that lie in it.
 */
import type { WorkerId } from "../platform/worker-id.ts";
import { activePluginsAfter } from "./active-plugins.ts";
import type { PluginChange } from "./active-plugins.ts";
import { DeletedRegions } from "./deleted-regions.ts";
import { decodeEntry, framesOf } from "./oplog/decode-entry.ts";
import type { IndexedFrame, PayloadSource } from "./oplog/decode-entry.ts";
import { entryTypes } from "./oplog/entry-types.ts";
import type { EntryFields, EntryKind, OplogEntry, OplogRegion } from "./oplog/entry-types.ts";
import type { OplogChunk } from "./oplog-store.ts";
import type { InvocationOutcome } from "./outcomes.ts";
import { defaultRetryPolicy, mayRetry } from "./retry-policy.ts";
import { emptyState, versionChangeAt } from "./worker-state.ts";
import type { SnapshotStart, Usage, WorkerState } from "./worker-state.ts";

/** Told to whoever waits for what an ephemeral worker did when it was lost. */
export const lostInvocation = "The invocation was cut off: an ephemeral worker does not go on where it was";

interface At {
  readonly index: number;
  readonly timestampMs: number;
}

type Apply<K extends EntryKind> = (state: WorkerState, fields: EntryFields<K>, at: At) => void;

/** Entries that only the running code writes show that it runs. */
const running = (state: WorkerState): void => {
  if (state.current !== undefined) state.status = "Running";
};

const unchanged = (): void => undefined;

const reducers: { readonly [K in EntryKind]: Apply<K> } = {
  create: (state, fields, at) => {
    state.status = "Idle";
    state.createdAtMs = at.timestampMs;
    state.args = fields.args;
    state.env = fields.env;
    state.config = fields.config ?? [];
    state.parent = fields.parent;
    state.architecture = fields.architecture;
    changeVersion(state, fields.componentVersion, fields.componentSize, at);
    state.totalMemorySize = fields.initialMemorySize;
    state.processes = fields.processes;
    changePlugins(state, { kind: "create", fields, ...at });
  },
  "imported-function-invoked": running,
  "exported-function-invoked": (state, fields, at) => {
    const { functionName, idempotencyKey, callers } = fields;
    state.status = "Running";
    state.current = { index: at.index, idempotencyKey, functionName, callers };
    state.pending = state.pending.filter((queued) => queuedKey(queued.invocation) !== idempotencyKey);
    resetRetries(state);
  },
  // Its fields aren't there when a whole oplog is folded: `foldOplog` finds the last usage by itself.
  "exported-function-completed": (
    state,
    fields: Partial<EntryFields<"exported-function-completed">> | undefined,
    at,
  ) => {
    state.usage = fields?.usage ?? state.usage;
    const functionName = state.current?.functionName ?? "";
    finishCurrent(state, { kind: "completed", index: at.index, functionName });
    state.status = "Idle";
    resetRetries(state);
  },
  suspend: (state) => {
    state.status = "Suspended";
  },
  error: applyError,
  "no-op": running,
  jump: (state, fields) => {
    deleteRegion(state, fields.region);
    running(state);
  },
  interrupted: (state) => {
    state.status = "Interrupted";
  },
  exited: (state, { exitCode }, { index }) => {
    const functionName = state.current?.functionName ?? "";
    finishCurrent(state, { kind: "exited", index, functionName, exitCode });
    state.status = "Exited";
  },
  "change-retry-policy": (state, fields, at) => {
    state.policyChanges.push({ index: at.index, policy: fields.policy });
    running(state);
  },
  "begin-atomic-region": running,
  "end-atomic-region": endRegion,
  "begin-remote-write": running,
  "end-remote-write": endRegion,
  "pending-worker-invocation": (state, fields, at) => {
    if (fields.invocation.tag === "manualUpdate") noteOperation(state, fields.invocation.val.operation);
    state.pending.push({ index: at.index, timestampMs: at.timestampMs, invocation: fields.invocation });
  },
  "cancel-pending-invocation": (state, fields, at) => {
    state.pending = state.pending.filter((queued) => queuedKey(queued.invocation) !== fields.idempotencyKey);
    state.outcomes.set(fields.idempotencyKey, { kind: "cancelled", index: at.index });
  },
  "pending-update": (state, fields, at) => {
    const { targetVersion, description } = fields;
    noteOperation(state, fields.operation);
    const snapshotBased = description.tag === "snapshotBased";
    const afterFailure = state.status === "Failed";
    if (snapshotBased) dropManualUpdate(state, targetVersion);
    state.pendingUpdates.push({ ...at, targetVersion, snapshotBased, afterFailure });
    if (afterFailure) state.status = "Retrying";
  },
  "successful-update": (state, fields, at) => {
    const pending = finishUpdate(state, fields, at);
    if (pending?.snapshotBased === true) startFromSnapshot(state, { index: pending.index, since: at.index });
  },
  "failed-update": (state, fields, at) => {
    const pending = state.pendingUpdates.shift();
    if (pending === undefined) dropManualUpdate(state, fields.targetVersion);
    state.finishedUpdates.push({ kind: "failed", ...at, ...fields });
    if (pending?.afterFailure === true) state.status = "Failed";
  },
  "grow-memory": (state, fields) => {
    state.totalMemorySize += fields.delta;
  },
  "create-resource": (state, fields, at) => {
    state.resources.set(fields.resourceId, { index: at.index, timestampMs: at.timestampMs });
  },
  "drop-resource": (state, fields) => {
    state.resources.delete(fields.resourceId);
  },
  "describe-resource": (state, fields, at) => {
    const { resourceName, parameters } = fields;
    const known = state.resources.get(fields.resourceId) ?? at;
    state.resources.set(fields.resourceId, { ...known, indexed: { resourceName, parameters } });
  },
  log: unchanged,
  restart: (state, _fields, at) => {
    const key = state.current?.idempotencyKey;
    const known = key === undefined || state.outcomes.has(key);
    if (!known) state.outcomes.set(key, { kind: "failed", index: at.index, message: lostInvocation });
    state.status = "Idle";
    state.current = undefined;
    state.resources.clear();
  },
  revert: (state, fields, at) => {
    noteOperation(state, fields.operation);
    deleteRegion(state, fields.region);
    undoUpdates(state, fields.region);
    changePlugins(state, { kind: "revert", fields, ...at });
    // What was queued under a later version stays by that one's types.
    const before = versionChangeAt(state, fields.region.start - 1);
    if (before !== undefined && before.version !== state.componentVersion) {
      changeVersion(state, before.version, before.componentSize, at);
    }
    resetRetries(state);
    state.status = state.current === undefined ? "Idle" : "Running";
  },
  "start-span": running,
  "finish-span": running,
  "set-span-attribute": running,
  "activate-plugin": (state, fields, at) => changePlugins(state, { kind: "activate-plugin", fields, ...at }),
  "deactivate-plugin": (state, fields, at) => changePlugins(state, { kind: "deactivate-plugin", fields, ...at }),
  resumed: (state) => {
    state.status = state.current === undefined ? "Idle" : "Running";
  },
};

/** Folds one entry; indices must come without gaps. */
export function applyEntry(state: WorkerState, entry: OplogEntry, index: number): void {
  const reduce = reducers[entry.kind] as Apply<EntryKind>;
  state.lastIndex = index;
  state.lastEntryMs = entry.timestampMs;
  reduce(state, entry.fields, { index, timestampMs: entry.timestampMs });
}

/** The same as `applyEntry` for a host call, the one kind that is folded without being decoded. */
export function applyImportedCall(state: WorkerState, { index, timestampMs }: At): void {
  state.lastIndex = index;
  state.lastEntryMs = timestampMs;
  if (state.current !== undefined) state.status = "Running";
}

/** Hints that tell of what the guest did, so that a revert leaves nothing of them. */
const ofTheGuest: ReadonlySet<EntryKind> = new Set([
  "exited",
  "grow-memory",
  "create-resource",
  "drop-resource",
  "describe-resource",
]);

/** Kinds that may hold much of which the fold uses nothing. */
const withoutFields: ReadonlySet<EntryKind> = new Set(["exported-function-completed", "log"]);

function applyFieldless(state: WorkerState, kind: EntryKind, { index, timestampMs }: At): void {
  const reduce = reducers[kind] as (state: WorkerState, fields: unknown, at: At) => void;
  state.lastIndex = index;
  state.lastEntryMs = timestampMs;
  reduce(state, undefined, { index, timestampMs });
}

/**
 * Folds a whole oplog. The regions are found first and what they void is passed over, so that a jump into an earlier
 * invocation finds that invocation current again. `payloads` fetches what is not in the records themselves.
 */
export function foldOplog(workerId: WorkerId, chunks: readonly OplogChunk[], payloads: PayloadSource): WorkerState {
  const state = emptyState(workerId);
  foldOn(state, chunks, payloads);
  return state;
}

/**
 * Folds what follows the state's last index into it. False when that voids something which is folded already: then the
 * state is of no use, and the whole oplog is to be folded.
 */
export function foldOn(state: WorkerState, chunks: readonly OplogChunk[], payloads: PayloadSource): boolean {
  const folded = state.lastIndex;
  const regions: OplogRegion[] = [];
  const reverts: OplogRegion[] = [];
  for (const record of recordsAfter(folded, chunks)) {
    if (record.kind !== "jump" && record.kind !== "revert") continue;
    const entry = decodeEntry(record, payloads);
    if (entry.kind === "jump" || entry.kind === "revert") regions.push(entry.fields.region);
    if (entry.kind === "revert") reverts.push(entry.fields.region);
  }
  if (folded > 0 && regions.some(({ start }) => start <= folded)) return false;
  const deleted = new DeletedRegions(regions);
  const reverted = new DeletedRegions(reverts);
  let used: IndexedFrame | undefined;
  for (const record of recordsAfter(folded, chunks)) {
    const { kind, index } = record;
    if (kind === "exported-function-completed" || (kind === "error" && usageIn(decodeEntry(record, payloads)))) {
      used = record;
    }
    const undone = reverted.has(index);
    const at = { index, timestampMs: record.frame.timestampMs };
    if ((deleted.has(index) && isVoid(kind)) || (undone && ofTheGuest.has(kind))) state.lastIndex = index;
    else if (kind === "imported-function-invoked") applyImportedCall(state, at);
    else if (withoutFields.has(kind)) applyFieldless(state, kind, at);
    else if (undone && kind === "successful-update") applyUndoneUpdate(state, decodeEntry(record, payloads), index);
    else applyEntry(state, decodeEntry(record, payloads), index);
  }
  // The last one that says it counts, also in a deleted region: what was used isn't undone.
  if (used !== undefined) state.usage = usageIn(decodeEntry(used, payloads)) ?? state.usage;
  return true;
}

function usageIn(entry: OplogEntry): Usage | undefined {
  return entry.kind === "exported-function-completed" || entry.kind === "error" ? entry.fields.usage : undefined;
}

/** What it began with instead of the history is not to be told from what was before it: that goes on after the revert. */
function applyUndoneUpdate(state: WorkerState, { kind, fields, timestampMs }: OplogEntry, index: number): void {
  state.lastIndex = index;
  state.lastEntryMs = timestampMs;
  if (kind === "successful-update") finishUpdate(state, fields, { index, timestampMs });
}

/** Whether an entry of the kind loses its effect in a deleted region: hints keep theirs, and a jump lies in its own region. */
function isVoid(kind: EntryKind): boolean {
  return !entryTypes[kind].hint && kind !== "jump";
}

function* recordsAfter(index: number, chunks: readonly OplogChunk[]): Generator<IndexedFrame> {
  for (const chunk of chunks) for (const record of framesOf(chunk)) if (record.index > index) yield record;
}

export function retryPolicyInForce(state: WorkerState): EntryFields<"change-retry-policy">["policy"] {
  return state.policyChanges.at(-1)?.policy ?? defaultRetryPolicy;
}

function queuedKey(invocation: EntryFields<"pending-worker-invocation">["invocation"]): string | undefined {
  return invocation.tag === "function" ? invocation.val.idempotencyKey : undefined;
}

function changeVersion(state: WorkerState, version: number, componentSize: number, { index }: At): void {
  state.componentVersion = version;
  state.componentSize = componentSize;
  state.versions = [...state.versions, { index, version, componentSize }];
}

function resetRetries(state: WorkerState): void {
  state.retryCount = 0;
  state.retryProgress = -1;
  state.lastError = undefined;
}

function finishCurrent(state: WorkerState, outcome: InvocationOutcome): void {
  if (state.current !== undefined) state.outcomes.set(state.current.idempotencyKey, outcome);
  state.current = undefined;
}

function applyError(state: WorkerState, fields: EntryFields<"error">, at: At): void {
  state.usage = fields.usage ?? state.usage;
  const cameFurther = fields.progress > state.retryProgress;
  state.retryCount = cameFurther ? 1 : state.retryCount + 1;
  state.retryProgress = Math.max(fields.progress, state.retryProgress);
  const { message, retriable, outOfMemory } = fields;
  state.lastError = { index: at.index, timestampMs: at.timestampMs, message, retriable, outOfMemory };
  const retry = outOfMemory || (retriable && mayRetry(retryPolicyInForce(state), state.retryCount));
  state.status = retry ? "Retrying" : "Failed";
  if (!retry && state.current !== undefined) {
    state.outcomes.set(state.current.idempotencyKey, { kind: "failed", index: at.index, message });
  }
}

function noteOperation(state: WorkerState, operation: string | undefined): void {
  if (operation !== undefined) state.operations.add(operation);
}

/** It was queued like an invocation; now its turn has come. */
function dropManualUpdate(state: WorkerState, version: number): void {
  const index = state.pending.findIndex(
    ({ invocation }) => invocation.tag === "manualUpdate" && invocation.val.targetVersion === version,
  );
  if (index >= 0) state.pending.splice(index, 1);
}

function changePlugins(state: WorkerState, change: PluginChange): void {
  const { kind, fields, index } = change;
  state.pluginChanges = [...state.pluginChanges, { kind, fields, index }];
  state.activePlugins = activePluginsAfter(state.activePlugins, change);
}

function finishUpdate(
  state: WorkerState,
  fields: EntryFields<"successful-update">,
  at: At,
): WorkerState["pendingUpdates"][number] | undefined {
  state.finishedUpdates.push({ kind: "successful", ...at, ...fields });
  changeVersion(state, fields.targetVersion, fields.componentSize, at);
  changePlugins(state, { kind: "successful-update", fields, ...at });
  return state.pendingUpdates.shift();
}

/** Takes back the updates that ended in the region. One that is still to come no longer finds the worker failed. */
function undoUpdates(state: WorkerState, region: OplogRegion): void {
  const inside = (index: number): boolean => index >= region.start && index <= region.end;
  state.finishedUpdates = state.finishedUpdates.filter((update) => !inside(update.index));
  state.pendingUpdates = state.pendingUpdates.map((update) => ({ ...update, afterFailure: false }));
  const undone = state.snapshots.find(({ since }) => inside(since));
  if (undone === undefined) return;
  state.snapshots = state.snapshots.filter(({ since }) => !inside(since));
  state.resources.clear();
  for (const [id, resource] of undone.resources) if (!inside(resource.index)) state.resources.set(id, resource);
}

/** What the old version had, but for what it saved, is gone. */
function startFromSnapshot(state: WorkerState, start: Omit<SnapshotStart, "resources">): void {
  state.snapshots.push({ ...start, resources: new Map(state.resources) });
  state.resources.clear();
  state.current = undefined;
  state.status = "Idle";
  resetRetries(state);
}

function endRegion(state: WorkerState, fields: { readonly beginIndex: number }, at: At): void {
  // A guest may end a region twice: what voids the second end leaves the first.
  if (!state.endedRegions.has(fields.beginIndex)) state.endedRegions.set(fields.beginIndex, at.index);
  running(state);
}

/** Takes back what the entries of the region had changed. */
function deleteRegion(state: WorkerState, region: OplogRegion): void {
  const inside = (index: number): boolean => index >= region.start && index <= region.end;
  state.deletedRegions.push(region);
  state.policyChanges = state.policyChanges.filter((change) => !inside(change.index));
  // A cancelled invocation never ran and never will.
  const voided = state.outcomes.deleteWhere(({ kind, index }) => inside(index) && kind !== "cancelled");
  if (voided.some(({ kind }) => kind === "completed" || kind === "exited")) state.jumpedOut = true;
  for (const [begin, end] of state.endedRegions) if (inside(end)) state.endedRegions.delete(begin);
  for (const [id, resource] of state.resources) if (inside(resource.index)) state.resources.delete(id);
  if (state.current !== undefined && inside(state.current.index)) {
    state.current = undefined;
    state.jumpedOut = true;
  }
}
