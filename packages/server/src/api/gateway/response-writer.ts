/** Writes the answer of a worker to the client: whole, or part by part as it comes. */
import type { ServerResponse } from "node:http";
import { droppedBodyHeader } from "../../host/wasi-http/delivery.ts";
import { headerText } from "../../host/wasi-http/fields.ts";
import type { HandlerResponse } from "../../host/wasi-http/incoming-handler.ts";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import { latin1 } from "../../platform/http/transport.ts";
import type { HttpRequestPart, HttpResponsePart } from "../../worker/http-parts.ts";

function raw(headers: readonly HttpHeader[]): string[] {
  return headers.flatMap(([name, value]) => [name, latin1(value)]);
}

function pairs(headers: readonly HttpHeader[]): [string, string][] {
  return headers.map(([name, value]) => [name, latin1(value)]);
}

const encoder = new TextEncoder();

export class ResponseWriter {
  readonly #response: ServerResponse;
  #trailers: readonly HttpHeader[] = [];

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** `acknowledge` tells when bytes have gone out. */
  receive(
    part: Exclude<HttpResponsePart, { readonly kind: "taken" }>,
    acknowledge: (part: HttpRequestPart) => void,
  ): void {
    const response = this.#response;
    if (response.destroyed) return;
    switch (part.kind) {
      case "informational":
        if (!response.headersSent) this.#inform(part.status, part.headers);
        return;
      case "head":
        response.writeHead(part.status, raw(part.headers));
        response.flushHeaders();
        return;
      case "data": {
        const bytes = part.chunk.length;
        response.write(part.chunk, () => acknowledge({ kind: "sent", bytes }));
        return;
      }
      case "trailers":
        this.#trailers = part.trailers;
        return;
      case "failed":
        response.destroy();
    }
  }

  /** The worker has returned; `response` is what wasn't received in parts. */
  end(response: HandlerResponse | undefined): void {
    if (this.#response.destroyed) return;
    if (response === undefined) {
      this.#finish(this.#trailers);
      return;
    }
    // What was sent of it came from a run that is void.
    if (this.#response.headersSent) this.#response.destroy();
    else this.#writeWhole(response);
  }

  #writeWhole({ status, headers, bodyAndTrailers }: HandlerResponse): void {
    const dropped = headerText(headers, droppedBodyHeader);
    if (dropped !== undefined) {
      const text = `The response was sent once already; its ${dropped} bytes are not kept`;
      this.#writeWhole({
        status: 500,
        headers: [],
        bodyAndTrailers: { content: encoder.encode(text), trailers: undefined },
      });
      return;
    }
    const { content = new Uint8Array(0), trailers = [] } = bodyAndTrailers ?? {};
    const head = raw(headers);
    const bodiless = status === 204 || status === 304;
    const declared = headerText(headers, "content-length") !== undefined;
    if (!bodiless && !declared && trailers.length === 0) head.push("content-length", String(content.length));
    this.#response.writeHead(status, head);
    if (content.length > 0) this.#response.write(content);
    this.#finish(trailers);
  }

  #finish(trailers: readonly HttpHeader[]): void {
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    this.#response.end();
  }

  /** Node has no function that sends any informational response; on HTTP/1.1 it is a head of its own. */
  #inform(status: number, headers: readonly HttpHeader[]): void {
    const lines = pairs(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#response.socket?.write(`HTTP/1.1 ${status} Informational\r\n${lines.join("")}\r\n`, "latin1");
  }
}
