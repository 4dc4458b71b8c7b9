/** The resources of wasi:keyvalue/types, and how results become what guests see. */
import { joined } from "../../platform/bytes.ts";
import type { HostContext } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { Refusal } from "../store-calls.ts";
import type { Refused } from "../store-calls.ts";
import { InputStream, OutputStream, readBytesMax, StreamClosed, StreamFailure } from "../wasi-io/streams.ts";

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

export function toGuest<T, G>(context: HostContext, result: Refused<T>, map: (value: T) => G): Result<G, number> {
  return result.tag === "ok" ? ok(map(result.val)) : err(context.resources.add(new KeyValueError(result.val)));
}
