/** wasi:http's `outgoing-body` and the stream that fills it (spec/host-interfaces.md §18.2). */
import { u64, unit, variant } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, ResourceFunctions } from "../interface.ts";
import { sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import type { Pollable } from "../wasi-io/pollable.ts";
import { OutputStream } from "../wasi-io/streams.ts";
import type { BodyPipe } from "./body-pipe.ts";
import { ChangePollable } from "./change-pollable.ts";
import type { ErrorCode } from "./error-code.ts";
import { BodyFailure, errorCode, HttpError, plainError } from "./error-code.ts";
import { contentLength, Fields } from "./fields.ts";

const writeState = variant({ writable: u64, failed: errorCode });
type WriteState = NonNullable<(typeof writeState)["value"]>;

/** How fast the other side takes a body, and whether it does, would differ at replay. */
export const checkWrite = durableFunction({
  name: "http::types::outgoing_body_stream::check_write",
  class: "local-read",
  request: unit,
  response: writeState,
});

class OutgoingBodyStream extends OutputStream {
  readonly #context: HostContext;
  readonly #body: OutgoingBody;

  constructor(context: HostContext, body: OutgoingBody) {
    super();
    this.#context = context;
    this.#body = body;
  }

  override checkWrite(): number {
    const { pipe } = this.#body;
    const state = this.#context.durable.call(checkWrite, [], (): WriteState =>
      pipe.broken === undefined
        ? { tag: "writable", val: BigInt(pipe.room) }
        : { tag: "failed", val: pipe.broken.code },
    );
    if (state.tag === "failed") throw new BodyFailure(state.val);
    return Number(state.val);
  }

  override write(bytes: Uint8Array): void {
    this.#body.write(bytes);
  }

  override pollable(): Pollable {
    const { pipe } = this.#body;
    return new ChangePollable(pipe.changed, () => pipe.room > 0 || pipe.broken !== undefined);
  }

  override close(): void {
    this.#body.streamOpen = false;
  }
}

type MessageKind = "request" | "response";

export class OutgoingBody extends HostObject {
  readonly pipe: BodyPipe;
  readonly #kind: MessageKind;
  readonly #declaredBytes: number | undefined;
  #writtenBytes = 0;
  #streamTaken = false;
  streamOpen = false;

  constructor(kind: MessageKind, headers: readonly HttpHeader[], pipe: BodyPipe) {
    super();
    this.#kind = kind;
    this.#declaredBytes = contentLength(headers);
    this.pipe = pipe;
  }

  /** Throws `BodyFailure` for more than the headers declare, or than can be kept. */
  write(bytes: Uint8Array): void {
    this.#writtenBytes += bytes.length;
    if (this.#writtenBytes > (this.#declaredBytes ?? Number.POSITIVE_INFINITY)) throw this.#wrongSize();
    this.pipe.write(bytes);
  }

  takeStream(context: HostContext): OutputStream | undefined {
    if (this.#streamTaken) return undefined;
    this.#streamTaken = true;
    this.streamOpen = true;
    return new OutgoingBodyStream(context, this);
  }

  /** The error if it has another size than declared. */
  finish(trailers: readonly HttpHeader[]): ErrorCode | undefined {
    if (this.streamOpen) throw new HostTrap("outgoing-body.finish: its stream was not dropped before");
    if (this.#declaredBytes !== undefined && this.#writtenBytes !== this.#declaredBytes) return this.#wrongSize().code;
    this.pipe.finish(trailers);
    return undefined;
  }

  /** Dropped without having been finished: what was written is not the whole. */
  override close(): void {
    this.pipe.break(new HttpError(plainError("HTTP-protocol-error")));
  }

  #wrongSize(): BodyFailure {
    const size = BigInt(this.#writtenBytes);
    const tag = this.#kind === "request" ? "HTTP-request-body-size" : "HTTP-response-body-size";
    const code: ErrorCode = { tag, val: size };
    this.pipe.break(new HttpError(code));
    return new BodyFailure(code);
  }
}

export function outgoingBodyFunctions(context: HostContext): ResourceFunctions<WasiHttpTypes, "outgoing-body"> {
  const { resources } = context;
  return {
    "[method]outgoing-body.write": sync((self: number): Result<number, undefined> => {
      const stream = resources.get(self, OutgoingBody).takeStream(context);
      return stream === undefined ? err(undefined) : ok(resources.add(stream));
    }),
    "[static]outgoing-body.finish": sync((self: number, trailers: number | undefined): Result<undefined, ErrorCode> => {
      const body = resources.get(self, OutgoingBody);
      const fields = trailers === undefined ? undefined : resources.get(trailers, Fields);
      const error = body.finish(fields?.entries ?? []);
      resources.remove(self);
      if (trailers !== undefined) resources.remove(trailers);
      return error === undefined ? ok(undefined) : err(error);
    }),
  };
}
