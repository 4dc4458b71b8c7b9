/** A client's connection as the executor sees it: the main thread has it, and parts of both messages cross over. */
import type { HttpHeader } from "../platform/http/http-client.ts";
import { Change } from "../host/wasi-http/change.ts";
import { ChunkQueue } from "../host/wasi-http/chunk-queue.ts";
import type { ClientConnection } from "../host/wasi-http/client-connection.ts";
import { plainError } from "../host/wasi-http/error-code.ts";
import type { BodyPart } from "../host/wasi-http/incoming-body.ts";
import type { HttpRequestPart, HttpResponsePart } from "./http-parts.ts";
import { exactly, unacknowledgedBytesMax } from "./http-parts.ts";

export class HttpConnection implements ClientConnection {
  readonly changed: Change = new Change();
  readonly #post: (part: HttpResponsePart) => void;
  readonly #room = new Change();
  readonly #body = new ChunkQueue();
  #bodyEnd: { readonly trailers: readonly HttpHeader[] | undefined } | undefined;
  #gone = false;
  #unacknowledged = 0;
  /** The head that the client has got, as text. */
  #head: string | undefined;
  /** Bytes of the body that were posted, and where the answer of this run stands. */
  #posted = 0;
  #position = 0;

  constructor(post: (part: HttpResponsePart) => void) {
    this.#post = post;
  }

  /** The client has got a part of the answer already. */
  get answered(): boolean {
    return this.#head !== undefined;
  }

  receive(part: HttpRequestPart): void {
    switch (part.kind) {
      case "data":
        this.#body.push(part.chunk);
        this.changed.notify();
        return;
      case "end":
        this.#bodyEnd = { trailers: part.trailers.length === 0 ? undefined : part.trailers };
        this.changed.notify();
        return;
      case "sent":
        this.#unacknowledged -= part.bytes;
        this.#room.notify();
        return;
      case "gone":
        this.#gone = true;
        this.changed.notify();
        this.#room.notify();
    }
  }

  readonly bodyReady = (): boolean => this.#body.bytes > 0 || this.#bodyEnd !== undefined || this.#gone;

  readonly takeBody = (length: number): BodyPart => {
    const data = this.#body.take(length);
    if (data.length > 0) this.#post({ kind: "taken", bytes: data.length });
    if (this.#body.bytes === 0 && this.#bodyEnd !== undefined) {
      return { tag: "end", val: { data, trailers: this.#bodyEnd.trailers } };
    }
    if (data.length === 0 && this.#gone) return { tag: "failed", val: plainError("connection-terminated") };
    return { tag: "data", val: data };
  };

  readonly informational = (status: number, headers: readonly HttpHeader[]): void => {
    if (this.#head === undefined) this.#post({ kind: "informational", status, headers });
  };

  /** A run that answers otherwise than the one before it can't be put right: the client's connection ends. */
  readonly answer = (status: number, headers: readonly HttpHeader[]): void => {
    this.#position = 0;
    const head = JSON.stringify([
      status,
      headers.map(([name, value]) => [name, Buffer.from(value).toString("latin1")]),
    ]);
    if (this.#head === undefined) {
      this.#head = head;
      this.#post({ kind: "head", status, headers });
    } else if (this.#head !== head) this.fail();
  };

  readonly write = async (chunk: Uint8Array, signal: AbortSignal): Promise<void> => {
    const known = Math.min(Math.max(this.#posted - this.#position, 0), chunk.length);
    this.#position += chunk.length;
    const rest = chunk.subarray(known);
    if (rest.length === 0 || this.#gone) return;
    this.#posted += rest.length;
    this.#unacknowledged += rest.length;
    this.#post({ kind: "data", chunk: exactly(rest) });
    while (this.#unacknowledged > unacknowledgedBytesMax && !this.#gone && !signal.aborted) {
      await this.#room.wait(signal);
    }
  };

  readonly trailers = (trailers: readonly HttpHeader[]): void => {
    if (trailers.length > 0) this.#post({ kind: "trailers", trailers });
  };

  readonly fail = (): void => {
    this.#gone = true;
    this.#post({ kind: "failed" });
  };
}
