/** wasi:http's `future-incoming-response` and `incoming-response` (spec/host-interfaces.md §18.3). */
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, MaybePromise, ResourceFunctions } from "../interface.ts";
import { suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import type { Pollable } from "../wasi-io/pollable.ts";
import { ReadyPollable } from "../wasi-io/pollable.ts";
import { ChangePollable } from "./change-pollable.ts";
import type { ErrorCode } from "./error-code.ts";
import type { Exchange, ResponseHead, ResponseState } from "./exchange.ts";
import { Fields } from "./fields.ts";
import { IncomingBody } from "./incoming-body.ts";
import { StoredBody } from "./stored-body.ts";

type ResponseResult = Result<Result<number, ErrorCode>, undefined>;

const savedFuture = savedKind<undefined>(
  "future-incoming-response",
  (_data, { context }) => new FutureIncomingResponse(context, undefined),
);

export class FutureIncomingResponse extends HostObject {
  readonly #context: HostContext;
  readonly #exchange: Exchange | undefined;
  #taken: boolean;

  /** Without an exchange it is one whose response was taken. */
  constructor(context: HostContext, exchange: Exchange | undefined) {
    super();
    this.#context = context;
    this.#exchange = exchange;
    this.#taken = exchange === undefined;
  }

  override save(): SavedObject | undefined {
    // With the instance goes the connection from which the response is to come.
    return this.#taken ? savedFuture(undefined) : undefined;
  }

  /** Undefined while there is none. */
  get(): MaybePromise<ResponseResult | undefined> {
    const exchange = this.#exchange;
    if (this.#taken || exchange === undefined) return err(undefined);
    const state = exchange.response();
    return state instanceof Promise ? state.then((known) => this.#give(known, exchange)) : this.#give(state, exchange);
  }

  pollable(): Pollable {
    const exchange = this.#exchange;
    if (exchange === undefined) return new ReadyPollable();
    const ready = (): boolean => this.#taken || exchange.responseReady();
    return new ChangePollable(exchange.changed, ready, () => this.#taken);
  }

  override close(): void {
    if (!this.#taken) this.#exchange?.release();
  }

  #give(state: ResponseState, exchange: Exchange): ResponseResult | undefined {
    if (state.tag === "pending") return undefined;
    this.#taken = true;
    if (state.tag === "httpError") return ok(err(state.val));
    return ok(ok(this.#context.resources.add(new IncomingResponse(exchange, state.val))));
  }
}

const savedResponse = savedKind(
  "incoming-response",
  ({ head, consumed }: { readonly head: ResponseHead; readonly consumed: boolean }) =>
    new IncomingResponse(undefined, head, consumed),
);

export class IncomingResponse extends HostObject {
  readonly head: ResponseHead;
  readonly #exchange: Exchange | undefined;
  #consumed: boolean;

  /** Without an exchange it is one whose body came with the head or was consumed. */
  constructor(exchange: Exchange | undefined, head: ResponseHead, consumed = false) {
    super();
    this.#exchange = exchange;
    this.head = head;
    this.#consumed = consumed;
  }

  override save(): SavedObject | undefined {
    const atHand = this.#consumed || this.head.whole !== undefined;
    return atHand ? savedResponse({ head: this.head, consumed: this.#consumed }) : undefined;
  }

  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    const { whole } = this.head;
    if (whole === undefined && this.#exchange !== undefined) return IncomingBody.of(this.#exchange, false);
    const { data, trailers } = whole ?? { data: new Uint8Array(0), trailers: undefined };
    return IncomingBody.of(new StoredBody(data, trailers), data.length === 0, trailers);
  }

  override close(): void {
    if (!this.#consumed) this.#exchange?.release();
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
