/** The resources of wasi:keyvalue/types, and how results become what guests see. */
import { joined } from "../../platform/bytes.ts";
import type { HostContext } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { Refusal } from "../store-calls.ts";
import type { Refused } from "../store-calls.ts";
import { InputStream, OutputStream, readBytesMax, StreamClosed, StreamFailure } from "../wasi-io/streams.ts";

const savedError = savedKind<string>("keyvalue-error", (trace) => new KeyValueError(trace));
const savedBucket = savedKind<string>("bucket", (name) => new Bucket(name));
const savedOutgoingValue = savedKind<Uint8Array>("keyvalue-outgoing-value", (bytes, { context }) => {
  const value = new OutgoingValue(context.keyValues.valueBytesMax);
  value.append(bytes);
  return value;
});
const savedOutgoingBody = savedKind<number>(
  "keyvalue-outgoing-body",
  (value, restorer) => new OutgoingBody(restorer.context, restorer.object(value, OutgoingValue)),
);
const savedIncomingValue = savedKind<Uint8Array>("keyvalue-incoming-value", (rest) => new IncomingValue(rest));
const savedIncomingBody = savedKind<number>(
  "keyvalue-incoming-body",
  (value, restorer) => new IncomingBody(restorer.object(value, IncomingValue)),
);

/** wasi-keyvalue-error's resource. */
export class KeyValueError extends HostObject {
  readonly trace: string;

  constructor(trace: string) {
    super();
    this.trace = trace;
  }

  override save(): SavedObject {
    return savedError(this.trace);
  }
}

export class Bucket extends HostObject {
  readonly bucketName: string;

  constructor(bucketName: string) {
    super();
    this.bucketName = bucketName;
  }

  /** Where its keys lie in the store; the cache lies elsewhere, whatever a bucket is called. */
  get space(): string {
    return `bucket:${this.bucketName}`;
  }

  override save(): SavedObject {
    return savedBucket(this.bucketName);
  }
}

/** A value that grows by what is written to it. */
export class OutgoingValue extends HostObject {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(bytesMax: number) {
    super();
    this.#bytesMax = bytesMax;
  }

  /** Throws `Refusal` when it would become too long. */
  append(bytes: Uint8Array): void {
    if (this.#size + bytes.length > this.#bytesMax) {
      throw new Refusal(`the value is longer than ${this.#bytesMax} bytes`);
    }
    this.#size += bytes.length;
    if (bytes.length > 0) this.#parts.push(bytes);
  }

  bytes(): Uint8Array {
    const whole = joined(this.#parts);
    this.#parts = [whole];
    return whole;
  }

  /** The guest says that nothing more is written. */
  finish(): void {}

  override save(_saver: Saver): SavedObject | undefined {
    return savedOutgoingValue(this.bytes());
  }
}

export class OutgoingBody extends OutputStream {
  readonly #context: HostContext;
  readonly #value: OutgoingValue;

  constructor(context: HostContext, value: OutgoingValue) {
    super();
    this.#context = context;
    this.#value = value;
  }

  override write(bytes: Uint8Array): void {
    try {
      this.#value.append(bytes);
    } catch (error) {
      throw error instanceof Refusal ? new StreamFailure(error.message) : error;
    }
  }

  override save(saver: Saver): SavedObject {
    return savedOutgoingBody(saver.object(this.#value));
  }

  override close(): void {
    // An instance that ends has not said that the value is complete.
    if (!this.#context.signal.aborted) this.#value.finish();
  }
}

/** A value that was read; what is taken from it is gone. */
export class IncomingValue extends HostObject {
  #rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#rest = bytes;
  }

  get size(): number {
    return this.#rest.length;
  }

  take(length: number): Uint8Array {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  override save(): SavedObject {
    return savedIncomingValue(this.#rest);
  }
}

export class IncomingBody extends InputStream {
  readonly #value: IncomingValue;

  constructor(value: IncomingValue) {
    super();
    this.#value = value;
  }

  override read(length: number): Uint8Array {
    if (this.#value.size === 0) throw new StreamClosed();
    return this.#value.take(Math.min(length, readBytesMax));
  }

  override save(saver: Saver): SavedObject {
    return savedIncomingBody(saver.object(this.#value));
  }
}

export function toGuest<T, G>(context: HostContext, result: Refused<T>, map: (value: T) => G): Result<G, number> {
  return result.tag === "ok" ? ok(map(result.val)) : err(context.resources.add(new KeyValueError(result.val)));
}
