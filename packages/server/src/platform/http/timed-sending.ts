/** Holds one request to its timeouts, and tells of each thing once, whatever the transport does. */
import { HttpTimeoutError } from "./http-client.ts";
import type { HttpHeader, HttpListener, HttpRequest, HttpSending, HttpTimeoutCode } from "./http-client.ts";
import type { Transport, TransportListener } from "./transport.ts";

export class TimedSending implements HttpSending, TransportListener {
  readonly #request: HttpRequest;
  readonly #listener: HttpListener;
  #sending: HttpSending | undefined;
  #timer: NodeJS.Timeout | undefined;
  #phase: "connecting" | "waiting" | "receiving" | "ended" = "connecting";

  constructor(transport: Transport, request: HttpRequest, listener: HttpListener) {
    this.#request = request;
    this.#listener = listener;
    this.#limit(request.timeouts.connectMs, "CONNECT_TIMEOUT");
    const sending = transport.send(request, this);
    // It may have failed within the call.
    if (this.#ended) sending.abort();
    else this.#sending = sending;
  }

  /** While nothing is taken, what doesn't come isn't late. */
  readonly pause = (): void => {
    if (this.#ended) return;
    this.#clearLimit();
    this.#sending?.pause();
  };

  readonly resume = (): void => {
    if (this.#ended) return;
    this.#limitBody();
    this.#sending?.resume();
  };

  readonly abort = (): void => {
    this.#end();
    this.#sending?.abort();
  };

  readonly connected = (): void => {
    if (this.#phase !== "connecting") return;
    this.#phase = "waiting";
    this.#limit(this.#request.timeouts.firstByteMs, "FIRST_BYTE_TIMEOUT");
  };

  readonly sent = (): void => {
    if (this.#phase === "waiting") this.#timer?.refresh();
  };

  readonly head = (status: number, headers: readonly HttpHeader[]): void => {
    if (this.#phase !== "waiting" && this.#phase !== "connecting") return;
    this.#phase = "receiving";
    this.#limitBody();
    this.#listener.head(status, headers);
  };

  readonly data = (chunk: Uint8Array): void => {
    if (this.#phase !== "receiving" || chunk.length === 0) return;
    this.#timer?.refresh();
    this.#listener.data(chunk);
  };

  readonly end = (trailers: readonly HttpHeader[]): void => {
    if (this.#phase !== "receiving") return;
    this.#end();
    this.#listener.end(trailers);
  };

  readonly failed = (error: Error): void => {
    if (this.#ended) return;
    this.#end();
    this.#listener.failed(error);
  };

  get #ended(): boolean {
    return this.#phase === "ended";
  }

  #end(): void {
    this.#phase = "ended";
    this.#clearLimit();
  }

  #limitBody(): void {
    if (this.#phase === "receiving") this.#limit(this.#request.timeouts.betweenBytesMs, "BETWEEN_BYTES_TIMEOUT");
  }

  #clearLimit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #limit(ms: number, code: HttpTimeoutCode): void {
    this.#clearLimit();
    this.#timer = setTimeout(() => {
      this.failed(new HttpTimeoutError(code));
      this.#sending?.abort();
    }, ms);
  }
}
