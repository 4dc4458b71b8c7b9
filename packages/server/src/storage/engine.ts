/**
 * The embedded store without threads and messages: everything that reads and writes the database. All of it is
 * synchronous; `storage-thread.ts` decides what belongs into one group.
 */
import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { ReadCalls, SteppedCalls, WriteCalls } from "./calls.ts";
import type { StorageGauges } from "./gauges.ts";
import { ArchiveTable } from "./archive-table.ts";
import { BarredVersions } from "./barred-versions.ts";
import { ComponentTable } from "./component-table.ts";
import { fillLog, openConnection, pageBytes, Transactions } from "./database.ts";
import { DeliveryTable } from "./delivery-table.ts";
import { DeletedWorkers } from "./deleted-workers.ts";
import { EndedComponents } from "./ended-components.ts";
import { RemovedVersions } from "./removed-versions.ts";
import { Journal } from "./journal.ts";
import { JournalError } from "./journal-format.ts";
import type { StorageLimits } from "./limits.ts";
import { Mover } from "./mover.ts";
import { readOplog } from "./oplog-reader.ts";
import { KeyValueTable } from "./key-value-table.ts";
import { ObjectTable } from "./object-table.ts";
import { OperationTable } from "./operation-table.ts";
import { OplogWriter } from "./oplog-writer.ts";
import type { ExpectedPartition, PartitionIdentity } from "./partition-identity.ts";
import {
  checkIdentity,
  checkPresence,
  databaseFileOf,
  firstPartition,
  readIdentity,
  writeIdentity,
} from "./partition-identity.ts";
import { PluginTable } from "./plugin-table.ts";
import { PromiseTable } from "./promise-table.ts";
import { RouteTable } from "./route-table.ts";
import { Segments } from "./segments.ts";
import { WatcherTable } from "./watcher-table.ts";
import { TimerTable } from "./timer-table.ts";
import { WorkerIndexReader } from "./worker-index.ts";
import type { WorkerState } from "./worker-states.ts";
import { WorkerStates } from "./worker-states.ts";
import { WorkerTable } from "./worker-table.ts";

interface Parts {
  readonly states: WorkerStates;
  readonly journal: Journal;
  readonly segments: Segments;
  readonly archives: ArchiveTable;
  readonly table: WorkerTable;
  readonly deleted: DeletedWorkers;
  readonly promises: PromiseTable;
  readonly timers: TimerTable;
  readonly components: ComponentTable;
  readonly endedComponents: EndedComponents;
  readonly removedVersions: RemovedVersions;
  readonly barred: BarredVersions;
  readonly routes: RouteTable;
  readonly plugins: PluginTable;
  readonly deliveries: DeliveryTable;
}

function openParts(database: DatabaseSync, limits: StorageLimits): Parts {
  const states = new WorkerStates(database, limits);
  const segments = new Segments(database, limits.segmentBytes);
  const endedComponents = new EndedComponents(database, states);
  const removedVersions = new RemovedVersions(database, states);
  return {
    states,
    journal: new Journal(database),
    segments,
    archives: new ArchiveTable(database, { segments, states }, limits),
    table: new WorkerTable(database),
    deleted: new DeletedWorkers(database),
    promises: new PromiseTable(database),
    timers: new TimerTable(database),
    components: new ComponentTable(database),
    endedComponents,
    removedVersions,
    barred: new BarredVersions({ endedComponents, removedVersions }),
    routes: new RouteTable(database),
    plugins: new PluginTable(database),
    deliveries: new DeliveryTable(database),
  };
}

/** Rebuilds what memory held of entries that were not moved. */
function recover({ states, journal, deleted }: Parts): void {
  journal.continueAfter(deleted.newestSequence);
  const known = new Map<number, WorkerState>();
  for (const entry of journal.load()) {
    const { key, nextIndex, environmentBytes } = entry;
    states.noteKey(key);
    if (deleted.has(key)) continue;
    const state = states.recover(key, entry.id, known);
    if (state === undefined)
      throw new JournalError(`cannot recover: the journal has records of unknown worker key ${key}`);
    if (nextIndex - 1 <= state.movedIndex) continue;
    if (entry.firstIndex !== state.lastIndex + 1) {
      const { componentId, workerName } = state.id;
      throw new JournalError(
        `cannot recover worker ${componentId}/${workerName}: index ${state.lastIndex + 1} is missing in the journal`,
      );
    }
    if (environmentBytes > 0) {
      const start = entry.environmentStart;
      state.environment = new Uint8Array(entry.buffer.subarray(start, start + environmentBytes));
      state.environmentStored = false;
    }
    state.lastIndex = nextIndex - 1;
    state.pending.push(entry);
    states.dirty.add(state);
  }
}

