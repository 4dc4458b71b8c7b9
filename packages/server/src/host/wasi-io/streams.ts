/** Streams as the host implements them; `streams-interface.ts` shows them to guests. */
import type { ErrorCode } from "../generated/wasi-filesystem/types.ts";
import type { MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import type { Pollable } from "./pollable.ts";
import { ReadyPollable } from "./pollable.ts";

/** The stream has ended: nothing comes, or nothing more is taken. */
export class StreamClosed extends Error {
  override readonly name = "StreamClosed";
}

/** An operation failed; the guest gets it as an `error` resource. */
export class StreamFailure extends Error {
  override readonly name = "StreamFailure";
  /** wasi:filesystem's error-code, when a file is behind the stream. */
  readonly filesystemCode: ErrorCode | undefined;

  constructor(message: string, filesystemCode?: ErrorCode) {
    super(message);
    this.filesystemCode = filesystemCode;
  }
}

const savedError = savedKind(
  "io-error",
  ({ message, code }: { readonly message: string; readonly code: ErrorCode | undefined }) =>
    new IoError(new StreamFailure(message, code)),
);

/** wasi:io/error's resource. */
export class IoError extends HostObject {
  readonly failure: StreamFailure;

  constructor(failure: StreamFailure) {
    super();
    this.failure = failure;
  }

  override save(): SavedObject | undefined {
    // Other hosts make failures of their own, with more than this.
    if (this.failure.constructor !== StreamFailure) return undefined;
    return savedError({ message: this.failure.message, code: this.failure.filesystemCode });
  }
}

/** How much one read returns at most, whatever the guest asks for. */
export const readBytesMax = 1024 * 1024;

/** Methods throw `StreamClosed` and `StreamFailure`. */
export abstract class InputStream extends HostObject {
  /** Up to `length` bytes that are there now; empty when none are. It waits, if at all, until they are recorded. */
  abstract read(length: number): MaybePromise<Uint8Array>;

  /** Ready when `read` gives bytes, the end or a failure. */
  pollable(): Pollable {
    return new ReadyPollable();
  }
}

/** Methods throw `StreamClosed` and `StreamFailure`. */
export abstract class OutputStream extends HostObject {
  /** How many bytes `write` takes now. */
  checkWrite(): number {
    return readBytesMax;
  }

  abstract write(bytes: Uint8Array): void;

  /** Starts to bring out what was written; `pollable` is ready when that is done. */
  flush(): void {}

  pollable(): Pollable {
    return new ReadyPollable();
  }
}

const savedEmptyStream = savedKind<undefined>("empty-input-stream", () => new EmptyInputStream());

/** A stream that has ended before it began: a worker's standard input. */
export class EmptyInputStream extends InputStream {
  override save(): SavedObject {
    return savedEmptyStream(undefined);
  }

  override read(): Uint8Array {
    throw new StreamClosed();
  }
}
