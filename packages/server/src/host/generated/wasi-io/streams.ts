/** Made of packages/sdk/wit/wasi-io/streams.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Error = number;

export type InputStream = number;

export type OutputStream = number;

export type Pollable = number;

export type StreamError =
  | { readonly tag: "last-operation-failed"; readonly val: Error }
  | { readonly tag: "closed"; readonly val?: undefined };

/** wasi:io/streams@0.2.0 */
export interface WasiIoStreams {
  readonly name: "wasi:io/streams@0.2.0";
  readonly functions: {
    readonly "[method]input-stream.read": (self: InputStream, len: bigint) => Result<Uint8Array, StreamError>;
    readonly "[method]input-stream.blocking-read": (self: InputStream, len: bigint) => Result<Uint8Array, StreamError>;
    readonly "[method]input-stream.skip": (self: InputStream, len: bigint) => Result<bigint, StreamError>;
    readonly "[method]input-stream.blocking-skip": (self: InputStream, len: bigint) => Result<bigint, StreamError>;
    readonly "[method]input-stream.subscribe": (self: InputStream) => Pollable;
    readonly "[method]output-stream.check-write": (self: OutputStream) => Result<bigint, StreamError>;
    readonly "[method]output-stream.write": (self: OutputStream, contents: Uint8Array) => Result<void, StreamError>;
    readonly "[method]output-stream.blocking-write-and-flush": (
      self: OutputStream,
      contents: Uint8Array,
    ) => Result<void, StreamError>;
    readonly "[method]output-stream.flush": (self: OutputStream) => Result<void, StreamError>;
    readonly "[method]output-stream.blocking-flush": (self: OutputStream) => Result<void, StreamError>;
    readonly "[method]output-stream.subscribe": (self: OutputStream) => Pollable;
    readonly "[method]output-stream.write-zeroes": (self: OutputStream, len: bigint) => Result<void, StreamError>;
    readonly "[method]output-stream.blocking-write-zeroes-and-flush": (
      self: OutputStream,
      len: bigint,
    ) => Result<void, StreamError>;
    readonly "[method]output-stream.splice": (
      self: OutputStream,
      src: InputStream,
      len: bigint,
    ) => Result<bigint, StreamError>;
    readonly "[method]output-stream.blocking-splice": (
      self: OutputStream,
      src: InputStream,
      len: bigint,
    ) => Result<bigint, StreamError>;
  };
  readonly resources: "input-stream" | "output-stream";
}
