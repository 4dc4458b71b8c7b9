/**
 * One outgoing request and its response: a batch of remote writes (spec/host-interfaces.md §18). While the guest is
 * replayed its records answer; what they don't tell is fetched as soon as it is needed live.
 *
 * - No response was recorded: the request is sent again, with the body that the guest wrote again.
 * - A response was recorded in part: a GET goes on behind it where the server can do that and says that nothing has
 *   changed; otherwise the whole batch is performed again.
 * - A response was recorded to its end: nothing is left to be sent, and the batch has ended.
 */
import { list, option, record, string, tuple, u16, variant, bytes } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { RemoteBatch } from "../../durability/remote-batch.ts";
import type { HttpHeader, HttpListener, HttpRequest, HttpSending } from "../../platform/http/http-client.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import type { BodyPipe } from "./body-pipe.ts";
import { Change } from "./change.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { errorCode, errorCodeOf, plainError } from "./error-code.ts";
import type { ErrorCode } from "./error-code.ts";
import { contentLength } from "./fields.ts";
import { bodyPart, headerList, partBytesMax } from "./incoming-body.ts";
import type { BodyPart, BodySource } from "./incoming-body.ts";
import { continuationHeaders, isContinuation } from "./resumption.ts";

const requestFacts = record({ uri: string, method: string, headers: list(tuple(string, bytes)) });

const responseState = variant({
  pending: undefined,
  headersReceived: record({
    status: u16,
    headers: headerList,
    /** All of the body, when it was short and there already: no further record is needed. */
    whole: option(record({ data: bytes, trailers: option(headerList) })),
  }),
  httpError: errorCode,
});

export type ResponseState = NonNullable<(typeof responseState)["value"]>;
export type ResponseHead = Extract<ResponseState, { readonly tag: "headersReceived" }>["val"];

const getResponse = durableFunction({
  name: "http::types::future_incoming_response::get",
  class: "batched-remote-write",
  request: requestFacts,
  response: responseState,
});
const readBody = durableFunction({
  name: "http::types::incoming_body_stream::read",
  class: "batched-remote-write",
  request: requestFacts,
  response: bodyPart,
});
const getTrailers = durableFunction({
  name: "golem http::types::future_trailers::get",
  class: "batched-remote-write",
  request: requestFacts,
  response: option(bodyPart),
});

/** What the parts of a response record; a body, when its stream is read. */
export const exchangeRecords = {
  "[method]future-incoming-response.get": getResponse,
  "[method]incoming-body.stream": readBody,
  "[static]incoming-body.finish": getTrailers,
  "[method]future-trailers.get": getTrailers,
} as const;

/** What has come and was not read: beyond the first the connection is paused, below the second it goes on. */
const bufferBytesMax = 512 * 1024;
const bufferBytesLow = 256 * 1024;

export type SentRequest = Omit<HttpRequest, "body">;

export class Exchange implements BodySource {
  readonly changed: Change = new Change();
  readonly #context: HostContext;
  readonly #batch: RemoteBatch;
  readonly #request: SentRequest;
  readonly #pipe: BodyPipe | undefined;
  readonly #facts: NonNullable<(typeof requestFacts)["value"]>;

  /** This run has asked for what isn't recorded. */
  #started = false;
  #released = false;
  /** The batch has to be performed again: nothing else gives what is asked. */
  #repeats = false;
  #sending: HttpSending | undefined;
  #paused = false;

  /** What has come in this run. */
  #head: { readonly status: number; readonly headers: readonly HttpHeader[] } | undefined;
  readonly #chunks = new ChunkQueue();
  #end: { readonly trailers: readonly HttpHeader[] | undefined } | undefined;
  #error: ErrorCode | undefined;

  /** What is recorded. */
  #recordedHead: ResponseHead | undefined;
  #recordedBytes = 0;
  #complete = false;

