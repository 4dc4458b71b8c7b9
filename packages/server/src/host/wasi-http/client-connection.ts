/** The connection of the client whose request an invocation handles, as long as there is one. */
import type { HttpHeader } from "../../platform/http/http-client.ts";
import type { Change } from "./change.ts";
import type { BodyPart } from "./incoming-body.ts";

export interface ClientConnection {
  /** More of the request's body has come, or it has ended. */
  readonly changed: Change;
  readonly bodyReady: () => boolean;
  readonly takeBody: (length: number) => BodyPart;
  /** The client has got a part of the answer already, from an earlier run. */
  readonly answered: boolean;
  /** The guest starts to answer, from the beginning: what the client has already got isn't sent again. */
  readonly answer: (status: number, headers: readonly HttpHeader[]) => void;
  readonly informational: (status: number, headers: readonly HttpHeader[]) => void;
  /** Resolves when there is room for more, at once when the client is gone. */
  readonly write: (chunk: Uint8Array, signal: AbortSignal) => Promise<void>;
  readonly trailers: (trailers: readonly HttpHeader[]) => void;
  /** There will be no proper end of the response. */
  readonly fail: () => void;
}
