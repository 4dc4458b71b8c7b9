/** The bodies of incoming requests: whole ones are part of the invocation; others are recorded as they are read. */
import { unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { Change } from "./change.ts";
import type { ClientConnection } from "./client-connection.ts";
import { plainError } from "./error-code.ts";
import { bodyPart } from "./incoming-body.ts";
import type { BodyPart, BodySource } from "./incoming-body.ts";

export const readRequestBody = durableFunction({
  name: "http::types::incoming_request_body::read",
  class: "remote-read",
  request: unit,
  response: bodyPart,
});

/** After a restart the connection is gone, and with it what wasn't read. */
export class StreamedBody implements BodySource {
  readonly changed: Change;
  readonly #context: HostContext;
  readonly #connection: ClientConnection | undefined;

  constructor(context: HostContext, connection: ClientConnection | undefined) {
    this.#context = context;
    this.#connection = connection;
    this.changed = connection?.changed ?? new Change();
  }

  readonly ready = (): boolean => !this.#context.durable.live || (this.#connection?.bodyReady() ?? true);

  readonly read = (length: number): MaybePromise<BodyPart> =>
    this.#context.durable.callWaiting(readRequestBody, [], () => this.#take(length));

  readonly skipToEnd = (): MaybePromise<BodyPart | undefined> => {
    const part = this.read(Number.POSITIVE_INFINITY);
    const known = (read: BodyPart): BodyPart | undefined => (read.tag === "data" ? undefined : read);
    return part instanceof Promise ? part.then(known) : known(part);
  };

  readonly release = (): void => undefined;

  #take(length: number): BodyPart {
    return this.#connection?.takeBody(length) ?? { tag: "failed", val: plainError("connection-terminated") };
  }
}
