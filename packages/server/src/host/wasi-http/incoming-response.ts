/** wasi:http's `future-incoming-response` and `incoming-response` (spec/host-interfaces.md §18.3). */
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, MaybePromise, ResourceFunctions } from "../interface.ts";
import { suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import type { Pollable } from "../wasi-io/pollable.ts";
import { ChangePollable } from "./change-pollable.ts";
import type { ErrorCode } from "./error-code.ts";
import type { Exchange, ResponseHead, ResponseState } from "./exchange.ts";
import { Fields } from "./fields.ts";
import { IncomingBody } from "./incoming-body.ts";
import { StoredBody } from "./request-body.ts";

type ResponseResult = Result<Result<number, ErrorCode>, undefined>;

export class FutureIncomingResponse extends HostObject {
  readonly #context: HostContext;
  readonly #exchange: Exchange;
  #taken = false;

  constructor(context: HostContext, exchange: Exchange) {
    super();
    this.#context = context;
    this.#exchange = exchange;
  }

  /** Undefined while there is none. */
  get(): MaybePromise<ResponseResult | undefined> {
    if (this.#taken) return err(undefined);
    const state = this.#exchange.response();
    return state instanceof Promise ? state.then((known) => this.#give(known)) : this.#give(state);
  }

  pollable(): Pollable {
    return new ChangePollable(this.#exchange.changed, () => this.#exchange.responseReady());
  }

  override close(): void {
    if (!this.#taken) this.#exchange.release();
  }

  #give(state: ResponseState): ResponseResult | undefined {
    if (state.tag === "pending") return undefined;
    this.#taken = true;
    if (state.tag === "httpError") return ok(err(state.val));
    return ok(ok(this.#context.resources.add(new IncomingResponse(this.#exchange, state.val))));
  }
}

export class IncomingResponse extends HostObject {
  readonly head: ResponseHead;
  readonly #exchange: Exchange;
  #consumed = false;

  constructor(exchange: Exchange, head: ResponseHead) {
    super();
    this.#exchange = exchange;
    this.head = head;
  }

  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    const { whole } = this.head;
    if (whole === undefined) return new IncomingBody(this.#exchange, false);
    const { data, trailers } = whole;
    return new IncomingBody(new StoredBody(data, trailers), data.length === 0, trailers);
  }

  override close(): void {
    if (!this.#consumed) this.#exchange.release();
  }
}

export function incomingResponseFunctions({
  resources,
}: HostContext): ResourceFunctions<WasiHttpTypes, "incoming-response" | "future-incoming-response"> {
  const response = (self: number): IncomingResponse => resources.get(self, IncomingResponse);
  return {
    "[method]future-incoming-response.subscribe": sync((self: number) =>
      resources.add(resources.get(self, FutureIncomingResponse).pollable()),
    ),
    "[method]future-incoming-response.get": suspending((self: number) =>
      resources.get(self, FutureIncomingResponse).get(),
    ),
    "[method]incoming-response.status": sync((self: number) => response(self).head.status),
    "[method]incoming-response.headers": sync((self: number) =>
      resources.add(new Fields(response(self).head.headers, false)),
    ),
    "[method]incoming-response.consume": sync((self: number): Result<number, undefined> => {
      const body = response(self).consume();
      return body === undefined ? err(undefined) : ok(resources.add(body));
    }),
  };
}
