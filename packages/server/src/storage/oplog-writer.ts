/**
 * The write side of oplogs. Appends of one group are staged: checked, copied into one journal row and applied to the
 * workers' states at once, so that later appends of the same group see them. If the group's transaction fails, all of
 * that is undone. Nothing else runs between staging and the end of the transaction.
 */
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../platform/store-error.ts";
import { parseWorkerId } from "../platform/worker-id.ts";
import { finishRow, JournalEntry, fenceBytes, epochAt, rowHeaderBytes, shardAt } from "./journal-format.ts";
import type { Journal } from "./journal.ts";
import type { ArchiveTable } from "./archive-table.ts";
import type { BarredVersions } from "./barred-versions.ts";
import type { DeletedWorkers } from "./deleted-workers.ts";
import type { EndedComponents } from "./ended-components.ts";
import type { RemovedVersions } from "./removed-versions.ts";
import { Statement } from "./statement.ts";
import type { WorkerState, WorkerStates } from "./worker-states.ts";
import type { WorkerTable } from "./worker-table.ts";

export interface OplogWriterParts {
  readonly states: WorkerStates;
  readonly journal: Journal;
  readonly table: WorkerTable;
  readonly archives: ArchiveTable;
  readonly deleted: DeletedWorkers;
  readonly endedComponents: EndedComponents;
  readonly removedVersions: RemovedVersions;
  readonly barred: BarredVersions;
}

function sameBytes(left: Uint8Array, buffer: Buffer, start: number, length: number): boolean {
  return left.length === length && buffer.compare(left, 0, length, start, start + length) === 0;
}

export class OplogWriter {
  readonly #parts: OplogWriterParts;
  readonly #epochs = new Map<number, number>();
  readonly #setEpoch: Statement<[shard: number, epoch: number]>;
  #row: Buffer = Buffer.alloc(0);
  #end = 0;
  #count = 0;
  #group = 0;
  #undo: (() => void)[] = [];
  #onCommit: (() => void)[] = [];

  constructor(database: DatabaseSync, parts: OplogWriterParts) {
    this.#parts = parts;
    this.#setEpoch = new Statement(database, "INSERT OR REPLACE INTO epochs (shard, epoch) VALUES (?, ?)");
    const epochs = new Statement<[], { readonly shard: number; readonly epoch: number }>(
      database,
      "SELECT shard, epoch FROM epochs",
    );
    for (const { shard, epoch } of epochs.all()) this.#epochs.set(shard, epoch);
  }

  /** Starts a group whose messages have this many bytes. */
  begin(messageBytes: number): void {
    this.#group += 1;
    // A buffer of its own: entries stay in it, and in memory, until they are moved.
    this.#row = Buffer.allocUnsafeSlow(messageBytes === 0 ? 0 : messageBytes + rowHeaderBytes);
    this.#end = rowHeaderBytes;
    this.#count = 0;
  }

  /** Throws for a writer whose shard a later epoch owns. */
  checkEpoch(shard: number, epoch: number, id: string): void {
    const current = this.#epochs.get(shard) ?? 0;
    if (epoch >= current) return;
    throw new StoreError("fenced", `cannot write ${id}: shard ${shard} is owned in epoch ${current}, not ${epoch}`);
  }

  /** Bytes of the journal row so far. */
  get bytes(): number {
    return this.#end;
  }

