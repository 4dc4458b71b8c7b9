/** A guest's side of wasi:http for tests, and a real server for it to talk to. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import type { ErrorCode } from "./error-code.ts";
import type { Method } from "./methods.ts";

export const types = "wasi:http/types@0.2.0";
export const handler = "wasi:http/outgoing-handler@0.2.0";
const streams = "wasi:io/streams@0.2.0";
const poll = "wasi:io/poll@0.2.0";

/** A server of this process, with what it was asked. */
export class RemoteServer implements AsyncDisposable {
  readonly #server: Server;
  /** `METHOD path` of each request. */
  readonly requests: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  ): Promise<RemoteServer> {
    const server = createServer((request, response) => {
      remote.requests.push(`${request.method} ${request.url}`);
      void answer(request, response);
    });
    const remote = new RemoteServer(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return remote;
  }

  get authority(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export interface Sent {
  readonly authority: string;
  readonly path?: string;
  readonly method?: Method;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: readonly Uint8Array[];
  readonly trailers?: readonly (readonly [string, string])[];
  /** Nanoseconds, for all three. */
  readonly timeout?: bigint;
  /** The body is written after the request was handed over. */
  readonly bodyLater?: boolean;
}

export interface Received {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  readonly trailers: readonly (readonly [string, string])[] | undefined;
}

function value<T>(result: Result<T, unknown>): T {
  if (result.tag === "ok") return result.val;
  throw Object.assign(new Error(inspect(result.val)), { payload: result.val });
}

function encoded(headers: readonly (readonly [string, string])[]): HttpHeader[] {
  return headers.map(([name, text]) => [name, Buffer.from(text)]);
}

function decoded(headers: readonly HttpHeader[]): (readonly [string, string])[] {
  return headers.map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
}

export class HttpGuest {
  readonly #guest: TestGuest;

  constructor(guest: TestGuest) {
    this.#guest = guest;
  }

  call<T>(name: string, ...parameters: readonly unknown[]): T {
    return this.#guest.call<T>(types, name, ...parameters);
  }

  /** A call whose result must be `ok`. */
  #done(name: string, ...parameters: readonly unknown[]): void {
    value(this.call<Result<undefined, unknown>>(name, ...parameters));
  }

  fields(headers: readonly (readonly [string, string])[]): number {
    return value(this.call<Result<number, unknown>>("[static]fields.from-list", encoded(headers)));
  }

  /** Hands a request over; the future, or why it was refused. */
  async send(sent: Sent): Promise<Result<number, ErrorCode>> {
    const request = this.call<number>("[constructor]outgoing-request", this.fields(sent.headers ?? []));
    this.#done("[method]outgoing-request.set-method", request, sent.method ?? { tag: "get" });
    this.#done("[method]outgoing-request.set-scheme", request, { tag: "HTTP" });
    this.#done("[method]outgoing-request.set-authority", request, sent.authority);
    this.#done("[method]outgoing-request.set-path-with-query", request, sent.path ?? "/");
    const body = value(this.call<Result<number, undefined>>("[method]outgoing-request.body", request));
    if (sent.bodyLater !== true) await this.#write(body, sent);
    const future = await this.#guest.call<Promise<Result<number, ErrorCode>>>(
      handler,
      "handle",
      request,
      this.#options(sent),
    );
    if (sent.bodyLater === true && future.tag === "ok") await this.#write(body, sent);
    return future;
  }

  async #write(body: number, { body: chunks = [], trailers }: Sent): Promise<void> {
    const stream = value(this.call<Result<number, undefined>>("[method]outgoing-body.write", body));
    for (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += 4096) {
        const part = chunk.subarray(start, start + 4096);
        value(
          await this.#guest.call<Promise<Result<undefined, unknown>>>(
            streams,
            "[method]output-stream.blocking-write-and-flush",
            stream,
            part,
          ),
        );
      }
    }
    this.#guest.drop(streams, "output-stream", stream);
    const fields = trailers === undefined ? undefined : this.fields(trailers);
    this.#done("[static]outgoing-body.finish", body, fields);
  }

  #options({ timeout }: Sent): number | undefined {
    if (timeout === undefined) return undefined;
    const options = this.call<number>("[constructor]request-options");
    for (const name of ["connect", "first-byte", "between-bytes"]) {
      this.#done(`[method]request-options.set-${name}-timeout`, options, timeout);
    }
    return options;
  }

  async block(pollable: number): Promise<void> {
    await this.#guest.call(poll, "[method]pollable.block", pollable);
    this.#guest.drop(poll, "pollable", pollable);
  }

  /** Waits for the response; throws an error with the code as `payload`. */
  async response(future: number): Promise<number> {
    await this.block(this.call("[method]future-incoming-response.subscribe", future));
    const got = await this.call<Promise<Result<Result<number, ErrorCode>, undefined> | undefined>>(
      "[method]future-incoming-response.get",
      future,
    );
    if (got === undefined) throw new Error("the response is not there");
    return value(value(got));
  }

  headers(resource: string, self: number): (readonly [string, string])[] {
    const fields = this.call<number>(`[method]${resource}.headers`, self);
    const entries = decoded(this.call("[method]fields.entries", fields));
    this.#guest.drop(types, "fields", fields);
    return entries;
  }

  /** Opens the body's stream. */
  stream(response: number): { readonly body: number; readonly stream: number } {
    const body = value(this.call<Result<number, undefined>>("[method]incoming-response.consume", response));
    return { body, stream: value(this.call<Result<number, undefined>>("[method]incoming-body.stream", body)) };
  }

  /** The next bytes; undefined at the end. */
  async read(stream: number, length = 65_536n): Promise<Uint8Array | undefined> {
    const result = await this.#guest.call<Promise<Result<Uint8Array, { readonly tag: string; readonly val?: number }>>>(
      streams,
      "[method]input-stream.blocking-read",
      stream,
      length,
    );
    if (result.tag === "ok") return result.val;
    if (result.val.tag === "closed") return undefined;
    const code = this.call<ErrorCode | undefined>("http-error-code", result.val.val);
    throw Object.assign(new Error(code?.tag), { payload: code });
  }

  /** All of a body with its trailers. */
  async readAll(response: number): Promise<Pick<Received, "body" | "trailers">> {
    const { body, stream } = this.stream(response);
    const chunks: Uint8Array[] = [];
    for (let chunk = await this.read(stream); chunk !== undefined; chunk = await this.read(stream)) chunks.push(chunk);
    this.#guest.drop(streams, "input-stream", stream);
    return { body: Buffer.concat(chunks), trailers: await this.trailers(body) };
  }

  async trailers(body: number): Promise<Received["trailers"]> {
    const future = this.call<number>("[static]incoming-body.finish", body);
    await this.block(this.call("[method]future-trailers.subscribe", future));
    for (;;) {
      const got = await this.call<Promise<Result<Result<number | undefined, ErrorCode>, undefined> | undefined>>(
        "[method]future-trailers.get",
        future,
      );
      if (got === undefined) {
        await this.block(this.call("[method]future-trailers.subscribe", future));
        continue;
      }
      this.#guest.drop(types, "future-trailers", future);
      const fields = value(value(got));
      return fields === undefined ? undefined : decoded(this.call("[method]fields.entries", fields));
    }
  }

  /** The whole exchange; throws an error with the code as `payload`. */
  async exchange(sent: Sent): Promise<Received> {
    const future = value(await this.send(sent));
    const response = await this.response(future);
    const status = this.call<number>("[method]incoming-response.status", response);
    const headers = this.headers("incoming-response", response);
    const received = { status, headers, ...(await this.readAll(response)) };
    this.#guest.drop(types, "incoming-response", response);
    this.#guest.drop(types, "future-incoming-response", future);
    return received;
  }
}
