/** What crosses between clients and the storage thread. */
import type { EffectOrigin } from "../durability/effect.ts";
import type {
  ObjectChange,
  ObjectChangeResult,
  ObjectContent,
  ObjectInfo,
  ObjectPlace,
} from "../durability/object-store.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { StoreErrorCode } from "../platform/store-error.ts";
import type {
  ComponentRecord,
  ComponentVersion,
  EndResult,
  PluginRecord,
  PromiseId,
  PromiseState,
  RouteRecord,
  RemoveVersionResult,
  Timer,
  TimerPlace,
  ListedPromise,
} from "../worker/stores.ts";
import type { Delivery, DeliveryCursor } from "../worker/delivery-store.ts";
import type { WorkerQuery } from "../worker/worker-index.ts";
import type { ArchivedRun, ArchiveUnit } from "./archive-table.ts";
import type { Barred, BarResult } from "./barred-versions.ts";
import type { DeliveriesBehind } from "./delivery-table.ts";
import type { StoredChange, StoredChangeResult, StoredValue } from "./key-value-table.ts";
import type { ArchivedPage, OplogPage } from "./oplog-reader.ts";
import type { PartitionIdentity } from "./partition-identity.ts";
import type { PackedPage } from "./worker-index.ts";
import type { PackedRow, PackedWorker } from "./worker-rows.ts";

/** Calls that change something. All that wait at one moment are one transaction. */
export interface WriteCalls {
  readonly "oplog.delete": (id: string, shard: number, epoch: number) => void;
  readonly "oplog.acquireEpoch": (shards: readonly number[]) => number;
  readonly "oplog.raiseEpoch": (shards: readonly number[], epoch: number) => void;
  readonly "partition.complete": (identity: PartitionIdentity) => void;
  readonly "promise.create": (id: PromiseId) => void;
  readonly "promise.complete": (id: PromiseId, data: Uint8Array) => boolean | undefined;
  readonly "promise.delete": (id: PromiseId) => void;
  readonly "promise.deleteOf": (worker: WorkerId) => void;
  readonly "timer.set": (timer: Timer) => void;
  readonly "timer.remove": (timer: Timer) => boolean;
  readonly "timer.removeOf": (worker: WorkerId) => void;
  readonly "timer.trigger": (name: string, dueMs: number) => number;
  readonly "component.insert": (record: ComponentRecord) => boolean;
  readonly "component.removeVersion": (version: ComponentVersion) => RemoveVersionResult;
  readonly "component.noteVersionCleaned": (version: ComponentVersion) => void;
  readonly "component.end": (componentId: string, withWorkers: boolean) => EndResult;
  readonly "component.noteCleaned": (componentId: string) => void;
  readonly "route.add": (record: RouteRecord) => boolean;
  readonly "route.remove": (id: string) => boolean;
  readonly "plugin.add": (record: PluginRecord) => boolean;
  readonly "plugin.remove": (name: string, version: string) => boolean;
  readonly "delivery.begin": (delivery: Omit<Delivery, "revision">) => void;
  readonly "delivery.advance": (delivery: Delivery) => boolean;
  readonly "keyValue.watch": (space: string, worker: WorkerId) => void;
  readonly "keyValue.write": (change: StoredChange, origin: EffectOrigin, nowMs: number) => StoredChangeResult;
  readonly "object.write": (change: ObjectChange, origin: EffectOrigin, nowMs: number) => ObjectChangeResult;
  readonly "object.sweep": (removed: readonly string[]) => {
    readonly files: readonly string[];
    readonly more: boolean;
  };
  readonly "archive.store": (run: ArchivedRun, bytes: number) => boolean;
  readonly "operation.forget": (worker: WorkerId) => void;
}

