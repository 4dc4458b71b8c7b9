/**
 * Entries of an oplog with all that is needed to show them: the version by whose types they are, and the function that a
 * result is of. They are self-contained, so that they can be recorded in another worker's oplog.
 */
import { bytes, f64, record, string, u8 } from "../codec/schema.ts";
import type { SchemaValue } from "../codec/schema.ts";
import type { OplogStore } from "../oplog-store.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import { decodeEntry, framesOf, payloadReader } from "./decode-entry.ts";
import type { IndexedFrame, PayloadSource } from "./decode-entry.ts";

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

export interface StoredOplogOptions {
  readonly worker: WorkerId;
  readonly read: OplogStore["read"];
  readonly payload: PayloadSource;
}

/** Reads an oplog from its beginning; undefined is its end as of now. */
export class StoredOplog {
  readonly #options: StoredOplogOptions;
  readonly #entries: AsyncGenerator<StoredEntry, undefined>;

  constructor(options: StoredOplogOptions) {
    this.#options = options;
    this.#entries = this.#all();
  }

  /** The next entries that `include` wants, at most `count`. */
  async next(count: number, include: (entry: StoredEntry) => boolean | Promise<boolean>): Promise<StoredEntry[]> {
    const found: StoredEntry[] = [];
    while (found.length < count) {
      const { value, done } = await this.#entries.next();
      if (done === true) break;
      if (await include(value)) found.push(value);
    }
    return found;
  }

  async *#all(): AsyncGenerator<StoredEntry, undefined> {
    const { worker, read, payload } = this.#options;
    const place = { version: 0, functionName: "" };
    for (let from: number | undefined = 1; from !== undefined;) {
      const page: Awaited<ReturnType<OplogStore["read"]>> = await read(worker, from, readBytesMax);
      for (const chunk of page.chunks) {
        for (const frame of framesOf(chunk)) if (frame.index >= from) yield toStored(frame, place, payload);
      }
      from = page.nextIndex;
    }
    return undefined;
  }
}

/** `place` follows the entries. */
function toStored(
  frame: IndexedFrame,
  place: { version: number; functionName: string },
  payloads: PayloadSource,
): StoredEntry {
  const { index, kind } = frame;
  if (kind === "create" || kind === "successful-update" || kind === "exported-function-invoked") {
    const { fields } = decodeEntry(frame, payloads);
    if ("targetVersion" in fields) place.version = fields.targetVersion;
    if ("componentVersion" in fields) place.version = fields.componentVersion;
    if ("functionName" in fields) place.functionName = fields.functionName;
  }
  const reader = payloadReader(frame.reader, frame.frame, payloads);
  const payload = reader.bytes.slice(reader.offset, reader.end);
  return { index, code: frame.frame.code, timestampMs: frame.frame.timestampMs, ...place, payload };
}
