/** The stores that workers need besides their oplogs. Every write resolves when it is durable. */
import type { PluginInstallation, PluginSpecs } from "@emet/contract";
import type { WorkerId } from "../platform/worker-id.ts";

export interface PromiseId {
  readonly worker: WorkerId;
  readonly oplogIndex: number;
}

export type PromiseState = { readonly kind: "pending" } | { readonly kind: "completed"; readonly data: Uint8Array };

export interface ListedPromise {
  readonly oplogIndex: number;
  readonly completed: boolean;
}

export interface PromiseStore {
  /** Creates it as pending if there is none with this id; repeating it changes nothing. */
  readonly create: (id: PromiseId) => Promise<void>;
  /** True if this call completed it, false if it was completed before, undefined if there is no such promise. */
  readonly complete: (id: PromiseId, data: Uint8Array) => Promise<boolean | undefined>;
  readonly get: (id: PromiseId) => Promise<PromiseState | undefined>;
  /** Those that the worker made, the latest first, at most `count`; with `before` only those older than that one. */
  readonly of: (worker: WorkerId, count: number, before?: number) => Promise<readonly ListedPromise[]>;
  readonly delete: (id: PromiseId) => Promise<void>;
  readonly deleteOf: (worker: WorkerId) => Promise<void>;
}

/** At `dueMs` the worker is to be woken, or what `payload` says is to be done with it. A worker has at most one timer of a name. */
export interface Timer {
  readonly worker: WorkerId;
  readonly name: string;
  readonly dueMs: number;
  readonly payload?: Uint8Array | undefined;
}

/** Where a timer stands among those of its worker. */
export type TimerPlace = Pick<Timer, "dueMs" | "name">;

export interface TimerStore {
  /** Sets or moves it. */
  readonly set: (timer: Timer) => Promise<void>;
  /** Removes it if it is still due at `timer.dueMs`, so that a timer set anew meanwhile survives. False if it isn't. */
  readonly remove: (timer: Timer) => Promise<boolean>;
  readonly get: (worker: WorkerId, name: string) => Promise<Timer | undefined>;
  /** The worker's timers, ordered by time and name, at most `count`; with `after` only those behind that place. */
  readonly of: (worker: WorkerId, count: number, after?: TimerPlace) => Promise<readonly Timer[]>;
  readonly removeOf: (worker: WorkerId) => Promise<void>;
  /** Makes all timers of this name, of whatever worker, due at `dueMs`; returns how many there are. */
  readonly trigger: (name: string, dueMs: number) => Promise<number>;
  /** All timers due at or before `untilMs`, ordered by time, at most `count`; and those after it are found with a later `untilMs`. */
  readonly due: (untilMs: number, count: number) => Promise<readonly Timer[]>;
  /** The earliest due time after `afterMs`, undefined when there is no such timer. */
  readonly next: (afterMs: number) => Promise<number | undefined>;
}

/** Large immutable byte strings under names of `/`-separated segments. */
export interface BlobStore {
  /** Atomic and durable: after a crash the blob is whole or absent. Replaces an older one. */
  readonly put: (name: string, data: Uint8Array) => Promise<void>;
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
  /** For replay, where a guest's call can't wait. */
  readonly getSync: (name: string) => Uint8Array | undefined;
  readonly delete: (name: string) => Promise<void>;
  /** Removes all blobs whose name begins with `prefix` + `/`. */
  readonly deleteAll: (prefix: string) => Promise<void>;
}

/** Of the snapshots of a worker's memory the latest is tried first. */
export type SnapshotGeneration = "latest" | "previous";

/**
 * What spares workers their replay (`memory-snapshot/`). Nothing depends on it: what was put may be missing or damaged
 * after the machine has crashed.
 */
export interface MemorySnapshotStore {
  /** It becomes the latest of the worker, the latest becomes the previous one, and that goes. Resolves with the bytes that it takes. */
  readonly put: (worker: WorkerId, snapshot: Uint8Array) => Promise<number>;
  /** Undefined also for one that is damaged or can't be read. */
  readonly get: (worker: WorkerId, generation: SnapshotGeneration) => Promise<Uint8Array | undefined>;
  /** As far as the disk allows: what can't be removed stays, and is told of. */
  readonly delete: (worker: WorkerId) => Promise<void>;
}

