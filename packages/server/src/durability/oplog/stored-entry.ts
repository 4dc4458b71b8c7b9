/**
 * Entries of an oplog with all that is needed to show them: the version by whose types they are, and the function that a
 * result is of. They are self-contained, so that they can be recorded in another worker's oplog.
 */
import { bytes, f64, record, string, u8 } from "../codec/schema.ts";
import type { SchemaValue } from "../codec/schema.ts";
import type { OplogStore } from "../oplog-store.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import { framesOf, payloadReader } from "./decode-entry.ts";
import type { IndexedFrame, PayloadSource } from "./decode-entry.ts";
import { EntryPlace } from "./entry-place.ts";

export const storedEntry = record({
  index: f64,
  code: u8,
  timestampMs: f64,
  /** Of the component. */
  version: f64,
  /** The function that runs, empty between invocations. */
  functionName: string,
  payload: bytes,
});

export type StoredEntry = SchemaValue<typeof storedEntry>;

const readBytesMax = 1024 * 1024;

/** After so many entries others get their turn. */
const entriesPerTurn = 256;

/** How far back the invocation is looked for at first that was under way at an entry. */
const lookBackCount = 256;

export interface StoredOplogOptions {
  readonly worker: WorkerId;
  readonly read: OplogStore["read"];
  readonly payload: PayloadSource;
  /** Lets others on the thread have their turn. */
  readonly pause: () => Promise<void>;
  /** The first entry that is wanted. */
  readonly from?: number | undefined;
  /** The version by whose types that one is, if it is known: everything before it needn't be read then. */
  readonly version?: number | undefined;
}

/** Reads an oplog, a part of it at a time; undefined is its end as of now. */
export class StoredOplog {
  readonly #options: StoredOplogOptions;
  readonly #entries: AsyncGenerator<StoredEntry, undefined>;
  readonly #place: EntryPlace;
  #examined = 0;
  #nextIndex: number;

  constructor(options: StoredOplogOptions) {
    this.#options = options;
    this.#nextIndex = options.from ?? 1;
    this.#place = new EntryPlace(options.payload);
    this.#entries = this.#all();
  }

  /** The entry that `next` looks at first. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  /** The version by whose types that one is. */
  get version(): number {
    return this.#place.version ?? 0;
  }

  /** The next entries that `include` wants, at most `count`. */
  async next(count: number, include: (entry: StoredEntry) => boolean | Promise<boolean>): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    while (found.length < count) {
      const { value, done } = await this.#entries.next();
      if (done === true) break;
      this.#nextIndex = value.index + 1;
      if (await include(value)) found.push(value);
      this.#examined += 1;
      if (this.#examined % entriesPerTurn === 0) await this.#options.pause();
    }
    return found;
  }

  async *#all(): AsyncGenerator<StoredEntry, undefined> {
    const { from = 1, version, payload } = this.#options;
    if (version === undefined) await this.#follow(1, from);
    else {
      this.#place.changeVersion(from, version);
      await this.#lookBack(from);
    }
    for await (const frame of this.#frames(from, Number.POSITIVE_INFINITY)) {
      await this.#take(frame);
      yield toStored(frame, this.#place, payload);
    }
    return undefined;
  }

  /** Follows the entries from `start` on to the one before `end`. */
  async #follow(start: number, end: number): Promise<void> {
    if (start >= end) return;
    for await (const frame of this.#frames(start, end)) await this.#take(frame);
  }

  /** An entry may lead back to where nothing is known of. */
  async #take(frame: IndexedFrame): Promise<void> {
    const start = this.#place.follow(frame);
    if (start === undefined) return;
    if (this.#place.version === undefined) {
      const before = new EntryPlace(this.#options.payload);
      for await (const earlier of this.#frames(1, start)) before.follow(earlier);
      this.#place.changeVersion(frame.index, before.version);
    }
    if (this.#place.functionName === undefined) await this.#lookBack(start);
  }

  /** Finds the invocation under way at `index`. */
  async #lookBack(index: number): Promise<void> {
    const { payload } = this.#options;
    let window = new EntryPlace(payload);
    for (let end = index, count = lookBackCount; end > 1 && window.functionName === undefined; count *= 4) {
      const start = Math.max(end - count, 1);
      window = new EntryPlace(payload);
      for await (const frame of this.#frames(start, end)) window.follow(frame);
      end = start;
    }
    if (window.functionName !== undefined) this.#place.invoke(index - 1, window.functionName);
  }

  async *#frames(start: number, end: number): AsyncGenerator<IndexedFrame> {
    const { worker, read } = this.#options;
    for (let from: number | undefined = start; from !== undefined;) {
      const page: Awaited<ReturnType<OplogStore["read"]>> = await read(worker, from, readBytesMax);
      for (const chunk of page.chunks) {
        for (const frame of framesOf(chunk)) {
          if (frame.index >= end) return;
          if (frame.index >= from) yield frame;
        }
      }
      from = page.nextIndex;
    }
  }
}

function toStored(frame: IndexedFrame, place: EntryPlace, payloads: PayloadSource): StoredEntry {
  const { version = 0, functionName = "" } = place;
  const reader = payloadReader(frame.reader, frame.frame, payloads);
  const payload = reader.bytes.slice(reader.offset, reader.end);
  const { code, timestampMs } = frame.frame;
  return { index: frame.index, code, timestampMs, version, functionName, payload };
}
