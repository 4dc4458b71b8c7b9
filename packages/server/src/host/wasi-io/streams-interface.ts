import { HostTrap } from "../../durability/errors.ts";
import type { WasiIoError } from "../generated/wasi-io/error.ts";
import type { StreamError, WasiIoStreams } from "../generated/wasi-io/streams.ts";
import type { FunctionsOf, HostContext, HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import type { MaybePromise } from "../interface.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import type { Pollable } from "./pollable.ts";
import { InputStream, IoError, OutputStream, readBytesMax, StreamClosed, StreamFailure } from "./streams.ts";

type StreamResult<T> = Result<T, StreamError>;

/** wasi:io/streams allows no more in one call of blocking-write-and-flush and its variant for zeroes. */
const blockingWriteBytesMax = 4096;

/** Runs a stream operation; what it throws becomes the stream-error that the guest sees. */
function attempt<T>(context: HostContext, operation: () => T): StreamResult<T> {
  try {
    return ok(operation());
  } catch (error) {
    return toStreamError(context, error);
  }
}

/** The same for an operation that may wait; it doesn't where what it needs is at hand. */
function attemptWaiting<T>(context: HostContext, operation: () => MaybePromise<T>): MaybePromise<StreamResult<T>> {
  try {
    const result = operation();
    if (!(result instanceof Promise)) return ok(result);
    return result.then(ok, (error: unknown) => toStreamError(context, error));
  } catch (error) {
    return toStreamError(context, error);
  }
}

function toStreamError(context: HostContext, error: unknown): Result<never, StreamError> {
  if (error instanceof StreamClosed) return err({ tag: "closed" });
  if (error instanceof StreamFailure) {
    return err({ tag: "last-operation-failed", val: context.resources.add(new IoError(error)) });
  }
  throw error;
}

function clampLength(length: bigint): number {
  return length > BigInt(readBytesMax) ? readBytesMax : Number(length);
}

async function waitReady(context: HostContext, pollable: Pollable): Promise<void> {
  await context.durable.commit();
  while (!pollable.ready()) {
    await pollable.wait(context.signal);
    context.signal.throwIfAborted();
  }
}

function readWaiting(context: HostContext, stream: InputStream, length: number): MaybePromise<Uint8Array> {
  const pollable = stream.pollable();
  if (length === 0 || pollable.ready()) {
    const bytes = stream.read(length);
    if (bytes instanceof Promise) return bytes.then((read) => readOn(context, stream, { length, read }));
    if (bytes.length > 0 || length === 0) return bytes;
  }
  return waitReady(context, pollable).then(() => readWaiting(context, stream, length));
}

async function readOn(
  context: HostContext,
  stream: InputStream,
  { length, read }: { readonly length: number; readonly read: Uint8Array },
): Promise<Uint8Array> {
  if (read.length > 0 || length === 0) return read;
  await waitReady(context, stream.pollable());
  return await readWaiting(context, stream, length);
}

function byteCount(bytes: MaybePromise<Uint8Array>): MaybePromise<bigint> {
  return bytes instanceof Promise ? bytes.then(({ length }) => BigInt(length)) : BigInt(bytes.length);
}

function writeWaiting(context: HostContext, stream: OutputStream, bytes: Uint8Array): MaybePromise<void> {
  const pollable = stream.pollable();
  if (pollable.ready()) {
    const part = bytes.subarray(0, stream.checkWrite());
    stream.write(part);
    const rest = bytes.subarray(part.length);
    return rest.length === 0 ? undefined : writeWaiting(context, stream, rest);
  }
  return waitReady(context, pollable).then(() => writeWaiting(context, stream, bytes));
}

/** A failure while the bytes are brought out shows when the stream is asked again. */
function flushWaiting(context: HostContext, stream: OutputStream): MaybePromise<void> {
  stream.flush();
  const pollable = stream.pollable();
  if (pollable.ready()) return void stream.checkWrite();
  return waitReady(context, pollable).then(() => void stream.checkWrite());
}

function writeAndFlush(context: HostContext, stream: OutputStream, bytes: Uint8Array): MaybePromise<void> {
  const written = writeWaiting(context, stream, bytes);
  return written instanceof Promise ? written.then(() => flushWaiting(context, stream)) : flushWaiting(context, stream);
}

type StreamFunction = keyof WasiIoStreams["functions"];
type InputFunction = Extract<StreamFunction, `[method]input-stream.${string}`>;
type SpliceFunction = Extract<StreamFunction, `${string}splice`>;
type OutputFunction = Exclude<StreamFunction, InputFunction | SpliceFunction>;

function inputFunctions(context: HostContext): FunctionsOf<WasiIoStreams, InputFunction> {
  const { resources } = context;
  const input = (self: number): InputStream => resources.get(self, InputStream);
  return {
    "[method]input-stream.read": suspending((self: number, length: bigint) =>
      attemptWaiting(context, () => input(self).read(clampLength(length))),
    ),
    "[method]input-stream.blocking-read": suspending((self: number, length: bigint) =>
      attemptWaiting(context, () => readWaiting(context, input(self), clampLength(length))),
    ),
    "[method]input-stream.skip": suspending((self: number, length: bigint) =>
      attemptWaiting(context, () => byteCount(input(self).read(clampLength(length)))),
    ),
    "[method]input-stream.blocking-skip": suspending((self: number, length: bigint) =>
      attemptWaiting(context, () => byteCount(readWaiting(context, input(self), clampLength(length)))),
    ),
    "[method]input-stream.subscribe": sync((self: number) => resources.add(input(self).pollable())),
  };
}

function writeChecked(stream: OutputStream, bytes: Uint8Array): void {
  if (bytes.length > stream.checkWrite()) throw new HostTrap("write exceeds what check-write has permitted");
  stream.write(bytes);
}

function outputFunctions(context: HostContext): FunctionsOf<WasiIoStreams, OutputFunction> {
  const { resources } = context;
  const output = (self: number): OutputStream => resources.get(self, OutputStream);
  const blockingWrite = suspending((self: number, bytes: Uint8Array) => {
    if (bytes.length > blockingWriteBytesMax) throw new HostTrap("blocking-write-and-flush takes at most 4096 bytes");
    return attemptWaiting(context, () => writeAndFlush(context, output(self), bytes));
  });
  const blockingZeroes = suspending((self: number, length: bigint) => {
    if (length > blockingWriteBytesMax) throw new HostTrap("blocking-write-zeroes-and-flush takes at most 4096 bytes");
    return attemptWaiting(context, () => writeAndFlush(context, output(self), new Uint8Array(Number(length))));
  });
  return {
    "[method]output-stream.check-write": sync((self: number) =>
      attempt(context, () => BigInt(output(self).checkWrite())),
    ),
    "[method]output-stream.write": sync((self: number, bytes: Uint8Array) =>
      attempt(context, () => writeChecked(output(self), bytes)),
    ),
    "[method]output-stream.blocking-write-and-flush": blockingWrite,
    "[method]output-stream.flush": sync((self: number) => attempt(context, () => output(self).flush())),
    "[method]output-stream.blocking-flush": suspending((self: number) =>
      attemptWaiting(context, () => flushWaiting(context, output(self))),
    ),
    "[method]output-stream.subscribe": sync((self: number) => resources.add(output(self).pollable())),
    "[method]output-stream.write-zeroes": sync((self: number, length: bigint) =>
      attempt(context, () => {
        if (length > BigInt(readBytesMax)) throw new HostTrap("write exceeds what check-write has permitted");
        writeChecked(output(self), new Uint8Array(Number(length)));
      }),
    ),
    "[method]output-stream.blocking-write-zeroes-and-flush": blockingZeroes,
  };
}

/** Splicing is a read and a write, so that both are what they are without it: recorded, logged, checked. */
function spliceFunctions(context: HostContext): FunctionsOf<WasiIoStreams, SpliceFunction> {
  const { resources } = context;
  return {
    "[method]output-stream.splice": suspending((self: number, source: number, length: bigint) =>
      attemptWaiting(context, () => {
        const output = resources.get(self, OutputStream);
        const bytes = resources.get(source, InputStream).read(Math.min(clampLength(length), output.checkWrite()));
        const write = (read: Uint8Array): bigint => {
          output.write(read);
          return BigInt(read.length);
        };
        return bytes instanceof Promise ? bytes.then(write) : write(bytes);
      }),
    ),
    "[method]output-stream.blocking-splice": suspending((self: number, source: number, length: bigint) =>
      attemptWaiting(context, () => spliceWaiting(context, resources.get(self, OutputStream), source, length)),
    ),
  };
}

async function spliceWaiting(
  context: HostContext,
  output: OutputStream,
  source: number,
  length: bigint,
): Promise<bigint> {
  const pollable = output.pollable();
  if (!pollable.ready()) await waitReady(context, pollable);
  const most = Math.min(clampLength(length), output.checkWrite());
  const bytes = await readWaiting(context, context.resources.get(source, InputStream), most);
  output.write(bytes);
  return BigInt(bytes.length);
}

/** wasi:io/streams (spec/host-interfaces.md §15.2). Blocking calls wait as `poll` does; the bytes come from local sources. */
export const streams: HostInterface<WasiIoStreams> = {
  name: "wasi:io/streams@0.2.0",
  durable: {},
  bind: (context) => ({
    functions: { ...inputFunctions(context), ...outputFunctions(context), ...spliceFunctions(context) },
    resources: {
      "input-stream": resource((representation) => context.resources.remove(representation)),
      "output-stream": resource((representation) => context.resources.remove(representation)),
    },
  }),
};

/** wasi:io/error. */
export const ioError: HostInterface<WasiIoError> = {
  name: "wasi:io/error@0.2.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: {
      "[method]error.to-debug-string": sync((self: number) => resources.get(self, IoError).failure.message),
    },
    resources: { error: resource((representation) => resources.remove(representation)) },
  }),
};
