/** The body of a client's request: taken whole if it is small, else passed on as it comes. */
import type { IncomingMessage } from "node:http";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import { headersOf } from "../../platform/http/transport.ts";
import type { HttpRequestPart } from "../../worker/http-parts.ts";
import { exactly, unacknowledgedBytesMax } from "../../worker/http-parts.ts";

/** Up to here a body is part of the invocation's record. */
export const wholeBytesMax = 64 * 1024;

export class RequestBody {
  readonly #request: IncomingMessage;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #send: ((part: HttpRequestPart) => void) | undefined;
  #unacknowledged = 0;
  readonly #decided = Promise.withResolvers<Uint8Array | undefined>();

  constructor(request: IncomingMessage) {
    this.#request = request;
    request.on("data", (chunk: Buffer) => this.#receive(chunk));
    request.on("end", () => this.#end());
  }

  /** The content, when it ends early enough; undefined when there is more. It may never resolve when the client leaves. */
  whole(): Promise<Uint8Array | undefined> {
    return this.#decided.promise;
  }

  get trailers(): readonly HttpHeader[] {
    return headersOf(this.#request.rawTrailers);
  }

  /** What has come and what is to come goes to `send`. */
  stream(send: (part: HttpRequestPart) => void): void {
    this.#send = send;
    for (const chunk of this.#chunks) this.#pass(send, chunk);
    this.#chunks = [];
    if (this.#ended) send({ kind: "end", trailers: this.trailers });
    else if (this.#unacknowledged <= unacknowledgedBytesMax) this.#request.resume();
  }

  acknowledge(bytes: number): void {
    this.#unacknowledged -= bytes;
    if (this.#unacknowledged <= unacknowledgedBytesMax / 2) this.#request.resume();
  }

  #receive(chunk: Buffer): void {
    if (this.#send !== undefined) {
      this.#pass(this.#send, chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= wholeBytesMax) return;
    this.#request.pause();
    this.#decided.resolve(undefined);
  }

  #end(): void {
    this.#ended = true;
    this.#send?.({ kind: "end", trailers: this.trailers });
    this.#decided.resolve(this.#bytes <= wholeBytesMax ? Buffer.concat(this.#chunks) : undefined);
  }

  #pass(send: (part: HttpRequestPart) => void, chunk: Buffer): void {
    this.#unacknowledged += chunk.length;
    send({ kind: "data", chunk: exactly(chunk) });
    if (this.#unacknowledged > unacknowledgedBytesMax) this.#request.pause();
  }
}
