/** What really sends a request: no timeouts, and it may tell of things twice. `timed-sending.ts` is around it. */
import type { HttpHeader, HttpListener, HttpRequest, HttpSending } from "./http-client.ts";

export interface TransportListener extends HttpListener {
  /** The request has a connection. */
  readonly connected: () => void;
  /** Something of the request was sent. */
  readonly sent: () => void;
}

export interface Transport {
  readonly send: (request: HttpRequest, listener: TransportListener) => HttpSending;
  readonly close: () => Promise<void>;
}

/** Field values as HTTP libraries take them: each byte is a character. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Fields as HTTP libraries give them, names and values in turn. */
export function headersOf(raw: readonly (string | Buffer)[]): readonly HttpHeader[] {
  const headers: HttpHeader[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = "", value = ""] = raw.slice(index, index + 2);
    const text = typeof name === "string" ? name : name.toString("latin1");
    headers.push([text.toLowerCase(), typeof value === "string" ? Buffer.from(value, "latin1") : value]);
  }
  return headers;
}

/** The names and values in turn, with what the length of the body demands. */
export function rawHeaders(request: HttpRequest): string[] {
  const raw = request.headers.flatMap(([name, value]) => [name, latin1(value)]);
  const length = request.body?.length;
  const declared = request.headers.some(([name]) => name.toLowerCase() === "content-length");
  // Without a body the method tells whether a length of 0 is to be sent.
  if (length !== undefined && length > 0 && !declared) raw.push("content-length", String(length));
  return raw;
}
