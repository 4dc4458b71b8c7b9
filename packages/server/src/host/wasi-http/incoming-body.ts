/** wasi:http's `incoming-body`, its stream and `future-trailers` (spec/host-interfaces.md §18.4, §18.5). */
import { bytes, list, option, record, string, tuple, variant } from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, MaybePromise, ResourceFunctions } from "../interface.ts";
import { suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { Restorer, SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import type { Pollable } from "../wasi-io/pollable.ts";
import { InputStream, StreamClosed } from "../wasi-io/streams.ts";
import type { Change } from "./change.ts";
import { ChangePollable } from "./change-pollable.ts";
import type { ErrorCode } from "./error-code.ts";
import { BodyFailure, errorCode } from "./error-code.ts";
import { Fields } from "./fields.ts";
import { StoredBody } from "./stored-body.ts";

export const headerList: Schema<readonly HttpHeader[]> = list(tuple(string, bytes));

/** A piece of a body as it is recorded. The last one tells that it is: nothing is asked for after it. */
export const bodyPart = variant({
  data: bytes,
  end: record({ data: bytes, trailers: option(headerList) }),
  failed: errorCode,
});

export type BodyPart = NonNullable<(typeof bodyPart)["value"]>;

/** One record holds no more than this of a body, so that it stays in the oplog itself. */
export const partBytesMax = 60 * 1024;

/** What is left of a body that is there as a whole. */
export interface BodyRest {
  readonly content: Uint8Array;
  readonly trailers: readonly HttpHeader[] | undefined;
}

/** Where a body comes from. It records what it gives. */
export interface BodySource {
  /** Undefined for one that still comes. */
  readonly rest?: BodyRest;
  readonly changed: Change;
  /** Something can be read, or will have to be waited for by reading. */
  readonly ready: () => boolean;
  /** Up to `length` bytes, none if there are none now. Not called again after an end or a failure. */
  readonly read: (length: number) => MaybePromise<BodyPart>;
  /** Drops what comes, up to the end; undefined as long as it isn't there. */
  readonly skipToEnd: () => MaybePromise<BodyPart | undefined>;
  /** Nobody reads any more. */
  readonly release: () => void;
}

type BodyEnd =
  | { readonly tag: "ok"; readonly trailers: readonly HttpHeader[] | undefined }
  | { readonly tag: "err"; readonly code: ErrorCode };

interface SavedBodyState {
  readonly rest: BodyRest;
  readonly end: BodyEnd | undefined;
}

/** What a body, its stream and its trailers share. */
class BodyState {
  readonly source: BodySource;
  end: BodyEnd | undefined;

  constructor(source: BodySource) {
    this.source = source;
  }

  pollable(): Pollable {
    const ready = (): boolean => this.end !== undefined || this.source.ready();
    return new ChangePollable(this.source.changed, ready, () => this.end !== undefined);
  }

  /** Undefined for a body that still comes: with the instance goes its connection. */
  save(saver: Saver): SavedBodyState | undefined {
    const { end, source } = this;
    if (end === undefined && source.rest === undefined) return undefined;
    const rest = source.rest ?? { content: new Uint8Array(0), trailers: undefined };
    return saver.shared(this, () => ({ rest, end }));
  }

  static restore(saved: SavedBodyState, restorer: Restorer): BodyState {
    return restorer.shared(saved, ({ rest, end }) => {
      const state = new BodyState(new StoredBody(rest.content, rest.trailers));
      state.end = end;
      return state;
    });
  }

  /** Takes note of what was read; returns the bytes. Throws `BodyFailure`. */
  readonly take = (part: BodyPart): Uint8Array => {
    switch (part.tag) {
      case "data":
        return part.val;
      case "end":
        this.end = { tag: "ok", trailers: part.val.trailers };
        return part.val.data;
      case "failed":
        this.end = { tag: "err", code: part.val };
        throw new BodyFailure(part.val);
    }
  };
}

const savedStream = savedKind(
  "incoming-body-stream",
  ({ state, body }: { readonly state: SavedBodyState; readonly body: number }, restorer) =>
    new BodyStream(BodyState.restore(state, restorer), restorer.object(body, IncomingBody)),
);

class BodyStream extends InputStream {
  readonly #state: BodyState;
  readonly #body: IncomingBody;

  constructor(state: BodyState, body: IncomingBody) {
    super();
    this.#state = state;
    this.#body = body;
  }

  override read(length: number): MaybePromise<Uint8Array> {
    const state = this.#state;
    if (state.end !== undefined) throw new StreamClosed();
    if (length === 0) return new Uint8Array(0);
    const part = state.source.read(Math.min(length, partBytesMax));
    return part instanceof Promise ? part.then((read) => this.#take(read)) : this.#take(part);
  }

  override pollable(): Pollable {
    return this.#state.pollable();
  }

  override save(saver: Saver): SavedObject | undefined {
    const state = this.#state.save(saver);
    return state === undefined ? undefined : savedStream({ state, body: saver.object(this.#body) });
  }

  override close(): void {
    this.#body.streamOpen = false;
  }

  #take(part: BodyPart): Uint8Array {
    const read = this.#state.take(part);
    if (read.length === 0 && this.#state.end !== undefined) throw new StreamClosed();
    return read;
  }
}

interface SavedBody {
  readonly state: SavedBodyState;
  readonly streamTaken: boolean;
  readonly streamOpen: boolean;
  readonly finished: boolean;
}

const savedBody = savedKind<SavedBody>("incoming-body", (saved, restorer) =>
  IncomingBody.restore(saved, BodyState.restore(saved.state, restorer)),
);

export class IncomingBody extends HostObject {
  readonly #state: BodyState;
  #streamTaken = false;
  #finished = false;
  streamOpen = false;

  /** See `of`. */
  constructor(state: BodyState) {
    super();
    this.#state = state;
  }

  /** `ended`: there is no body, or only its trailers. */
  static of(source: BodySource, ended: boolean, trailers?: readonly HttpHeader[]): IncomingBody {
    const state = new BodyState(source);
    if (ended) state.end = { tag: "ok", trailers };
    return new IncomingBody(state);
  }

  static restore({ streamTaken, streamOpen, finished }: Omit<SavedBody, "state">, state: BodyState): IncomingBody {
    const body = new IncomingBody(state);
    body.#streamTaken = streamTaken;
    body.streamOpen = streamOpen;
    body.#finished = finished;
    return body;
  }

  override save(saver: Saver): SavedObject | undefined {
    const state = this.#state.save(saver);
    if (state === undefined) return undefined;
    return savedBody({
      state,
      streamTaken: this.#streamTaken,
      streamOpen: this.streamOpen,
      finished: this.#finished,
    });
  }

  takeStream(): InputStream | undefined {
    if (this.#streamTaken) return undefined;
    this.#streamTaken = true;
    this.streamOpen = true;
    return new BodyStream(this.#state, this);
  }

  finish(context: HostContext): FutureTrailers {
    if (this.streamOpen) throw new HostTrap("incoming-body.finish: its stream was not dropped before");
    this.#finished = true;
    return new FutureTrailers(context, this.#state);
  }

  override close(): void {
    if (!this.#finished) this.#state.source.release();
  }
}

type TrailersResult = Result<Result<number | undefined, ErrorCode>, undefined>;

const savedTrailers = savedKind(
  "future-trailers",
  ({ state, taken }: { readonly state: SavedBodyState; readonly taken: boolean }, restorer) =>
    new FutureTrailers(restorer.context, BodyState.restore(state, restorer), taken),
);

export class FutureTrailers extends HostObject {
  readonly #context: HostContext;
  readonly #state: BodyState;
  #taken: boolean;

  constructor(context: HostContext, state: BodyState, taken = false) {
    super();
    this.#context = context;
    this.#state = state;
    this.#taken = taken;
  }

  override save(saver: Saver): SavedObject | undefined {
    const state = this.#state.save(saver);
    return state === undefined ? undefined : savedTrailers({ state, taken: this.#taken });
  }

  /** Undefined while they aren't there. */
  get(): MaybePromise<TrailersResult | undefined> {
    if (this.#taken) return err(undefined);
    if (this.#state.end !== undefined) return this.#give(this.#state.end);
    const part = this.#state.source.skipToEnd();
    return part instanceof Promise ? part.then((read) => this.#take(read)) : this.#take(part);
  }

  pollable(): Pollable {
    return this.#state.pollable();
  }

  override close(): void {
    this.#state.source.release();
  }

  #take(part: BodyPart | undefined): TrailersResult | undefined {
    if (part === undefined || part.tag === "data") return undefined;
    const end: BodyEnd =
      part.tag === "end" ? { tag: "ok", trailers: part.val.trailers } : { tag: "err", code: part.val };
    this.#state.end = end;
    return this.#give(end);
  }

  #give(end: BodyEnd): TrailersResult {
    this.#taken = true;
    if (end.tag === "err") return ok(err(end.code));
    const { trailers } = end;
    if (trailers === undefined || trailers.length === 0) return ok(ok(undefined));
    return ok(ok(this.#context.resources.add(new Fields(trailers, false))));
  }
}

export function incomingBodyFunctions(
  context: HostContext,
): ResourceFunctions<WasiHttpTypes, "incoming-body" | "future-trailers"> {
  const { resources } = context;
  return {
    "[method]incoming-body.stream": sync((self: number): Result<number, undefined> => {
      const stream = resources.get(self, IncomingBody).takeStream();
      return stream === undefined ? err(undefined) : ok(resources.add(stream));
    }),
    "[static]incoming-body.finish": sync((self: number) => {
      const trailers = resources.get(self, IncomingBody).finish(context);
      resources.remove(self);
      return resources.add(trailers);
    }),
    "[method]future-trailers.subscribe": sync((self: number) =>
      resources.add(resources.get(self, FutureTrailers).pollable()),
    ),
    "[method]future-trailers.get": suspending((self: number) => resources.get(self, FutureTrailers).get()),
  };
}
