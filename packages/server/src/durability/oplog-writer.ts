/**
 * Appends to one worker's oplog. Records gather in memory; `commit` hands them to the store, and what it returns
 * resolves when everything appended before is on disk. Chunks reach the store in order, so that none can be durable without
 * those before it. Each entry is folded into the worker's state as it is appended.
 */
import type { Clock } from "../platform/clock.ts";
import { oplogAppended } from "./channels.ts";
import { ByteWriter } from "./codec/byte-writer.ts";
import { valueCodec } from "./codec/value-codec.ts";
import { applyEntry, applyImportedCall } from "./fold.ts";
import { decodeEntry, payloadReader } from "./oplog/decode-entry.ts";
import type { IndexedFrame, PayloadSource } from "./oplog/decode-entry.ts";
import type { EntryFields, EntryKind, OplogEntry } from "./oplog/entry-types.ts";
import { entryTypes } from "./oplog/entry-types.ts";
import { writeCustomCall, writeImportedCall } from "./oplog/imported-function.ts";
import type { CustomCall, ImportedCall } from "./oplog/imported-function.ts";
import {
  beginRecord,
  endRecord,
  externalizeRecord,
  formatVersion,
  headerBytes,
  inlinePayloadBytesMax,
} from "./oplog/record-format.ts";
import type { OplogAppend, OplogStore } from "./oplog-store.ts";
import { workerRow } from "./row.ts";
import { isProcessed } from "./worker-state.ts";
import type { WorkerState } from "./worker-state.ts";

/** A chunk is sent on its own when it has grown this large, so that a long computation doesn't gather memory. */
export const chunkBytesMax = 262_144;

const bufferBytes = 1024;

const importedCode = entryTypes["imported-function-invoked"].code;

export interface OplogWriterOptions {
  readonly state: WorkerState;
  readonly store: OplogStore;
  /** Stores a payload too large for its record; durable when it resolves. */
  readonly putPayload: (name: string, payload: Uint8Array) => Promise<void>;
  /** A name for such a payload that was never used before. */
  readonly payloadName: () => string;
  readonly shard: number;
  readonly epoch: number;
  readonly clock: Clock;
  /** Shared by all writers of a thread. */
  readonly order?: CommitOrder | undefined;
  /** Told when entries are durable that go to plugins. */
  readonly onProcessed?: () => void;
}

/** Commits that may wait for the next one of their thread, and must not come after it. */
export interface CommitOrder {
  /** Takes a commit; it is made before any other of the thread, or soon. */
  readonly defer: (commit: () => void) => void;
  /** Makes those that wait. */
  readonly flush: () => void;
}

export class OplogWriter {
  readonly #options: OplogWriterOptions;
  #buffer = new ByteWriter(bufferBytes);
  #firstIndex: number;
  #count = 0;
  /** Resolves when all chunks sent so far are durable; rejects for good once one failed. */
  #durable: Promise<void> = Promise.resolve();
  /** Chunks sent that aren't durable, or never will be. */
  #undecided = 0;
  /** Payloads that must be durable before the next chunk may be sent. */
  #payloads: Promise<void>[] = [];
  #sending: Promise<void> | undefined;
  #sentBytes = 0;
  #backlogBytes = 0;

  constructor(options: OplogWriterOptions) {
    this.#options = options;
    this.#firstIndex = options.state.lastIndex + 1;
    this.#reset();
  }

  /** The index that the next entry gets. */
  get nextIndex(): number {
    return this.#firstIndex + this.#count;
  }

  /** Bytes handed to the store that aren't durable yet: whoever writes much must wait for them now and then. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  /** Bytes of all that was appended, payloads outside of the records not counted. */
  get appendedBytes(): number {
    return this.#sentBytes + this.#buffer.length;
  }

