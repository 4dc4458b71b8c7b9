/** An oplog in memory for tests of what writes and replays it. */
import type { Clock } from "../platform/clock.ts";
import { DurableExecution } from "./durable-execution.ts";
import { foldOplog } from "./fold.ts";
import type { PayloadSource } from "./oplog/decode-entry.ts";
import { decodeEntry, framesOf } from "./oplog/decode-entry.ts";
import type { EntryKind, OplogEntry } from "./oplog/entry-types.ts";
import type { OplogAppend, OplogChunk, OplogStore } from "./oplog-store.ts";
import { Outcomes } from "./outcomes.ts";
import { OplogWriter } from "./oplog-writer.ts";
import { ReplayCursor } from "./replay-cursor.ts";
import { emptyState } from "./worker-state.ts";
import type { WorkerState } from "./worker-state.ts";

export const testWorkerId = { componentId: "c", workerName: "w" };

/** A clock that stands until it is moved. */
export function standingClock(nowMs = 1_700_000_000_000): Clock & { ms: number } {
  const clock = { ms: nowMs, now: () => clock.ms };
  return clock;
}

/** What one worker's store holds, with appends that a test may delay or refuse. */
export class TestOplog {
  readonly appends: OplogAppend[] = [];
  readonly blobs = new Map<string, Uint8Array>();
  readonly clock: ReturnType<typeof standingClock> = standingClock();
  /** Awaited by each append before it counts; throw to refuse it. */
  beforeAppend: (append: OplogAppend) => void | Promise<void> = () => undefined;
  beforePayload: (name: string) => void | Promise<void> = () => undefined;
  #names = 0;

  get chunks(): readonly OplogChunk[] {
    return this.appends.map((append) => append.chunk);
  }

  readonly payloads: PayloadSource = (name) => this.blobs.get(name);

  writer(state: WorkerState = this.fold()): OplogWriter {
    return new OplogWriter({
      state,
      store: this.#store(),
      putPayload: async (name, payload) => {
        await this.beforePayload(name);
        this.blobs.set(name, payload);
      },
      payloadName: () => `blob-${this.#names++}`,
      shard: 3,
      epoch: 5,
      clock: this.clock,
    });
  }

  fold(): WorkerState {
    return this.appends.length === 0 ? emptyState(testWorkerId) : foldOplog(testWorkerId, this.chunks, this.payloads);
  }

  /** A run on what is stored: first it replays that. */
  run(): { readonly durable: DurableExecution; readonly writer: OplogWriter; readonly state: WorkerState } {
    const state = this.fold();
    const writer = this.writer(state);
    const cursor = new ReplayCursor(this.chunks, state.deletedRegions, this.payloads);
    return { durable: new DurableExecution(writer, state, cursor), writer, state };
  }

  kinds(): readonly EntryKind[] {
    return this.chunks.flatMap((chunk) => [...framesOf(chunk)].map((record) => record.kind));
  }

  /** All entries but host calls, which only their declarations can decode. */
  entries(): readonly OplogEntry[] {
    return this.chunks.flatMap((chunk) =>
      [...framesOf(chunk)]
        .filter((record) => record.kind !== "imported-function-invoked")
        .map((record) => decodeEntry(record, this.payloads)),
    );
  }

  #store(): OplogStore {
    return {
      append: async (given) => {
        const { chunk, row } = given;
        const append = {
          ...given,
          chunk: { ...chunk, records: chunk.records.slice() },
          row: { ...row, detail: row.detail.slice() },
        };
        await this.beforeAppend(append);
        this.appends.push(append);
      },
      read: () => Promise.resolve({ chunks: this.chunks, nextIndex: undefined }),
      lastIndex: () => Promise.resolve(this.fold().lastIndex),
      delete: () => Promise.resolve(),
      inOrder: () => true,
      acquireEpoch: () => Promise.resolve(1),
    };
  }
}

/** A state as it is now, to be compared: what it has of outcomes as a list, in the order of their entries. */
export function comparableState(state: WorkerState): object {
  const copy = new Outcomes(structuredClone(state.outcomes.save()));
  const outcomes = copy.deleteWhere(() => true).toSorted((left, right) => left.index - right.index);
  return structuredClone({ ...state, outcomes });
}

export const createFields = {
  workerId: testWorkerId,
  componentVersion: 0,
  args: ["a"],
  env: [["K", "v"]],
  config: undefined,
  parent: undefined,
  componentSize: 10,
  initialMemorySize: 65_536,
  architecture: "x64",
  activePlugins: undefined,
  processes: undefined,
} as const;
