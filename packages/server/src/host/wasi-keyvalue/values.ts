/** The resources of wasi:keyvalue/types, and how results become what guests see. */
import type { HostContext, MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { InputStream, OutputStream, readBytesMax, StreamClosed, StreamFailure } from "../wasi-io/streams.ts";

/** Bytes of a bucket's name or a key. */
export const nameBytesMax = 4096;

/** An operation that the guest is told of as an error. */
export class KeyValueRefusal extends Error {
  override readonly name = "KeyValueRefusal";
}

/** wasi-keyvalue-error's resource. */
export class KeyValueError extends HostObject {
  readonly trace: string;

  constructor(trace: string) {
    super();
    this.trace = trace;
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

  /** Throws `KeyValueRefusal` when it would become too long. */
  append(bytes: Uint8Array): void {
    if (this.#size + bytes.length > this.#bytesMax) {
      throw new KeyValueRefusal(`the value is longer than ${this.#bytesMax} bytes`);
    }
    this.#size += bytes.length;
    if (bytes.length > 0) this.#parts.push(bytes);
  }

  bytes(): Uint8Array {
    const [only = new Uint8Array(0), ...others] = this.#parts;
    if (others.length === 0) return only;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [whole];
    return whole;
  }

  /** The guest says that nothing more is written. */
  finish(): void {}
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
      throw error instanceof KeyValueRefusal ? new StreamFailure(error.message) : error;
    }
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
}

export type Refused<T> = Result<T, string>;

/** What is wrong with a name, if anything. */
export function nameProblem(what: string, name: string): string | undefined {
  // A UTF-16 unit is at most three bytes.
  if (name.length * 3 <= nameBytesMax || Buffer.byteLength(name) <= nameBytesMax) return undefined;
  return `the ${what} is longer than ${nameBytesMax} bytes`;
}

export function toGuest<T, G>(context: HostContext, result: Refused<T>, map: (value: T) => G): Result<G, number> {
  return result.tag === "ok" ? ok(map(result.val)) : err(context.resources.add(new KeyValueError(result.val)));
}

export function mapMaybe<T, G>(value: MaybePromise<T>, map: (value: T) => G): MaybePromise<G> {
  return value instanceof Promise ? value.then(map) : map(value);
}