  /** Nothing but the commit itself holds back what was appended. */
  get #ready(): boolean {
    return this.#payloads.length === 0 && this.#sending === undefined;
  }

  /**
   * Commits with the thread's next commit or before it, so that nothing which this thread hands to the store later can
   * become durable sooner. Where that can't be promised (`ordered` is false) it commits at once.
   */
  commitBeforeOthers(): { readonly durable: Promise<void>; readonly ordered: boolean } {
    const { order } = this.#options;
    if (order === undefined || !this.#ready) return { durable: this.commit(), ordered: false };
    if (this.#count === 0) return { durable: this.#durable, ordered: true };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    order.defer(() => void this.commit().then(resolve, reject));
    // Nobody may look at it; the next commit rejects as well.
    promise.catch(() => undefined);
    return { durable: promise, ordered: true };
  }

  /** Appends an entry and returns its index. */
  append<K extends EntryKind>(kind: K, fields: EntryFields<K>): number {
    const type = entryTypes[kind];
    const timestampMs = Math.floor(this.#options.clock.now());
    const index = this.nextIndex;
    const start = beginRecord(this.#buffer, type.code, timestampMs);
    valueCodec<EntryFields<K>>(type.fields.type).encode(this.#buffer, fields);
    this.#finish(start);
    applyEntry(this.#options.state, { kind, timestampMs, fields } as unknown as OplogEntry, index);
    return index;
  }

  /** Appends a record of another worker's oplog as it is. */
  copy(record: IndexedFrame, payloads: PayloadSource): void {
    const { frame, reader, kind } = record;
    const { state } = this.#options;
    const index = this.nextIndex;
    const payload = payloadReader(reader, frame, payloads);
    const start = beginRecord(this.#buffer, frame.code, frame.timestampMs);
    this.#buffer.raw(payload.bytes.subarray(payload.offset, payload.end));
    this.#finish(start);
    if (kind === "imported-function-invoked") applyImportedCall(state, { index, timestampMs: frame.timestampMs });
    else applyEntry(state, decodeEntry(record, payloads), index);
  }

  /** Appends the record of a host call and returns its index. */
  appendImported<Request, Response>(call: ImportedCall<Request, Response>): number {
    const index = this.nextIndex;
    const timestampMs = Math.floor(this.#options.clock.now());
    const start = beginRecord(this.#buffer, importedCode, timestampMs);
    writeImportedCall(this.#buffer, call);
    this.#finish(start);
    applyImportedCall(this.#options.state, { index, timestampMs });
    return index;
  }

  /** The same for a call that the guest records for itself. */
  appendCustom(call: CustomCall): number {
    const index = this.nextIndex;
    const timestampMs = Math.floor(this.#options.clock.now());
    const start = beginRecord(this.#buffer, importedCode, timestampMs);
    writeCustomCall(this.#buffer, call);
    this.#finish(start);
    applyImportedCall(this.#options.state, { index, timestampMs });
    return index;
  }

  #finish(start: number): void {
    const buffer = this.#buffer;
    if (buffer.length - start - headerBytes > inlinePayloadBytesMax) this.#externalize(start);
    else endRecord(buffer, start);
    this.#count += 1;
    if (buffer.length > chunkBytesMax) void this.commit().catch(() => undefined);
  }

  #externalize(start: number): void {
    const payload = this.#buffer.bytes.slice(start + headerBytes, this.#buffer.length);
    const name = this.#options.payloadName();
    const put = this.#counted(this.#options.putPayload(name, payload), payload.length);
    // The commit that needs it rejects; until then the failure must not end the thread.
    put.catch(() => undefined);
    this.#payloads.push(put);
    externalizeRecord(this.#buffer, start, name);
  }

  /** Resolves when every entry appended so far is durable; rejects with the store's error, then and ever after. */
  commit(): Promise<void> {
    // It may itself be among those that wait.
    this.#options.order?.flush();
    if (this.#count === 0) return this.#durable;
    const { state, store, shard, epoch } = this.#options;
    const records = this.#buffer.bytes.subarray(0, this.#buffer.length);
    const chunk = { firstIndex: this.#firstIndex, count: this.#count, records };
    const append: OplogAppend = { worker: state.workerId, shard, epoch, chunk, row: workerRow(state) };
    if (oplogAppended.active) {
      oplogAppended.publish({ worker: state.workerId, entries: chunk.count, bytes: records.length });
    }
    this.#sentBytes += records.length;
    const sent = this.#ready ? store.append(append) : this.#sendLater(append);
    this.#durable = this.#afterThoseBefore(sent, records.length);
    const { onProcessed } = this.#options;
    if (onProcessed !== undefined && isProcessed(state)) this.#durable.then(onProcessed, () => undefined);
    this.#firstIndex += this.#count;
    this.#count = 0;
    this.#reset();
    return this.#durable;
  }

  /** Resolves when what was sent is durable, and all that was sent before it. */
  #afterThoseBefore(sent: Promise<void>, bytes: number): Promise<void> {
    const alone = this.#undecided === 0;
    this.#undecided += 1;
    this.#backlogBytes += bytes;
    // Whoever needs durability awaits it; a chunk sent for its size alone must not end the process by its rejection.
    sent.then(
      () => {
        this.#undecided -= 1;
        this.#backlogBytes -= bytes;
      },
      () => {
        this.#backlogBytes -= bytes;
      },
    );
    if (alone) return sent;
    const all = Promise.all([this.#durable, sent]).then(() => undefined);
    all.catch(() => undefined);
    return all;
  }

  #counted(write: Promise<void>, bytes: number): Promise<void> {
    this.#backlogBytes += bytes;
    const settled = (): void => {
      this.#backlogBytes -= bytes;
    };
    write.then(settled, settled);
    return write;
  }

  /** Sends when the payloads that are on their way are durable, and never before an earlier chunk that waits for its own. */
  #sendLater({ chunk, row, ...rest }: OplogAppend): Promise<void> {
    const append = {
      ...rest,
      chunk: { ...chunk, records: chunk.records.slice() },
      row: { ...row, detail: row.detail.slice() },
    };
    const ready = Promise.all([this.#sending, ...this.#payloads]);
    this.#payloads = [];
    const gate: Promise<void> = ready.then(() => undefined);
    const sent = gate.then(() => this.#options.store.append(append));
    this.#sending = gate;
    const clear = (): void => {
      if (this.#sending === gate) this.#sending = undefined;
    };
    gate.then(clear, () => undefined);
    return sent;
  }

  #reset(): void {
    // One huge payload must not keep its memory for as long as the worker is loaded.
    if (this.#buffer.bytes.length > chunkBytesMax * 4) this.#buffer = new ByteWriter(bufferBytes);
    this.#buffer.length = 0;
    this.#buffer.u8(formatVersion);
  }
}