  /**
   * Stages the append that a client's message holds behind its fence. Throws a `StoreError` if it is refused; nothing of
   * it is staged then.
   */
  append(incoming: JournalEntry): void {
    const id = incoming.id;
    const message = incoming.buffer;
    const fence = incoming.start - fenceBytes;
    this.checkEpoch(shardAt(message, fence), epochAt(message, fence), id);
    const { states } = this.#parts;
    const known = states.find(id);
    const expected = (known?.lastIndex ?? 0) + 1;
    const { firstIndex, count } = incoming;
    if (count === 0) throw new StoreError("failed", `cannot append to ${id}: the chunk has no records`);
    if (firstIndex !== expected) {
      throw new StoreError("conflict", `cannot append to ${id}: the next index is ${expected}, not ${firstIndex}`);
    }
    if (known === undefined && this.#hasEnded(parseWorkerId(id).componentId)) {
      throw new StoreError("failed", `cannot create ${id}: its component was deleted`);
    }
    const versionBefore = (known?.newest ?? known?.stored)?.componentVersion;
    if (incoming.componentVersion !== versionBefore) this.#checkVersion(id, incoming.componentVersion);
    const state = known ?? this.#create(id);
    if (known !== undefined) this.#remember(known);

    message.copy(this.#row, this.#end, incoming.start, incoming.end);
    const entry = new JournalEntry(this.#row, this.#end);
    entry.key = state.key;
    const environmentBytes = entry.environmentBytes;
    if (sameBytes(state.environment, this.#row, entry.environmentStart, environmentBytes)) {
      entry.strip();
    } else {
      const start = entry.environmentStart;
      state.environment = new Uint8Array(this.#row.subarray(start, start + environmentBytes));
      state.environmentStored = false;
    }
    state.lastIndex += count;
    state.pending.push(entry);
    states.dirty.add(state);
    this.#end = entry.end;
    this.#count += 1;
  }

  #hasEnded(componentId: string): boolean {
    const { endedComponents, barred } = this.#parts;
    return barred.has({ componentId }) || endedComponents.has(componentId);
  }

  #checkVersion(id: string, version: number): void {
    const { removedVersions, barred } = this.#parts;
    const { componentId } = parseWorkerId(id);
    if (!barred.has({ componentId, version }) && !removedVersions.has(componentId, version)) return;
    throw new StoreError("failed", `cannot append to ${id}: version ${version} of its component was deleted`);
  }

  /** Stages the end of a worker's life. Its entries in this and earlier journal rows are dead from then on. */
  delete(id: string, shard: number, epoch: number): void {
    this.checkEpoch(shard, epoch, id);
    const { states, table, deleted, journal, archives } = this.#parts;
    const state = states.find(id);
    if (state === undefined) return;
    if (state.stored !== undefined) table.remove(state);
    archives.forget(state.key);
    deleted.insert(state, journal.nextSequence);
    const wasDirty = states.dirty.delete(state);
    states.remove(id);
    this.#undo.push(() => {
      states.put(id, state);
      if (wasDirty) states.dirty.add(state);
    });
    const sequence = journal.nextSequence;
    this.#onCommit.push(() => deleted.noteInserted(state.key, sequence));
  }

  acquireEpoch(shards: readonly number[]): number {
    let epoch = 1;
    for (const taken of this.#epochs.values()) epoch = Math.max(epoch, taken + 1);
    this.#setEpochs(shards, epoch);
    return epoch;
  }

  /** Takes over an epoch that another partition has numbered. A later one may have come before it. */
  raiseEpoch(shards: readonly number[], epoch: number): void {
    this.#setEpochs(
      shards.filter((shard) => (this.#epochs.get(shard) ?? 0) < epoch),
      epoch,
    );
  }

  #setEpochs(shards: readonly number[], epoch: number): void {
    for (const shard of shards) this.#setEpoch.run(shard, epoch);
    const before = shards.map((shard) => [shard, this.#epochs.get(shard)] as const);
    for (const shard of shards) this.#epochs.set(shard, epoch);
    this.#undo.push(() => {
      for (const [shard, old] of before) {
        if (old === undefined) this.#epochs.delete(shard);
        else this.#epochs.set(shard, old);
      }
    });
  }

  /** Writes the journal row into the open transaction. */
  write(): void {
    if (this.#count === 0) return;
    const row = this.#row.subarray(0, this.#end);
    finishRow(row, this.#count);
    this.#parts.journal.insert(row);
  }

  /** To be called when the transaction is durable. */
  committed(): void {
    const { journal } = this.#parts;
    if (this.#count > 0) journal.noteCommitted(journal.nextSequence, this.#end);
    for (const publish of this.#onCommit) publish();
    this.#clear();
  }

  /** To be called when the transaction was rolled back. */
  rolledBack(): void {
    for (const undo of this.#undo.toReversed()) undo();
    this.#clear();
  }

  #clear(): void {
    this.#undo = [];
    this.#onCommit = [];
    this.#row = Buffer.alloc(0);
  }

  #create(id: string): WorkerState {
    const { states } = this.#parts;
    const state = states.create(id);
    state.group = this.#group;
    this.#undo.push(() => {
      states.dirty.delete(state);
      states.remove(id);
    });
    return state;
  }

  #remember(state: WorkerState): void {
    if (state.group === this.#group) return;
    state.group = this.#group;
    const { lastIndex, environment, environmentStored } = state;
    const pendingCount = state.pending.length;
    this.#undo.push(() => {
      state.lastIndex = lastIndex;
      state.environment = environment;
      state.environmentStored = environmentStored;
      state.pending.length = pendingCount;
      if (pendingCount === 0) this.#parts.states.dirty.delete(state);
    });
  }
}
