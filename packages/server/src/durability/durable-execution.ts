/**
 * The durable call and the other places where a guest's run meets its oplog: recording while live, answering from the
 * oplog while replaying (spec/host-interfaces.md §4). One object serves one loaded instance, from its load to its end.
 */
import { isDeleted } from "./deleted-regions.ts";
import type { DurableFunction, FunctionClass } from "./durable-function.ts";
import { functionName } from "./durable-function.ts";
import { DivergenceError, HostTrap, RestartSignal } from "./errors.ts";
import { observed, remoteClasses } from "./observed-calls.ts";
import type { ObserveCall } from "./observed-calls.ts";
import type { EntryFields, EntryKind } from "./oplog/entry-types.ts";
import { readCustomCall, readImportedResponse } from "./oplog/imported-function.ts";
import type { CustomCall } from "./oplog/imported-function.ts";
import type { OplogWriter } from "./oplog-writer.ts";
import type { LogFields, ReplayCursor } from "./replay-cursor.ts";
import type { BatchExecution } from "./remote-batch.ts";
import { incompleteWrite, RemoteBatch } from "./remote-batch.ts";
import { RepeatedLogs } from "./repeated-logs.ts";
import { historyStart } from "./worker-state.ts";
import type { WorkerState } from "./worker-state.ts";

export type PersistenceLevel = "persist-nothing" | "persist-remote-side-effects" | "smart";

/**
 * A run that has recorded so much ahead of the store ends with an error. Only one that records huge payloads between two
 * yields gets there; its next attempt goes on from what was stored meanwhile.
 */
const backlogBytesMax = 256 * 1024 * 1024;

/** What a remote write is based on. */
export interface Before {
  readonly durable: Promise<void>;
  /** What this thread hands to the store later can't become durable sooner. */
  readonly ordered: boolean;
}

/** What of an execution outlives an invocation. */
export interface SavedExecution {
  readonly persistenceLevel: PersistenceLevel;
  readonly idempotenceMode: boolean;
}

const nothingBefore: Before = { durable: Promise.resolve(), ordered: true };

export class DurableExecution {
  readonly #onLive: () => void;
  readonly #writer: OplogWriter;
  readonly #state: WorkerState;
  /** Records below this index were there when the instance was loaded. */
  readonly #firstLiveIndex: number;
  /** Undefined when live. */
  #replay: ReplayCursor | undefined;
  readonly #repeatedLogs = new RepeatedLogs();
  #persistenceLevel: PersistenceLevel = "smart";
  /** Whether a remote write without an end marker may be repeated. */
  idempotenceMode = true;
  /** Told of remote calls that are performed. */
  observeCall: ObserveCall | undefined;
  /** False where nothing is replayed: there is no going back then. */
  mayJump = true;
  #progress = 0;
  /** Index of the record that was replayed or written last. */
  #lastRecordIndex = 0;
  /** Nothing is recorded, and nothing is taken from the oplog either. */
  #unrecorded = false;
  #closed = false;
  #whenLive: (() => void)[] | undefined;
  #openBatches: Set<RemoteBatch> | undefined;
  #batches: BatchExecution | undefined;
  /** Begin indices of atomic regions that the guest hasn't ended. */
  #openRegions: Set<number> | undefined;

  /** `onLive` is called once, when the last record has been replayed. */
  constructor(writer: OplogWriter, state: WorkerState, replay: ReplayCursor, onLive: () => void = () => undefined) {
    this.#onLive = onLive;
    this.#writer = writer;
    this.#state = state;
    this.#firstLiveIndex = writer.nextIndex;
    this.#replay = replay;
    this.#goLiveAtEnd(replay);
  }

  /** What is called now is performed, and not read from the oplog. */
  get live(): boolean {
    return this.#replay === undefined || this.#unrecorded;
  }

