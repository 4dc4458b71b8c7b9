/** One call of a guest's `wasi:http/incoming-handler`: what it is given, and the response that comes of it. */
import type { HostContext } from "../interface.ts";
import { Delivery } from "./delivery.ts";
import type { HandlerRequest, HandlerResponse } from "./incoming-handler.ts";
import { IncomingRequest } from "./incoming-request.ts";
import { ResponseOutparam } from "./outgoing-response.ts";
import { StreamedBody } from "./request-body.ts";
import { StoredBody } from "./stored-body.ts";

export interface IncomingInvocation {
  /** Representations of the request and of the outparam: the parameters of `handle`. */
  readonly parameters: readonly [request: number, outparam: number];
  /** To be called when `handle` has returned. */
  readonly finish: () => Promise<HandlerResponse>;
}

export function incomingInvocation(
  context: HostContext,
  request: HandlerRequest,
  streamed: boolean,
): IncomingInvocation {
  const { resources } = context;
  const connection = context.connection();
  const { content = new Uint8Array(0), trailers } = request.bodyAndTrailers ?? {};
  const body = streamed ? new StreamedBody(context, connection) : new StoredBody(content, trailers);
  const delivery = new Delivery(context, connection);
  return {
    parameters: [resources.add(new IncomingRequest(request, body)), resources.add(new ResponseOutparam(delivery))],
    finish: () => delivery.finish(),
  };
}
