/** What crosses between the main thread, which has the client's connection, and the executor that answers the request. */
import type { HttpHeader } from "../platform/http/http-client.ts";

/** Of the request, towards the executor. */
export type HttpRequestPart =
  | { readonly kind: "data"; readonly chunk: Uint8Array }
  | { readonly kind: "end"; readonly trailers: readonly HttpHeader[] }
  /** So many bytes of the response have reached the client. */
  | { readonly kind: "sent"; readonly bytes: number }
  /** The client is gone. */
  | { readonly kind: "gone" };

/** Of the response, towards the client. */
export type HttpResponsePart =
  | { readonly kind: "informational"; readonly status: number; readonly headers: readonly HttpHeader[] }
  | { readonly kind: "head"; readonly status: number; readonly headers: readonly HttpHeader[] }
  | { readonly kind: "data"; readonly chunk: Uint8Array }
  /** The end is told by the reply, when the result is durable. */
  | { readonly kind: "trailers"; readonly trailers: readonly HttpHeader[] }
  | { readonly kind: "failed" }
  /** So many bytes of the request were read. */
  | { readonly kind: "taken"; readonly bytes: number };

/** A copy that doesn't take the memory around it along to another thread. */
export function exactly(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(chunk);
}

/** In either direction no more than this is on its way: beyond it the sender waits. */
export const unacknowledgedBytesMax = 512 * 1024;
