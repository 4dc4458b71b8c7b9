/**
 * What the storage thread knows of workers without reading: the next index of those in use, and the journal entries
 * that were not moved yet. After a crash it is rebuilt from the journal.
 */
import type { DatabaseSync } from "node:sqlite";
import type { WorkerId } from "../platform/worker-id.ts";
import { parseWorkerId } from "../platform/worker-id.ts";
import type { JournalEntry } from "./journal-format.ts";
import type { StorageLimits } from "./limits.ts";
import { Statement } from "./statement.ts";

/** The indexed columns as they are in the worker table. */
export interface StoredColumns {
  readonly status: number;
  readonly componentVersion: number;
  readonly createdAtMs: number;
  readonly needsRecovery: boolean;
}

/** One life of a worker. */
export class WorkerState {
  readonly key: number;
  readonly id: WorkerId;
  lastIndex = 0;
  /** The last index in segments; entries of the journal up to it were moved. */
  movedIndex = 0;
  /** JSON, as in the worker table and in entries. */
  environment: Uint8Array = new Uint8Array(0);
  /** Undefined while the worker table has no row for it. */
  stored: StoredColumns | undefined;
  environmentStored = false;
  /** Committed, not moved; the newest one has the worker's row. */
  pending: JournalEntry[] = [];
  /** The group in which it was last changed, so that one undo is kept per group. */
  group = 0;

  constructor(key: number, id: WorkerId) {
    this.key = key;
    this.id = id;
  }

  get newest(): JournalEntry | undefined {
    return this.pending.at(-1);
  }
}

interface WorkerRecord {
  readonly key: number;
  readonly last_index: number;
  readonly status: number;
  readonly version: number;
  readonly created_at_ms: number;
  readonly needs_recovery: number;
  readonly environment: string;
}

interface KeyedRecord extends WorkerRecord {
  readonly component_id: string;
  readonly name: string;
}

const columns = "w.key, w.last_index, w.status, w.version, w.created_at_ms, w.needs_recovery, w.environment";

function stateOf(record: WorkerRecord, id: WorkerId): WorkerState {
  const state = new WorkerState(record.key, id);
  state.lastIndex = record.last_index;
  state.movedIndex = record.last_index;
  state.environment = Buffer.from(record.environment);
  state.environmentStored = true;
  state.stored = {
    status: record.status,
    componentVersion: record.version,
    createdAtMs: record.created_at_ms,
    needsRecovery: record.needs_recovery === 1,
  };
  return state;
}

export class WorkerStates {
  readonly #byId = new Map<string, WorkerState>();
  readonly #limits: StorageLimits;
  readonly #selectById: Statement<[componentId: string, name: string], WorkerRecord>;
  readonly #selectByKey: Statement<[key: number], KeyedRecord>;
  /** Those with pending entries. */
  readonly dirty = new Set<WorkerState>();
  #nextKey: number;

  constructor(database: DatabaseSync, limits: StorageLimits) {
    this.#limits = limits;
    const from = "FROM workers w JOIN worker_components c USING (component)";
    this.#selectById = new Statement(database, `SELECT ${columns} ${from} WHERE c.component_id = ? AND w.name = ?`);
    this.#selectByKey = new Statement(database, `SELECT ${columns}, c.component_id, w.name ${from} WHERE w.key = ?`);
    const highest = new Statement<[], { readonly key: number }>(
      database,
      `SELECT max(coalesce((SELECT max(key) FROM workers), 0),
                  coalesce((SELECT max(key) FROM deleted_workers), 0),
                  coalesce((SELECT max(key) FROM ended_names), 0)) AS key`,
    );
    this.#nextKey = (highest.get()?.key ?? 0) + 1;
  }

  /** The living worker of this id, from memory or from the worker table. */
  find(id: string): WorkerState | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const parsed = parseWorkerId(id);
    const record = this.#selectById.get(parsed.componentId, parsed.workerName);
    if (record === undefined) return undefined;
    const state = stateOf(record, parsed);
    this.#byId.set(id, state);
    return state;
  }

  /** The living worker if it is in memory; those with pending entries are. */
  cached(id: string): WorkerState | undefined {
    return this.#byId.get(id);
  }

  /** Which living worker has a key. */
  idOf(key: number): WorkerId | undefined {
    const record = this.#selectByKey.get(key);
    if (record !== undefined) return { componentId: record.component_id, workerName: record.name };
    for (const state of this.dirty) if (state.key === key) return state.id;
    return undefined;
  }

  /** A worker that has no life yet, under a key that was never used. */
  create(id: string): WorkerState {
    const state = new WorkerState(this.#nextKey++, parseWorkerId(id));
    this.#byId.set(id, state);
    return state;
  }

  /** Sees to it that a key found in the journal isn't used again. */
  noteKey(key: number): void {
    this.#nextKey = Math.max(this.#nextKey, key + 1);
  }

  /** For entries read back from the journal; `id` is empty in all but the first entry of a life. */
  recover(key: number, id: string, known: Map<number, WorkerState>): WorkerState | undefined {
    const before = known.get(key);
    if (before !== undefined) return before;
    const record = this.#selectByKey.get(key);
    let state: WorkerState | undefined;
    if (record !== undefined) state = stateOf(record, { componentId: record.component_id, workerName: record.name });
    else if (id !== "") state = new WorkerState(key, parseWorkerId(id));
    if (state === undefined) return undefined;
    known.set(key, state);
    this.#byId.set(`${state.id.componentId}/${state.id.workerName}`, state);
    return state;
  }

  put(id: string, state: WorkerState): void {
    this.#byId.set(id, state);
  }

  remove(id: string): void {
    this.#byId.delete(id);
  }

  /** Forgets workers without pending entries when there are too many; they are read again when needed. */
  evict(): void {
    if (this.#byId.size - this.dirty.size <= this.#limits.cachedWorkersMax) return;
    let spare = this.#byId.size - this.dirty.size - (this.#limits.cachedWorkersMax >> 1);
    for (const [id, state] of this.#byId) {
      if (spare <= 0) break;
      if (this.dirty.has(state)) continue;
      this.#byId.delete(id);
      spare -= 1;
    }
  }
}
