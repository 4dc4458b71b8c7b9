/** HTTP requests to the outside, so that hosts need not know what sends them. */

/** The value is bytes, as it was sent; names of what was received are in lower case. */
export type HttpHeader = readonly [name: string, value: Uint8Array];

export interface HttpBody {
  /** Bytes in all, where that is known before the first one. */
  readonly length: number | undefined;
  /** The next chunk; undefined at the end. Rejects when there will be no proper end. */
  readonly next: () => Promise<Uint8Array | undefined>;
  /** To be asked after the end. */
  readonly trailers: () => readonly HttpHeader[];
}

export interface HttpTimeouts {
  readonly connectMs: number;
  /** From the last byte sent to the head of the response. */
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly secure: boolean;
  /** Host and port; the `Host` field is made of it. */
  readonly authority: string;
  readonly pathWithQuery: string;
  readonly headers: readonly HttpHeader[];
  readonly body: HttpBody | undefined;
  readonly timeouts: HttpTimeouts;
}

/** Told what comes, in order: one head, chunks, then the end; or a failure at any point. Nothing follows an end or a failure. */
export interface HttpListener {
  readonly head: (status: number, headers: readonly HttpHeader[]) => void;
  readonly data: (chunk: Uint8Array) => void;
  readonly end: (trailers: readonly HttpHeader[]) => void;
  readonly failed: (error: Error) => void;
}

export interface HttpSending {
  /** No chunks come from soon after this call until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it; nothing is told any more. */
  readonly abort: () => void;
}

export interface HttpClient {
  readonly send: (request: HttpRequest, listener: HttpListener) => HttpSending;
  /** Closes idle connections; nothing may be sent any more. */
  readonly close: () => Promise<void>;
}

/** Fields of one message may not be larger than this together. */
export const headerBytesMax = 128 * 1024;

export type HttpTimeoutCode = "CONNECT_TIMEOUT" | "FIRST_BYTE_TIMEOUT" | "BETWEEN_BYTES_TIMEOUT";

export class HttpTimeoutError extends Error {
  override readonly name = "HttpTimeoutError";
  readonly code: HttpTimeoutCode;

  constructor(code: HttpTimeoutCode) {
    super("the time allowed for it is over");
    this.code = code;
  }
}