  constructor(context: HostContext, batch: RemoteBatch, request: SentRequest, pipe: BodyPipe | undefined) {
    this.#context = context;
    this.#batch = batch;
    this.#request = request;
    this.#pipe = pipe;
    const { method, secure, authority, pathWithQuery, headers } = request;
    this.#facts = { uri: `${secure ? "https" : "http"}://${authority}${pathWithQuery}`, method, headers };
  }

  /** Sends the request, unless it is replayed. */
  begin(): void {
    if (!this.#replaying) this.#start();
    else if (!this.#batch.interrupted) this.#pipe?.discard();
  }

  /** True when `response` doesn't say "pending". */
  responseReady(): boolean {
    if (this.#replaying) return true;
    this.#start();
    return this.#repeats || this.#head !== undefined || this.#error !== undefined;
  }

  response(): MaybePromise<ResponseState> {
    const state = this.#batch.call(getResponse, this.#facts, () => this.#responseNow());
    return state instanceof Promise ? state.then(this.#noteResponse) : this.#noteResponse(state);
  }

  readonly ready = (): boolean => {
    if (this.#replaying) return true;
    this.#start();
    return this.#repeats || this.#chunks.bytes > 0 || this.#end !== undefined || this.#error !== undefined;
  };

  readonly read = (length: number): MaybePromise<BodyPart> => {
    const part = this.#batch.call(readBody, this.#facts, () => this.#readNow(length));
    return part instanceof Promise ? part.then(this.#notePart) : this.#notePart(part);
  };

  readonly skipToEnd = (): MaybePromise<BodyPart | undefined> => {
    const part = this.#batch.call(getTrailers, this.#facts, () => this.#skipNow());
    const note = (read: BodyPart | undefined): BodyPart | undefined =>
      read === undefined ? undefined : this.#notePart(read);
    return part instanceof Promise ? part.then(note) : note(part);
  };

  /** Nobody asks for anything more. */
  readonly release = (): void => {
    if (this.#released) return;
    this.#released = true;
    this.#stop();
    this.#batch.end();
  };

  get #replaying(): boolean {
    return this.#batch.begin !== 0 && !this.#context.durable.live;
  }

  #start(): void {
    if (this.#started || this.#complete || this.#released) return;
    this.#started = true;
    if (this.#recordedHead !== undefined) this.#continue(this.#recordedHead);
    else if (this.#batch.ended) this.#fail(plainError("connection-terminated"));
    else {
      this.#batch.assertRepeatable();
      if (this.#pipe?.overflowed === true) this.#repeats = true;
      else this.#send({ ...this.#request, body: this.#pipe?.read() }, this.#listener());
    }
  }

  /** Starts only now where a recorded `poll` may have told the guest already that something is there: then it is to be. */
  async #startLate(ready: () => boolean): Promise<void> {
    if (this.#started) return;
    const { signal } = this.#context;
    while (!ready()) {
      await this.changed.wait(signal);
      signal.throwIfAborted();
    }
  }

  /** Asks for the rest of a response whose beginning is recorded. */
  #continue(head: ResponseHead): void {
    this.#pipe?.discard();
    const offset = this.#recordedBytes;
    const headers = continuationHeaders(this.#request, head, offset);
    if (headers === undefined) {
      // What came after an ended batch must stay: the rest is lost.
      if (this.#batch.ended) this.#fail(plainError("connection-terminated"));
      else this.#repeats = true;
      return;
    }
    const listener = this.#listener();
    const checked = (status: number, received: readonly HttpHeader[]): void => {
      if (isContinuation(head, { status, headers: received }, offset)) return;
      this.#sending?.abort();
      if (this.#batch.ended) this.#fail(plainError("connection-terminated"));
      else this.#repeats = true;
      this.changed.notify();
    };
    this.#send({ ...this.#request, headers, body: undefined }, { ...listener, head: checked });
  }

  /** What led to the request is durable before it is sent. */
  #send(request: HttpRequest, listener: HttpListener): void {
    const { durable, http } = this.#context;
    durable.commit().then(
      () => {
        if (!this.#released) this.#sending = http.send(request, listener);
      },
      // The store refused: the run ends by that.
      () => undefined,
    );
  }

  #listener(): HttpListener {
    return {
      head: (status, headers) => {
        this.#head = { status, headers };
        this.changed.notify();
      },
      data: (chunk) => {
        this.#chunks.push(chunk);
        if (this.#chunks.bytes > bufferBytesMax && !this.#paused) {
          this.#paused = true;
          this.#sending?.pause();
        }
        this.changed.notify();
      },
      end: (trailers) => {
        this.#end = { trailers: trailers.length === 0 ? undefined : trailers };
        this.#pipe?.discard();
        this.changed.notify();
      },
      failed: (error) => this.#fail(errorCodeOf(error)),
    };
  }

  #fail(code: ErrorCode): void {
    const interrupted = code.tag === "connection-terminated" && this.#head !== undefined;
    this.#error = interrupted ? plainError("HTTP-response-incomplete") : code;
    this.#pipe?.discard();
    this.changed.notify();
  }

  #stop(): void {
    this.#sending?.abort();
    this.#pipe?.discard();
    this.#chunks.clear();
  }

  async #responseNow(): Promise<ResponseState> {
    await this.#startLate(() => this.responseReady());
    if (this.#repeats) return await this.#batch.repeat();
    if (this.#head !== undefined) {
      return { tag: "headersReceived", val: { ...this.#head, whole: this.#wholeBody() } };
    }
    return this.#error === undefined ? { tag: "pending", val: undefined } : { tag: "httpError", val: this.#error };
  }

  #wholeBody(): ResponseHead["whole"] {
    if (this.#end === undefined || this.#chunks.bytes > partBytesMax) return undefined;
    return { data: this.#chunks.take(partBytesMax), trailers: this.#end.trailers };
  }

  async #readNow(length: number): Promise<BodyPart> {
    await this.#startLate(this.ready);
    if (this.#repeats) return await this.#batch.repeat();
    const data = this.#chunks.take(length);
    if (this.#paused && this.#chunks.bytes < bufferBytesLow) {
      this.#paused = false;
      this.#sending?.resume();
    }
    return this.#partOf(data);
  }

  #partOf(data: Uint8Array): BodyPart {
    if (this.#chunks.bytes === 0) {
      if (this.#end !== undefined) return { tag: "end", val: { data, trailers: this.#end.trailers } };
      if (this.#recordedBytes + data.length === this.#lengthToCome()) {
        return { tag: "end", val: { data, trailers: undefined } };
      }
      if (this.#error !== undefined && data.length === 0) return { tag: "failed", val: this.#error };
    }
    return { tag: "data", val: data };
  }

  /** Once as many bytes were received as announced the rest of the connection's life doesn't matter. */
  #lengthToCome(): number | undefined {
    const head = this.#recordedHead;
    return head === undefined || this.#request.method === "HEAD" ? undefined : contentLength(head.headers);
  }

  async #skipNow(): Promise<BodyPart | undefined> {
    for (;;) {
      const part = await this.#readNow(bufferBytesMax);
      if (part.tag === "end") return { tag: "end", val: { data: new Uint8Array(0), trailers: part.val.trailers } };
      if (part.tag === "failed") return part;
      if (part.val.length === 0) return undefined;
      this.#recordedBytes += part.val.length;
    }
  }

  readonly #noteResponse = (state: ResponseState): ResponseState => {
    if (state.tag === "headersReceived") {
      this.#recordedHead = state.val;
      if (state.val.whole !== undefined) this.#finish();
    } else if (state.tag === "httpError") this.#finish();
    return state;
  };

  readonly #notePart = (part: BodyPart): BodyPart => {
    if (part.tag === "data") this.#recordedBytes += part.val.length;
    else this.#finish();
    return part;
  };

  /** All of it is recorded. */
  #finish(): void {
    this.#complete = true;
    this.#stop();
    this.#batch.end();
  }
}