/** Calls that read what is committed. */
export interface ReadCalls {
  readonly "oplog.read": (id: string, fromIndex: number, bytesMax: number) => OplogPage | ArchivedPage;
  readonly "oplog.lastIndex": (id: string) => number;
  readonly "archive.candidates": (after: number) => {
    readonly keys: readonly number[];
    readonly next: number | undefined;
  };
  readonly "archive.unit": (key: number) => ArchiveUnit | undefined;
  readonly "archive.ended": (keys: readonly number[]) => readonly number[];
  readonly "worker.get": (id: string) => PackedRow | undefined;
  readonly "worker.nameAt": (componentId: string, position: number) => string | undefined;
  readonly "worker.needingRecovery": (after: WorkerId | undefined, count: number) => readonly PackedWorker[];
  readonly "promise.get": (id: PromiseId) => PromiseState | undefined;
  readonly "promise.of": (worker: WorkerId, count: number, before?: number) => readonly ListedPromise[];
  readonly "timer.get": (worker: WorkerId, name: string) => Timer | undefined;
  readonly "timer.of": (worker: WorkerId, count: number, after?: TimerPlace) => readonly Timer[];
  readonly "timer.due": (untilMs: number, count: number) => readonly Timer[];
  readonly "timer.next": (afterMs: number) => number | undefined;
  readonly "component.get": (componentId: string, version: number) => ComponentRecord | undefined;
  readonly "component.latest": (componentId: string) => ComponentRecord | undefined;
  readonly "component.versions": (componentId: string) => readonly ComponentRecord[];
  readonly "component.byName": (name: string) => readonly ComponentRecord[];
  readonly "keyValue.get": (
    space: string,
    keys: readonly string[],
    nowMs: number,
  ) => readonly (StoredValue | undefined)[];
  readonly "keyValue.exists": (space: string, key: string, nowMs: number) => boolean;
  readonly "keyValue.keys": (space: string, after: string | undefined, nowMs: number) => readonly string[];
  readonly "object.container": (name: string) => number | undefined;
  readonly "object.info": (place: ObjectPlace) => ObjectInfo | undefined;
  readonly "object.get": (place: ObjectPlace) => (ObjectInfo & { readonly content: ObjectContent }) | undefined;
  readonly "object.names": (container: string, after: string | undefined, count: number) => readonly string[];
  readonly "object.isUsed": (file: string) => boolean;
  readonly "component.all": () => readonly ComponentRecord[];
  readonly "component.isUsed": (barred: Barred) => boolean;
  /** These three change what this partition has in memory, between two groups. */
  readonly "component.bar": (barred: Barred, evenIfUsed: boolean) => BarResult;
  readonly "component.barAll": (barred: readonly Barred[]) => void;
  readonly "component.lift": (barred: Barred) => void;
  /** All components that have ended, and versions that were removed. */
  readonly "component.ended": () => readonly Barred[];
  readonly "component.uncleanedVersions": () => readonly ComponentVersion[];
  readonly "component.uncleaned": () => readonly string[];
  readonly "route.all": () => readonly RouteRecord[];
  readonly "delivery.of": (worker: WorkerId) => readonly Delivery[];
  readonly "delivery.behind": (after: DeliveryCursor | undefined, count: number) => DeliveriesBehind;
  readonly "plugin.get": (name: string, version: string) => PluginRecord | undefined;
  readonly "plugin.all": () => readonly PluginRecord[];
}

/** Reads that may take long: they yield to let writers in. */
export interface SteppedCalls {
  readonly "worker.list": (query: WorkerQuery) => Generator<undefined, PackedPage>;
}

/** Every call by name, with what the client gets. */
export type Calls = WriteCalls & ReadCalls & { readonly "worker.list": (query: WorkerQuery) => PackedPage };
export type CallName = keyof Calls;

/** Calls the storage thread; `bytes` is about how long the parameters are. */
export type CallStorage = <Name extends CallName>(
  bytes: number,
  name: Name,
  ...parameters: Parameters<Calls[Name]>
) => Promise<ReturnType<Calls[Name]>>;

/** One call, with a number chosen by the client. */
export interface Call {
  readonly number: number;
  readonly name: CallName;
  readonly parameters: readonly unknown[];
}

/** Appends one after another (`journal-format.ts`), numbered from `firstNumber` on; `count` of them. */
export interface AppendBatch {
  readonly firstNumber: number;
  readonly count: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One message of a client: in this order. */
export type ClientMessage = readonly (Call | AppendBatch)[];

export interface CallFailure {
  readonly number: number;
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** Answers to one client. Numbers of a range that aren't among the failures succeeded without a result. */
export interface StorageMessage {
  readonly failures: readonly CallFailure[];
  readonly ranges: readonly (readonly [first: number, end: number])[];
  readonly results: readonly (readonly [number: number, value: unknown])[];
}