/** A file that every worker of a component version begins with. */
export interface InitialFile {
  /** Of what it holds, which lies in the blob store: its hash. */
  readonly key: string;
  /** Absolute, without `.`, `..` and empty names. */
  readonly path: string;
  readonly permissions: "read-only" | "read-write";
}

/** One version of a component; the binaries lie in the blob store. */
export interface ComponentRecord {
  readonly componentId: string;
  readonly version: number;
  readonly componentName: string;
  readonly componentSize: number;
  readonly componentType: "Durable" | "Ephemeral";
  readonly createdAtMs: number;
  /** JSON text of the metadata shown to clients (spec/service.md §2.3). */
  readonly metadata: string;
  readonly files: readonly InitialFile[];
  readonly installedPlugins: readonly InstalledPlugin[];
}

/**
 * A plugin as it was when it was installed: what a version does doesn't change when the plugin is removed, or another is
 * registered under its name.
 */
export interface InstalledPlugin extends PluginInstallation {
  readonly specs: PluginSpecs;
}

export type ComponentVersion = Pick<ComponentRecord, "componentId" | "version">;

/** What became of the wish to remove a version. */
export type RemoveVersionResult = "removed" | "latest" | "in-use" | "unknown";

/** What became of the wish to end a component. */
export type EndResult = "ended" | "in-use" | "unknown";

export interface ComponentStore {
  /** Adds version 0 under a new name; resolves false, changing nothing, when the name is taken. */
  readonly create: (record: ComponentRecord) => Promise<boolean>;
  /** Adds a version; resolves false, changing nothing, when that version exists. */
  readonly addVersion: (record: ComponentRecord) => Promise<boolean>;
  readonly get: (componentId: string, version: number) => Promise<ComponentRecord | undefined>;
  readonly latest: (componentId: string) => Promise<ComponentRecord | undefined>;
  readonly versions: (componentId: string) => Promise<readonly ComponentRecord[]>;
  readonly byName: (name: string) => Promise<readonly ComponentRecord[]>;
  /** All versions of all components, by creation time of the component, then version. */
  readonly all: () => Promise<readonly ComponentRecord[]>;
  /** Removes all versions, for good: no worker of it can be created any more. `in-use` if it has workers, unless they don't matter. */
  readonly end: (componentId: string, withWorkers: boolean) => Promise<EndResult>;
  /**
   * Removes one version, for good: no worker gets it any more. Not the latest one, and not one that workers have now; that
   * none has had it is for the caller to know.
   */
  readonly removeVersion: (version: ComponentVersion) => Promise<RemoveVersionResult>;
  /** Removed versions whose binaries may be left, until that is noted. */
  readonly uncleanedVersions: () => Promise<readonly ComponentVersion[]>;
  readonly noteVersionCleaned: (version: ComponentVersion) => Promise<void>;
  /** Ended components of which something may be left, until that is noted. */
  readonly uncleaned: () => Promise<readonly string[]>;
  readonly noteCleaned: (componentId: string) => Promise<void>;
}

/** How requests to custom HTTP APIs find their workers. */
export interface RouteRecord {
  readonly id: string;
  readonly createdAtMs: number;
  /** JSON text. */
  readonly definition: string;
}

export interface RouteStore {
  /** Resolves false, changing nothing, when there is one of this id. */
  readonly add: (record: RouteRecord) => Promise<boolean>;
  /** Resolves false when there was none. */
  readonly remove: (id: string) => Promise<boolean>;
  /** By time of creation. */
  readonly all: () => Promise<readonly RouteRecord[]>;
}

/** A registered plugin; there is one of a name and version. */
export interface PluginRecord {
  readonly name: string;
  readonly version: string;
  readonly createdAtMs: number;
  /** JSON text of the definition shown to clients (spec/service.md §10.3). */
  readonly definition: string;
}

export interface PluginStore {
  /** Resolves false, changing nothing, when there is one of this name and version. */
  readonly add: (record: PluginRecord) => Promise<boolean>;
  /** Resolves false when there was none. */
  readonly remove: (name: string, version: string) => Promise<boolean>;
  readonly get: (name: string, version: string) => Promise<PluginRecord | undefined>;
  /** All, by time of registration, then name and version. */
  readonly all: () => Promise<readonly PluginRecord[]>;
}