/** What workers change outside their oplogs, each change once. */
interface Effects {
  readonly operations: OperationTable;
  readonly keyValues: KeyValueTable;
  readonly objects: ObjectTable;
  readonly watchers: WatcherTable;
}

function openEffects(database: DatabaseSync, writer: OplogWriter, timers: TimerTable): Effects {
  const operations = new OperationTable(database, (shard, epoch, id) => writer.checkEpoch(shard, epoch, id));
  const objects = new ObjectTable(database, operations);
  const watchers = new WatcherTable(database, timers);
  const keyValues = new KeyValueTable(database, { operations, watchers, garbage: objects.garbage });
  return { operations, objects, keyValues, watchers };
}

function writeCalls(database: DatabaseSync, writer: OplogWriter, parts: Parts & Effects): WriteCalls {
  const { promises, timers, components, keyValues, objects, operations } = parts;
  return {
    "oplog.delete": (id, shard, epoch) => {
      writer.delete(id, shard, epoch);
      parts.deliveries.forget(id);
    },
    "oplog.acquireEpoch": (shards) => writer.acquireEpoch(shards),
    "oplog.raiseEpoch": (shards, epoch) => writer.raiseEpoch(shards, epoch),
    "partition.complete": (identity) => writeIdentity(database, identity),
    "promise.create": (id) => promises.create(id),
    "promise.complete": (id, data) => promises.complete(id, data),
    "promise.delete": (id) => promises.delete(id),
    "promise.deleteOf": (worker) => promises.deleteOf(worker),
    "timer.set": (timer) => timers.set(timer),
    "timer.remove": (timer) => timers.remove(timer),
    "timer.removeOf": (worker) => timers.removeOf(worker),
    "timer.trigger": (name, dueMs) => timers.trigger(name, dueMs),
    "component.insert": (record) => components.insert(record),
    "component.end": (componentId, withWorkers) => parts.endedComponents.end(componentId, withWorkers),
    "component.removeVersion": (version) => parts.removedVersions.remove(version),
    "component.noteVersionCleaned": (version) => parts.removedVersions.noteCleaned(version),
    "component.noteCleaned": (componentId) => parts.endedComponents.noteCleaned(componentId),
    "route.add": (record) => parts.routes.add(record),
    "route.remove": (id) => parts.routes.remove(id),
    "plugin.add": (record) => parts.plugins.add(record),
    "plugin.remove": (name, version) => parts.plugins.remove(name, version),
    "delivery.begin": (delivery) => parts.deliveries.begin(delivery),
    "delivery.advance": (delivery) => parts.deliveries.advance(delivery),
    "keyValue.watch": (space, worker) => parts.watchers.add(space, worker),
    "keyValue.write": (change, origin, nowMs) => keyValues.write(change, origin, nowMs),
    "object.write": (change, origin, nowMs) => objects.write(change, origin, nowMs),
    "object.sweep": (removed) => objects.garbage.step(removed),
    "archive.store": (run, bytes) => parts.archives.store(run, bytes),
    "operation.forget": (worker) => {
      operations.forget(worker);
      parts.watchers.forget(worker);
    },
  };
}

/** Positions of enumeration are keys of workers, whose names are known even when they have ended. */
function nameOfKey({ states, deleted }: Parts, componentId: string, key: number): string | undefined {
  const id = states.idOf(key) ?? deleted.idOf(key);
  return id?.componentId === componentId ? id.workerName : undefined;
}

