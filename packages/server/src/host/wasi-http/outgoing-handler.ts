/** wasi:http/outgoing-handler. Every request is a batch of remote writes (`exchange.ts`). */
import type { WasiHttpOutgoingHandler } from "../generated/wasi-http/outgoing-handler.ts";
import type { HostContext, HostInterface, MaybePromise } from "../interface.ts";
import { suspending } from "../interface.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import type { ErrorCode } from "./error-code.ts";
import { plainError } from "./error-code.ts";
import type { SentRequest } from "./exchange.ts";
import { Exchange } from "./exchange.ts";
import { FutureIncomingResponse } from "./incoming-response.ts";
import { methodText } from "./methods.ts";
import { OutgoingRequest, RequestOptions, timeoutsOf } from "./outgoing-request.ts";

/** What is wrong with a request shows before anything is recorded or sent. */
function sentRequest(
  request: OutgoingRequest,
  options: RequestOptions | undefined,
  traceHeaders: readonly (readonly [string, string])[],
): Result<SentRequest, ErrorCode> {
  const { method, scheme = { tag: "HTTPS" }, authority, pathWithQuery = "/", headers, pipe } = request;
  if (scheme.tag === "other") return err(plainError("HTTP-protocol-error"));
  if (authority === undefined) return err(plainError("HTTP-request-URI-invalid"));
  // A connection that becomes a tunnel is no exchange.
  if (method.tag === "connect") return err(plainError("HTTP-request-method-invalid"));
  if (pipe?.overflowed === true) return err(plainError("HTTP-request-body-size"));
  return ok({
    method: methodText(method),
    secure: scheme.tag === "HTTPS",
    authority,
    pathWithQuery: pathWithQuery === "" || pathWithQuery.startsWith("?") ? `/${pathWithQuery}` : pathWithQuery,
    headers: withTrace(headers.entries, traceHeaders),
    timeouts: timeoutsOf(options),
  });
}

/** What the guest has set itself stays. */
function withTrace(
  headers: SentRequest["headers"],
  traceHeaders: readonly (readonly [string, string])[],
): SentRequest["headers"] {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const added = traceHeaders.filter(([name]) => !given.has(name));
  return [...headers, ...added.map(([name, value]) => [name, Buffer.from(value)] as const)];
}

function handle(
  context: HostContext,
  requestHandle: number,
  optionsHandle: number | undefined,
): MaybePromise<Result<number, ErrorCode>> {
  const { resources, durable } = context;
  const request = resources.get(requestHandle, OutgoingRequest);
  const options = optionsHandle === undefined ? undefined : resources.get(optionsHandle, RequestOptions);
  const sent = sentRequest(request, options, context.trace.forwardedHeaders());
  resources.remove(requestHandle);
  if (optionsHandle !== undefined) resources.remove(optionsHandle);
  if (sent.tag === "err") {
    request.pipe?.discard();
    return sent;
  }
  return durable.openBatch().then((batch) => {
    const exchange = new Exchange(context, batch, sent.val, request.pipe);
    exchange.begin();
    return ok(resources.add(new FutureIncomingResponse(context, exchange)));
  });
}

export const outgoingHandler: HostInterface<WasiHttpOutgoingHandler> = {
  name: "wasi:http/outgoing-handler@0.2.0",
  durable: { handle: "begin-remote-write" },
  bind: (context) => ({
    functions: {
      handle: suspending((request: number, options: number | undefined) => handle(context, request, options)),
    },
    resources: {},
  }),
};
