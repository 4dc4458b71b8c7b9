/** What the fold over a worker's oplog gives (`fold.ts`): everything known about it without running it. */
import type { WorkerId } from "../platform/worker-id.ts";
import type { PluginChange } from "./active-plugins.ts";
import { Outcomes } from "./outcomes.ts";
import type { Caller, OplogRegion, PendingInvocation, PluginDescription, RetryPolicy } from "./oplog/entry-types.ts";
import type { WorkerStatus } from "./worker-row.ts";

export interface QueuedInvocation {
  readonly index: number;
  readonly timestampMs: number;
  readonly invocation: PendingInvocation;
}

export interface CurrentInvocation {
  readonly index: number;
  readonly idempotencyKey: string;
  readonly functionName: string;
  readonly callers: readonly Caller[] | undefined;
}

export interface WorkerError {
  readonly index: number;
  readonly timestampMs: number;
  readonly message: string;
  readonly retriable: boolean;
  readonly outOfMemory: boolean;
}

export interface PendingUpdate {
  readonly index: number;
  readonly timestampMs: number;
  readonly targetVersion: number;
  /** Its entry holds what the old version saved; without, the new version replays the worker's history. */
  readonly snapshotBased: boolean;
  /** The worker had failed: it has again if the update does. */
  readonly afterFailure: boolean;
}

/** From `index` on records are by this version's types. */
export interface VersionChange {
  readonly index: number;
  readonly version: number;
  readonly componentSize: number;
}

/** From `since` on, a `successful-update`, a snapshot stands for the history up to its `pending-update` at `index`. */
export interface SnapshotStart {
  readonly index: number;
  readonly since: number;
  /** What the version before owned, which a revert gives back. */
  readonly resources: ReadonlyMap<number, OwnedResource>;
}

export type FinishedUpdate =
  | {
      readonly kind: "successful";
      readonly index: number;
      readonly timestampMs: number;
      readonly targetVersion: number;
      readonly componentSize: number;
    }
  | {
      readonly kind: "failed";
      readonly index: number;
      readonly timestampMs: number;
      readonly targetVersion: number;
      readonly details: string | undefined;
    };

export interface OwnedResource {
  readonly index: number;
  readonly timestampMs: number;
  readonly indexed?: { readonly resourceName: string; readonly parameters: readonly string[] };
}

/** What guests compute: units of fuel, and milliseconds that they ran. */
export interface Usage {
  readonly fuel: number;
  readonly cpuMs: number;
}

export interface WorkerState {
  readonly workerId: WorkerId;
  status: WorkerStatus;
  createdAtMs: number;
  args: readonly string[];
  env: readonly (readonly [string, string])[];
  config: readonly (readonly [string, string])[];
  parent: WorkerId | undefined;
  architecture: string;
  /** What other workers had done to it, so that none of it is done twice. */
  readonly operations: Set<string>;
  componentVersion: number;
  /** In order, that of the creation first. */
  versions: VersionChange[];
  /** In order; the last one counts, and those before it again when a revert undoes it. */
  snapshots: SnapshotStart[];
  componentSize: number;
  totalMemorySize: number;
  /** Of all invocations, also of failed attempts and of what a revert has undone since. */
  usage: Usage;
  /** The last index folded, and its entry's time. */
  lastIndex: number;
  lastEntryMs: number;
  /** Consecutive failed attempts that came no further than the one before, and how far that was. */
  retryCount: number;
  retryProgress: number;
  lastError: WorkerError | undefined;
  current: CurrentInvocation | undefined;
  /** A jump left the current invocation for an earlier one; only a new fold tells which (`foldOplog`). */
  jumpedOut: boolean;
  pending: QueuedInvocation[];
  readonly outcomes: Outcomes;
  pendingUpdates: PendingUpdate[];
  finishedUpdates: FinishedUpdate[];
  deletedRegions: OplogRegion[];
  /** Begin indices of atomic regions and remote writes that have their end marker. */
  readonly endedRegions: Map<number, number>;
  policyChanges: { readonly index: number; readonly policy: RetryPolicy }[];
  readonly resources: Map<number, OwnedResource>;
  /** Operators switch them on and off: what the guest goes back behind leaves them as they are. */
  activePlugins: readonly PluginDescription[];
  /** What made those the active ones. */
  pluginChanges: PluginChange[];
  /** The plugin installation that it takes in oplogs for. */
  processes: string | undefined;
}

export function emptyState(workerId: WorkerId): WorkerState {
  return {
    workerId,
    status: "Idle",
    createdAtMs: 0,
    args: [],
    env: [],
    config: [],
    parent: undefined,
    architecture: "",
    operations: new Set(),
    componentVersion: 0,
    versions: [],
    snapshots: [],
    componentSize: 0,
    totalMemorySize: 0,
    usage: { fuel: 0, cpuMs: 0 },
    lastIndex: 0,
    lastEntryMs: 0,
    retryCount: 0,
    retryProgress: -1,
    lastError: undefined,
    current: undefined,
    jumpedOut: false,
    pending: [],
    outcomes: new Outcomes(),
    pendingUpdates: [],
    finishedUpdates: [],
    deletedRegions: [],
    endedRegions: new Map(),
    policyChanges: [],
    resources: new Map(),
    activePlugins: [],
    pluginChanges: [],
    processes: undefined,
  };
}

/** Whether its entries go to oplog processors. */
export function isProcessed({ activePlugins, processes }: WorkerState): boolean {
  return activePlugins.length > 0 && processes === undefined && activePlugins.some(hasProcessor);
}

function hasProcessor({ processor }: PluginDescription): boolean {
  return processor !== undefined;
}

/** The version that wrote the entry at `index`. */
export function versionAt(state: WorkerState, index: number): number {
  return versionChangeAt(state, index)?.version ?? 0;
}

/** What made that version the worker's. */
export function versionChangeAt({ versions }: WorkerState, index: number): VersionChange | undefined {
  return versions.findLast((change) => change.index <= index);
}

/** The history before this entry, a `pending-update`, is replaced by the snapshot that it holds. */
export function snapshotIndex({ snapshots }: WorkerState): number | undefined {
  return snapshots.at(-1)?.index;
}

/** The first entry that the guest can go back to by itself: what a snapshot stands for is not run again. */
export function historyStart({ snapshots }: WorkerState): number {
  return snapshots.at(-1)?.since ?? 2;
}