function readCalls(index: WorkerIndexReader, parts: Parts & Effects, limits: StorageLimits): ReadCalls {
  const { states, promises, timers, components, keyValues, objects } = parts;
  return {
    "oplog.read": (id, fromIndex, bytesMax) => readOplog(parts, id, fromIndex, Math.min(bytesMax, limits.readBytesMax)),
    "oplog.lastIndex": (id) => states.find(id)?.lastIndex ?? 0,
    "archive.candidates": (after) => parts.archives.candidates(after),
    "archive.unit": (key) => parts.archives.nextUnit(key),
    "archive.ended": (keys) => keys.filter((key) => !parts.archives.isAlive(key)),
    "worker.get": (id) => index.get(id),
    "worker.nameAt": (componentId, position) => nameOfKey(parts, componentId, position),
    "worker.needingRecovery": (after, count) => index.needingRecovery(after, Math.min(count, limits.pageCountMax)),
    "promise.get": (id) => promises.get(id),
    "promise.of": (worker, count, before) => promises.of(worker, count, before),
    "timer.get": (worker, name) => timers.get(worker, name),
    "timer.of": (worker, count, after) => timers.of(worker, count, after),
    "timer.due": (untilMs, count) => timers.due(untilMs, count),
    "timer.next": (afterMs) => timers.next(afterMs),
    "component.get": (componentId, version) => components.get(componentId, version),
    "component.latest": (componentId) => components.latest(componentId),
    "component.versions": (componentId) => components.versions(componentId),
    "component.byName": (name) => components.byName(name),
    "component.all": () => components.all(),
    "component.isUsed": (barred) => parts.barred.isUsed(barred),
    "component.bar": (barred, evenIfUsed) => parts.barred.bar(barred, evenIfUsed),
    "component.barAll": (all) => {
      for (const barred of all) parts.barred.bar(barred, true);
    },
    "component.lift": (barred) => parts.barred.lift(barred),
    "component.ended": () => [
      ...parts.endedComponents.all().map((componentId) => ({ componentId })),
      ...parts.removedVersions.all(),
    ],
    "component.uncleanedVersions": () => parts.removedVersions.uncleaned(),
    "component.uncleaned": () => parts.endedComponents.uncleaned(),
    "route.all": () => parts.routes.all(),
    "delivery.of": (worker) => parts.deliveries.of(worker),
    "delivery.behind": (after, count) =>
      parts.deliveries.behind(after, Math.min(count, limits.pageCountMax), (id) => states.find(id)?.lastIndex ?? 0),
    "plugin.get": (name, version) => parts.plugins.get(name, version),
    "plugin.all": () => parts.plugins.all(),
    "object.container": (name) => objects.container(name),
    "object.info": (place) => objects.info(place),
    "object.get": (place) => objects.get(place),
    "object.names": (container, after, count) => objects.names(container, after, count),
    "object.isUsed": (file) => objects.garbage.isUsed(file),
    "keyValue.get": (space, keys, nowMs) => keyValues.get(space, keys, nowMs),
    "keyValue.exists": (space, key, nowMs) => keyValues.exists(space, key, nowMs),
    "keyValue.keys": (space, after, nowMs) => keyValues.keys(space, after, nowMs),
  };
}

/** An open store. */
export class StorageEngine implements Disposable {
  readonly #database: DatabaseSync;
  readonly #journal: Journal;
  readonly transactions: Transactions;
  readonly writer: OplogWriter;
  readonly mover: Mover;
  /** To be called in a group's transaction. */
  readonly writes: WriteCalls;
  /** To be called between groups. */
  readonly reads: ReadCalls;
  readonly stepped: SteppedCalls;

  private constructor(database: DatabaseSync, limits: StorageLimits) {
    this.#database = database;
    const parts = openParts(database, limits);
    recover(parts);
    this.#journal = parts.journal;
    this.transactions = new Transactions(database);
    this.writer = new OplogWriter(database, parts);
    this.mover = new Mover(database, { ...parts, transactions: this.transactions, limits });
    const index = new WorkerIndexReader(database, { ...parts, limits });
    const all = { ...parts, ...openEffects(database, this.writer, parts.timers) };
    this.writes = writeCalls(database, this.writer, all);
    this.reads = readCalls(index, all, limits);
    this.stepped = { "worker.list": (query) => index.list(query) };
  }

  /**
   * Opens or creates a partition of the store in a directory that exists. Throws if another process has it, if it is damaged,
   * or if it isn't the one that is expected.
   */
  static open(
    dataDirectory: string,
    limits: StorageLimits,
    expected: ExpectedPartition = firstPartition,
  ): StorageEngine {
    const path = join(dataDirectory, databaseFileOf(expected.number));
    checkPresence(dataDirectory, expected);
    const database = openConnection(path, limits);
    try {
      checkIdentity(database, path, expected);
      const engine = new StorageEngine(database, limits);
      fillLog(path, limits.logBytesMin);
      return engine;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** A store without files, for tests; it is gone when it is closed. */
  static openInMemory(limits: StorageLimits): StorageEngine {
    return new StorageEngine(openConnection(":memory:", limits), limits);
  }

  /** Undefined for a directory that is new. */
  get identity(): PartitionIdentity | undefined {
    return readIdentity(this.#database);
  }

  /** What the store takes at the moment. */
  get gauges(): StorageGauges {
    const pages = Number(this.#database.prepare("PRAGMA page_count").get()?.["page_count"]);
    return { databaseBytes: pages * pageBytes, logBytes: this.mover.logBytes, journalBytes: this.journalBytes };
  }

  /** Bytes that the journal holds. */
  get journalBytes(): number {
    return this.#journal.bytes;
  }

  /** For tests: the rows of each table. */
  countRows(tables: readonly string[]): readonly number[] {
    return tables.map((table) =>
      Number(this.#database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.["rows"]),
    );
  }

  /** For tests: bounds the database file, so that it is full. */
  limitPages(pages: number): void {
    this.#database.exec(`PRAGMA max_page_count = ${pages}`);
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
