/** What is read from objects. */
import { bytes, record, string, u64, variant } from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import type { ObjectContent, ObjectReader } from "../../durability/object-store.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { callStore, mapMaybe, Refusal, storeFunction } from "../store-calls.ts";
import type { Refused } from "../store-calls.ts";
import { InputStream, readBytesMax, StreamClosed, StreamFailure } from "../wasi-io/streams.ts";

/** Where the bytes of a range come from; that is recorded when it is asked for, and a file never changes. */
export type Range =
  | { readonly tag: "bytes"; readonly val: Uint8Array }
  | { readonly tag: "file"; readonly val: { readonly file: string; readonly offset: bigint; readonly size: bigint } };

export const range: Schema<Range> = variant({ bytes, file: record({ file: string, offset: u64, size: u64 }) });

/** A longer range can only be read as a stream. */
export const syncBytesMax = 64 * 1024 * 1024;

/** What may be recorded and not yet durable before a read waits. */
const backlogBytesMax = 4 * 1024 * 1024;

const piece = record({ file: string, offset: u64, length: u64 });

export const readAll = storeFunction(
  "golem blobstore::types::incoming_value::consume_sync",
  "remote-read",
  piece,
  bytes,
);
export const readPart = storeFunction("golem blobstore::types::incoming_value::read", "remote-read", piece, bytes);

/** The part of an object from `start` to `end`, both included, as far as it is there. */
export function rangeOf(content: ObjectContent, objectSize: number, start: bigint, end: bigint): Range {
  const size = BigInt(objectSize);
  const from = start < size ? start : size;
  const past = end < size ? end + 1n : size;
  const until = past > from ? past : from;
  if (content.kind === "bytes") return { tag: "bytes", val: content.bytes.slice(Number(from), Number(until)) };
  return { tag: "file", val: { file: content.file, offset: from, size: until - from } };
}

/** Reads a file piece by piece; each piece is recorded, so that a replay gets it although the object may be gone. */
class RecordedFile {
  readonly #context: HostContext;
  readonly #file: string;
  #reader: ObjectReader | undefined;
  #closed = false;

  constructor(context: HostContext, file: string) {
    this.#context = context;
    this.#file = file;
  }

  read(declaration: typeof readAll, offset: bigint, length: number): MaybePromise<Refused<Uint8Array>> {
    return callStore(this.#context, {
      function: declaration,
      request: { file: this.#file, offset, length: BigInt(length) },
      perform: () => this.#readNow(Number(offset), length),
    });
  }

  close(): void {
    this.#closed = true;
    this.#reader?.close();
  }

  async #readNow(offset: number, length: number): Promise<Uint8Array> {
    const { durable, objects } = this.#context;
    if (durable.backlogBytes > backlogBytesMax) await durable.commit();
    const reader = this.#reader ?? (await objects.files.open(this.#file));
    if (reader === undefined) throw new Refusal("the object was replaced or deleted while it was being read");
    this.#reader = reader;
    // The instance may have ended meanwhile.
    if (this.#closed) {
      reader.close();
      throw new Refusal("the object is not open");
    }
    const read = await reader.read(offset, length);
    if (read.length === length) return read;
    throw new Refusal(`the object ends at ${offset + read.length}, before ${offset + length}`);
  }
}

const savedValue = savedKind<Range>(
  "blobstore-incoming-value",
  (from, { context }) => new IncomingValue(context, from),
);
const savedBytes = savedKind<Uint8Array>("blobstore-bytes-stream", (rest) => new BytesStream(rest));
const savedFile = savedKind<SavedFile>("blobstore-file-stream", (saved, { context }) => new FileStream(context, saved));

export class IncomingValue extends HostObject {
  readonly #context: HostContext;
  readonly #range: Range;

  constructor(context: HostContext, from: Range) {
    super();
    this.#context = context;
    this.#range = from;
  }

  get size(): bigint {
    return this.#range.tag === "bytes" ? BigInt(this.#range.val.length) : this.#range.val.size;
  }

  all(): MaybePromise<Refused<Uint8Array>> {
    if (this.#range.tag === "bytes") return { tag: "ok", val: this.#range.val };
    const { file, offset, size } = this.#range.val;
    if (size > BigInt(syncBytesMax)) {
      return { tag: "err", val: `cannot read ${size} bytes at once: at most ${syncBytesMax}; longer ones as a stream` };
    }
    const source = new RecordedFile(this.#context, file);
    return mapMaybe(source.read(readAll, offset, Number(size)), (outcome) => {
      source.close();
      return outcome;
    });
  }

  stream(): InputStream {
    if (this.#range.tag === "bytes") return new BytesStream(this.#range.val);
    return new FileStream(this.#context, { ...this.#range.val, failed: false });
  }

  override save(): SavedObject {
    return savedValue(this.#range);
  }
}

class BytesStream extends InputStream {
  #rest: Uint8Array;

  constructor(whole: Uint8Array) {
    super();
    this.#rest = whole;
  }

  override read(length: number): Uint8Array {
    if (this.#rest.length === 0) throw new StreamClosed();
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  override save(): SavedObject {
    return savedBytes(this.#rest);
  }
}

/** Where a stream stands in a file: from `offset` on, `size` bytes are left. */
interface SavedFile {
  readonly file: string;
  readonly offset: bigint;
  readonly size: bigint;
  readonly failed: boolean;
}

class FileStream extends InputStream {
  readonly #file: string;
  readonly #source: RecordedFile;
  #offset: bigint;
  #rest: bigint;
  /** After a failure nothing can be told of what follows. */
  #failed: boolean;

  constructor(context: HostContext, { file, offset, size, failed }: SavedFile) {
    super();
    this.#file = file;
    this.#source = new RecordedFile(context, file);
    this.#offset = offset;
    this.#rest = size;
    this.#failed = failed;
  }

  override save(): SavedObject {
    return savedFile({ file: this.#file, offset: this.#offset, size: this.#rest, failed: this.#failed });
  }

  override read(length: number): MaybePromise<Uint8Array> {
    if (this.#rest === 0n || this.#failed) throw new StreamClosed();
    const wanted = Math.min(length, readBytesMax, Number(this.#rest));
    if (wanted === 0) return new Uint8Array(0);
    return mapMaybe(this.#source.read(readPart, this.#offset, wanted), (outcome) => {
      if (outcome.tag === "err") {
        this.#failed = true;
        throw new StreamFailure(outcome.val);
      }
      this.#offset += BigInt(outcome.val.length);
      this.#rest -= BigInt(outcome.val.length);
      return outcome.val;
    });
  }

  override close(): void {
    this.#source.close();
  }
}
