/**
 * Brings the response of an incoming request to where it is wanted: whole into the record of the invocation, and as it
 * is written to the client, as long as there is one. What goes out is based on nothing that could still be lost.
 */
import { HostTrap } from "../../durability/errors.ts";
import type { HttpBody, HttpHeader } from "../../platform/http/http-client.ts";
import type { HostContext } from "../interface.ts";
import type { BodyPipe } from "./body-pipe.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { ErrorCode } from "./error-code.ts";
import { describeError, HttpError, plainError } from "./error-code.ts";
import type { HandlerResponse } from "./incoming-handler.ts";

/** A longer body goes to the client only: the record tells how long it was. */
export const keptBytesMax = 32 * 1024 * 1024;

/** How often is looked whether a replay has come to its end. */
const replayLookMs = 5;

/** In the record of a response whose body is too long to be kept: its length. */
export const droppedBodyHeader = "emet-dropped-body";

interface Head {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
}

const statusOfRefusal: { readonly [tag: string]: number } = {
  "HTTP-request-denied": 403,
  "HTTP-request-length-required": 411,
  "HTTP-request-body-size": 413,
  "HTTP-request-URI-too-long": 414,
  "HTTP-request-header-section-size": 431,
  "HTTP-request-method-invalid": 405,
  "HTTP-request-URI-invalid": 400,
  "HTTP-response-timeout": 504,
  "connection-timeout": 504,
  "connection-refused": 502,
  "destination-unavailable": 502,
  "loop-detected": 508,
};

function plainResponse(status: number, text: string): HandlerResponse {
  const headers: readonly HttpHeader[] = [["content-type", Buffer.from("text/plain; charset=utf-8")]];
  return { status, headers, bodyAndTrailers: { content: Buffer.from(text), trailers: undefined } };
}

export class Delivery {
  readonly #context: HostContext;
  readonly #connection: ClientConnection | undefined;
  #answer: { readonly head: Head; readonly pipe: BodyPipe | undefined } | { readonly refusal: ErrorCode } | undefined;
  #returned = false;
  #pumping: Promise<void> | undefined;
  /** The client gets it as it is written. */
  #streams = false;
  #kept: Uint8Array[] = [];
  #bytes = 0;
  #trailers: readonly HttpHeader[] = [];
  #broken: string | undefined;

  constructor(context: HostContext, connection: ClientConnection | undefined) {
    this.#context = context;
    this.#connection = connection;
  }

  begin(head: Head, pipe: BodyPipe | undefined): void {
    this.#checkOpen();
    this.#answer = { head, pipe };
    if (this.#connection !== undefined) void this.#streamWhenLive(head, pipe);
  }

  refuse(code: ErrorCode): void {
    this.#checkOpen();
    this.#answer = { refusal: code };
  }

  inform(status: number, headers: readonly HttpHeader[]): void {
    this.#checkOpen();
    if (this.#context.durable.live) this.#connection?.informational(status, headers);
  }

  /** The guest has returned: the response, once all of it was handed on. */
  async finish(): Promise<HandlerResponse> {
    this.#returned = true;
    const answer = this.#answer;
    if (answer === undefined) return plainResponse(500, "The worker did not set a response");
    if ("refusal" in answer) {
      const { refusal } = answer;
      return plainResponse(statusOfRefusal[refusal.tag] ?? 500, describeError(refusal));
    }
    const { head, pipe } = answer;
    // What isn't finished by now never will be.
    pipe?.break(new HttpError(plainError("HTTP-response-incomplete")));
    if (this.#pumping === undefined) {
      // Who has got the beginning in an earlier run waits for the rest.
      this.#streams = this.#context.durable.live && this.#connection?.answered === true;
      this.#startPumping(head, pipe);
    }
    await this.#pumping;
    this.#context.signal.throwIfAborted();
    if (this.#broken !== undefined) {
      if (this.#streams) this.#connection?.fail();
      return plainResponse(500, `The response was not finished: ${this.#broken}`);
    }
    if (this.#streams) this.#connection?.trailers(this.#trailers);
    return this.#response(head);
  }

  #checkOpen(): void {
    if (this.#returned) throw new HostTrap("the invocation has returned: its response can't be set any more");
    if (this.#answer !== undefined) throw new HostTrap("the response was set already");
  }

  /**
   * An invocation that is only replayed was answered long ago, and the client that waits now is another one's. What is
   * written without a pause goes out with the result, at once and in one piece.
   */
  async #streamWhenLive(head: Head, pipe: BodyPipe | undefined): Promise<void> {
    const { durable, sleep, signal } = this.#context;
    do await sleep(durable.live ? 0 : replayLookMs, signal);
    while (!durable.live && !this.#returned && !signal.aborted);
    if (this.#returned || signal.aborted) return;
    this.#streams = true;
    this.#startPumping(head, pipe);
  }

  #startPumping(head: Head, pipe: BodyPipe | undefined): void {
    if (this.#pumping !== undefined) return;
    this.#pumping = this.#pump(head, pipe?.read()).catch((error: unknown) => {
      this.#broken = error instanceof Error ? error.message : String(error);
    });
  }

  async #pump(head: Head, body: HttpBody | undefined): Promise<void> {
    const { durable, signal } = this.#context;
    if (this.#streams) {
      await durable.commit();
      this.#connection?.answer(head.status, head.headers);
    }
    for (let chunk = await body?.next(); chunk !== undefined; chunk = await body?.next()) {
      this.#keep(chunk);
      if (!this.#streams) continue;
      await durable.commit();
      await this.#connection?.write(chunk, signal);
      if (signal.aborted) return;
    }
    this.#trailers = body?.trailers() ?? [];
  }

  #keep(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= keptBytesMax) this.#kept.push(chunk);
    else this.#kept = [];
  }

  #response({ status, headers }: Head): HandlerResponse {
    if (this.#bytes > keptBytesMax) {
      const length: HttpHeader = [droppedBodyHeader, Buffer.from(String(this.#bytes))];
      return { status, headers: [...headers, length], bodyAndTrailers: undefined };
    }
    const trailers = this.#trailers.length === 0 ? undefined : this.#trailers;
    const empty = this.#bytes === 0 && trailers === undefined;
    const content = new Uint8Array(Buffer.concat(this.#kept));
    return { status, headers, bodyAndTrailers: empty ? undefined : { content, trailers } };
  }
}