  /** Runs `action` when live: at once, or when everything has been replayed. */
  whenLive(action: () => void): void {
    if (this.#replay === undefined) action();
    else (this.#whenLive ??= []).push(action);
  }

  /** Entries of the current invocation that this run replayed or wrote: how far it came. */
  get progress(): number {
    return this.#progress;
  }

  /**
   * Names the remote write that is about to take effect: the same at every attempt until its record is durable, and no
   * other's. What an atomic region or a jump repeats is another operation. Undefined where writes aren't recorded.
   */
  get operationId(): string | undefined {
    if (!this.#records("remote-write")) return undefined;
    const { createdAtMs, deletedRegions } = this.#state;
    return `${createdAtMs}/${deletedRegions.at(-1)?.end ?? 0}/${this.#lastRecordIndex}`;
  }

  get persistenceLevel(): PersistenceLevel {
    return this.#persistenceLevel;
  }

  /** The index that the next entry gets when live; while replaying, the index of the record that comes next. */
  get currentIndex(): number {
    return this.#replay === undefined ? this.#writer.nextIndex : this.#replay.index;
  }

  /** What is buffered must be durable before calls under another level take effect. */
  async setPersistenceLevel(level: PersistenceLevel): Promise<void> {
    await this.commit();
    this.#persistenceLevel = level;
  }

  /** Resolves when everything recorded so far is durable. */
  commit(): Promise<void> {
    return this.#replay === undefined ? this.#writer.commit() : Promise.resolve();
  }

  /** See `OplogWriter.backlogBytes`. */
  get backlogBytes(): number {
    return this.#writer.backlogBytes;
  }

  /**
   * A recorded call that doesn't wait: local reads above all. Live, `perform` runs and its response is recorded;
   * replaying, the recorded response is returned and `perform` doesn't run.
   */
  call<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response,
  ): Response {
    if (!this.#records(declaration.class)) return perform();
    if (this.#replay !== undefined) return this.#replayedResponse(this.#replay, declaration);
    return this.#record(declaration, request, perform());
  }

  /**
   * A recorded call that may wait; a value that is at hand is returned as it is, without a promise. A remote write
   * commits what came before it, so that nothing it is based on can be lost while its effect stays; and its own record,
   * so that it isn't repeated without need. With idempotence mode off it stands between markers, and one found unfinished
   * isn't repeated but fails.
   */
  callWaiting<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ): Response | Promise<Response> {
    const shown = observed(this.observeCall, declaration, perform);
    if (!this.#records(declaration.class)) return shown();
    if (declaration.class === "remote-write" && !this.idempotenceMode) {
      return this.#markedWrite(declaration, request, shown);
    }
    if (this.#replay !== undefined) return this.#replayedResponse(this.#replay, declaration);
    if (declaration.class === "remote-write" || declaration.class === "local-write") {
      return this.#committedWrite(declaration, request, shown);
    }
    const response = shown();
    if (response instanceof Promise) return response.then((value) => this.#record(declaration, request, value));
    return this.#record(declaration, request, response);
  }

  /**
   * A remote write that the other side knows by a key: it may be repeated in any mode and has its effect once. So it
   * needs no markers, and its record may become durable with whatever comes next. `perform` is told when what came
   * before is durable; nothing that it does may become durable sooner.
   */
  callKeyed<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: (before: Before) => Promise<Response>,
  ): Response | Promise<Response> {
    if (!this.#records(declaration.class)) return perform(nothingBefore);
    if (this.#replay !== undefined) return this.#replayedResponse(this.#replay, declaration);
    const shown = observed(this.observeCall, declaration, perform);
    return Promise.resolve(shown(this.before())).then((response) => this.#record(declaration, request, response));
  }

  /** Commits what was recorded so far, with what follows from it if that comes at once. */
  before(): Before {
    return this.#replay === undefined ? this.#writer.commitBeforeOthers() : nothingBefore;
  }

  /**
   * Runs `work` apart from the worker's history: what it calls leaves no record, and runs again whenever `work` does.
   * For what makes snapshots and takes them.
   */
  async unrecorded<T>(work: () => Promise<T>): Promise<T> {
    this.#unrecorded = true;
    try {
      return await work();
    } finally {
      this.#unrecorded = false;
    }
  }

  /** Live, between invocations: what the next instance needs to go on from here without the history. */
  save(): SavedExecution {
    return { persistenceLevel: this.#persistenceLevel, idempotenceMode: this.idempotenceMode };
  }

  restore({ persistenceLevel, idempotenceMode }: SavedExecution): void {
    this.#persistenceLevel = persistenceLevel;
    this.idempotenceMode = idempotenceMode;
  }

  /** What the guest has begun may still be voided as a whole: a region or a batch of writes. */
  get hasOpenRegions(): boolean {
    return (this.#openRegions?.size ?? 0) > 0 || (this.#openBatches?.size ?? 0) > 0;
  }

  /** The record that was replayed or written last. */
  get lastRecordIndex(): number {
    return this.#lastRecordIndex;
  }

  /** Appends an entry when live; replaying, takes the next record, which must be of that kind. Returns its index. */
  mark<K extends EntryKind>(kind: K, fields: EntryFields<K>): number {
    if (this.#unrecorded) return this.currentIndex;
    const replay = this.#replay;
    if (replay === undefined) {
      this.#recorded();
      return this.#writer.append(kind, fields);
    }
    this.#progress += 1;
    const { index } = replay;
    this.#expect(replay, kind);
    this.#advance(replay);
    return index;
  }

  /** Appends a hint when live; hints aren't replayed. */
  hint<K extends EntryKind>(kind: K, fields: EntryFields<K>): void {
    if (this.#replay === undefined && !this.#unrecorded) this.#writer.append(kind, fields);
  }

  /** A new invocation starts, live. */
  beginInvocation(fields: EntryFields<"exported-function-invoked">): void {
    this.mark("exported-function-invoked", fields);
    this.#progress = 0;
  }

  /**
   * Replaying, takes the next record and returns its fields; undefined when live. `check` sees them first: what it throws
   * comes before the end of the history.
   */
  takeReplayed<K extends EntryKind>(kind: K, check?: (fields: EntryFields<K>) => void): EntryFields<K> | undefined {
    const replay = this.#replay;
    if (replay === undefined) return undefined;
    this.#expect(replay, kind);
    const fields = replay.fields(kind);
    check?.(fields);
    this.#progress = kind === "exported-function-invoked" ? 0 : this.#progress + 1;
    this.#advance(replay);
    return fields;
  }

  /** True if the line is to be shown and logged: not while replaying, nor when it was logged before a restart. */
  log(line: LogFields): boolean {
    if (this.#replay !== undefined || this.#repeatedLogs.take(line)) return false;
    this.#checkBacklog();
    this.#writer.append("log", line);
    return true;
  }

  /** spec §4.7. A region found without its end runs again as a whole: what it had recorded is deleted. */
  async beginAtomicRegion(): Promise<number> {
    const begin = this.mark("begin-atomic-region", {});
    this.#openRegions ??= new Set();
    this.#openRegions.add(begin);
    if (this.#wasReplayed(begin) && !this.#state.endedRegions.has(begin)) await this.#discardAfter(begin);
    return begin;
  }

  /** The region is complete, and isn't voided any more. */
  endAtomicRegion(beginIndex: number): void {
    this.mark("end-atomic-region", { beginIndex });
    this.#openRegions?.delete(beginIndex);
  }

  /** Opens a batch of remote writes (spec §4.4). What came before it is durable when it resolves. */
  async openBatch(): Promise<RemoteBatch> {
    const repeatable = this.idempotenceMode;
    if (!this.#records("batched-remote-write")) {
      return new RemoteBatch(this.#batchExecution, { begin: 0, interrupted: false, repeatable });
    }
    const begin = this.mark("begin-remote-write", {});
    const interrupted = this.#wasReplayed(begin) && !this.#state.endedRegions.has(begin);
    if (!this.#wasReplayed(begin)) await this.commit();
    const batch = new RemoteBatch(this.#batchExecution, { begin, interrupted, repeatable: repeatable || !interrupted });
    (this.#openBatches ??= new Set()).add(batch);
    return batch;
  }

  /** The instance ends, and with it what it had under way: dropping that is no act of the guest, and not recorded. */
  close(): void {
    this.#closed = true;
  }

  /**
   * The invocation has returned: what is still open counts as complete. Repeating it later would void the invocation's
   * own completion, which its caller may know of.
   */
  endOpenBatches(): void {
    for (const batch of this.#openBatches ?? []) batch.end();
  }

  /** spec §4.8: everything after `index` is void; the caller must restart the worker. Throws `HostTrap` for impossible targets. */
  async jumpTo(index: number): Promise<void> {
    if (this.#replay !== undefined) return;
    if (!this.mayJump) throw new HostTrap("An ephemeral worker has no history to go back in");
    const start = index + 1;
    const end = this.#writer.nextIndex;
    if (start > end) throw new HostTrap(`Attempted to jump forward in oplog to index ${index} from ${end}`);
    // The worker's creation and an invocation to go on with must stay.
    if (index < 2) throw new HostTrap(`Attempted to jump before the first invocation in oplog to index ${index}`);
    if (index < historyStart(this.#state)) {
      throw new HostTrap(`Attempted to jump behind a snapshot in oplog to index ${index}`);
    }
    // The entry jumped to must be there. What follows it may be void already: jumping back twice is a loop of the guest.
    if (isDeleted(this.#state.deletedRegions, index)) {
      throw new HostTrap(`Attempted to jump to a deleted region in oplog to index ${index} from ${end}`);
    }
    this.#writer.append("jump", { region: { start, end } });
    await this.commit();
  }

  /**
   * Begins a remote write that the guest itself performs and records. One found unfinished is voided with all that
   * follows it, and the guest finds itself live; outside of idempotence mode it fails.
   */
  async beginGuestWrite(): Promise<number> {
    if (!this.#records("batched-remote-write")) return this.currentIndex;
    const begin = this.mark("begin-remote-write", {});
    if (!this.#wasReplayed(begin)) await this.commit();
    else if (!this.#state.endedRegions.has(begin)) {
      await this.#discardAfter(begin);
      if (!this.idempotenceMode) throw incompleteWrite();
    }
    return begin;
  }

  /** Records a call that the guest has performed, where calls of its class are recorded. */
  recordCustom(call: CustomCall): void {
    if (!this.#records(call.class)) return;
    if (this.#replay !== undefined) throw new HostTrap(`cannot record ${call.name}: the worker replays`);
    if (!Number.isSafeInteger(call.beginIndex)) throw new HostTrap(`cannot record ${call.name}: its batch is none`);
    this.#recorded();
    this.#writer.appendCustom(call);
  }

  /** Takes the next record, which the guest has made. */
  takeCustom(): CustomCall & { readonly timestampMs: number } {
    const replay = this.#unrecorded ? undefined : this.#replay;
    if (replay === undefined) throw new HostTrap("cannot read a persisted invocation: the worker is live");
    if (!replay.isImportedCall) throw new DivergenceError(replay.index, "a persisted invocation", replay.kind);
    const { timestampMs } = replay;
    const payload = replay.payload();
    const call = readCustomCall(payload);
    if (call === undefined) throw new DivergenceError(replay.index, "a persisted invocation", "a host call");
    this.#progress += 1;
    this.#advance(replay);
    return { ...call, timestampMs };
  }

  /** The kind of the next record to replay, undefined when live. */
  get nextReplayedKind(): EntryKind | undefined {
    return this.#replay?.kind;
  }

  get #batchExecution(): BatchExecution {
    return (this.#batches ??= {
      callInBatch: (begin, declaration, request, perform) => this.#callInBatch(begin, declaration, request, perform),
      endBatch: (batch) => {
        this.#openBatches?.delete(batch);
        if (batch.begin !== 0 && !this.#closed) this.mark("end-remote-write", { beginIndex: batch.begin });
      },
      repeatFrom: async (begin) => {
        if (begin === 0) throw incompleteWrite();
        await this.jumpTo(begin);
        throw new RestartSignal();
      },
    });
  }

  #records(functionClass: FunctionClass): boolean {
    if (this.#unrecorded) return false;
    if (this.#persistenceLevel === "smart") return true;
    return this.#persistenceLevel === "persist-remote-side-effects" && remoteClasses.has(functionClass);
  }

  #record<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    response: Response,
    beginIndex = 0,
  ): Response {
    this.#recorded();
    this.#writer.appendImported({ function: declaration, request, response, beginIndex });
    return response;
  }

  #callInBatch<Request, Response>(
    begin: number,
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ): Response | Promise<Response> {
    if (begin === 0) return perform();
    if (this.#replay !== undefined) return this.#replayedResponse(this.#replay, declaration);
    return this.#performInBatch(begin, declaration, request, observed(this.observeCall, declaration, perform));
  }

  async #performInBatch<Request, Response>(
    begin: number,
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ): Promise<Response> {
    const response = this.#record(declaration, request, await perform(), begin);
    await this.commit();
    return response;
  }

  #recorded(): void {
    this.#checkBacklog();
    this.#progress += 1;
    this.#lastRecordIndex = this.#writer.nextIndex;
    this.#repeatedLogs.clear();
  }

  #checkBacklog(): void {
    if (this.#writer.backlogBytes <= backlogBytesMax) return;
    throw new HostTrap("The worker records faster than the store can write");
  }

  async #committedWrite<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ): Promise<Response> {
    await this.commit();
    const response = this.#record(declaration, request, await perform());
    await this.commit();
    return response;
  }

  async #markedWrite<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ): Promise<Response> {
    const beginIndex = await this.#beginMarkedWrite();
    const response =
      this.#replay === undefined
        ? this.#record(declaration, request, await perform())
        : this.#replayedResponse(this.#replay, declaration);
    this.mark("end-remote-write", { beginIndex });
    await this.commit();
    return response;
  }

  #replayedResponse<Request, Response>(
    replay: ReplayCursor,
    declaration: DurableFunction<Request, Response>,
  ): Response {
    if (!replay.isImportedCall) throw new DivergenceError(replay.index, declaration.name, replay.kind);
    const payload = replay.payload();
    const id = payload.u32();
    if (id !== declaration.id) throw new DivergenceError(replay.index, declaration.name, functionName(id));
    const response = readImportedResponse(payload, declaration);
    replay.expectRead(payload);
    this.#progress += 1;
    this.#advance(replay);
    return response;
  }

  #expect(replay: ReplayCursor, kind: EntryKind): void {
    if (replay.kind !== kind) throw new DivergenceError(replay.index, kind, replay.kind);
  }

  #advance(replay: ReplayCursor): void {
    this.#lastRecordIndex = replay.index;
    replay.next();
    this.#goLiveAtEnd(replay);
  }

  #goLiveAtEnd(replay: ReplayCursor): void {
    if (!replay.done) return;
    this.#goLive();
    this.#onLive();
    for (const line of replay.trailingLogs()) this.#repeatedLogs.expect(line);
  }

  #goLive(): void {
    this.#replay = undefined;
    const actions = this.#whenLive ?? [];
    this.#whenLive = undefined;
    for (const action of actions) action();
  }

  #wasReplayed(index: number): boolean {
    return index < this.#firstLiveIndex;
  }

  /** Voids all records after `begin` and goes live there. */
  async #discardAfter(begin: number): Promise<void> {
    this.#goLive();
    this.#repeatedLogs.clear();
    const end = this.#writer.nextIndex;
    // Nothing recorded after the marker: there is nothing to void.
    if (end > begin + 1) this.#writer.append("jump", { region: { start: begin + 1, end } });
    // What it records must not lie in the region.
    this.#onLive();
    if (end === begin + 1) return;
    await this.#writer.commit();
  }

  async #beginMarkedWrite(): Promise<number> {
    const begin = this.mark("begin-remote-write", {});
    if (!this.#wasReplayed(begin)) await this.commit();
    else if (!this.#state.endedRegions.has(begin)) {
      this.#goLive();
      this.#onLive();
      throw incompleteWrite();
    }
    return begin;
  }
}
