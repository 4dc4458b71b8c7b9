/**
 * Incoming HTTP as an invocation (spec/host-interfaces.md §18.6): a component that exports `wasi:http/incoming-handler`
 * has a virtual exported function that takes a request and returns a response as values. Records hold these.
 */
import { bytes, list, option, record, string, tuple, u16, variant } from "../../durability/codec/schema.ts";
import type { Method, Scheme } from "./methods.ts";

export const incomingHandlerInterface = "golem:http/incoming-handler";

/** What the guest exports. */
export const guestHandlerInterface = "wasi:http/incoming-handler";

const fields = list(tuple(string, bytes));
const body = record({ content: bytes, trailers: option(fields) });

const method = variant({
  GET: undefined,
  HEAD: undefined,
  POST: undefined,
  PUT: undefined,
  DELETE: undefined,
  CONNECT: undefined,
  OPTIONS: undefined,
  TRACE: undefined,
  PATCH: undefined,
  custom: string,
});
const scheme = variant({ HTTP: undefined, HTTPS: undefined, custom: string });

export const handlerRequest = record({
  method,
  scheme,
  authority: string,
  pathAndQuery: string,
  headers: fields,
  bodyAndTrailers: option(body),
});
export const handlerResponse = record({ status: u16, headers: fields, bodyAndTrailers: option(body) });

export type HandlerRequest = NonNullable<(typeof handlerRequest)["value"]>;
export type HandlerResponse = NonNullable<(typeof handlerResponse)["value"]>;

/**
 * By name. A request whose body is large is not one value: the second function takes it without the body, which the
 * guest reads from the client's connection.
 */
export const handlerFunctions = { whole: "handle", streamed: "handle-streamed" } as const;

export function handlerMethod(text: string): HandlerRequest["method"] {
  const known = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"] as const;
  const tag = known.find((name) => name === text);
  return tag === undefined ? { tag: "custom", val: text } : { tag, val: undefined };
}

/** As the guest gets it. */
export function guestMethod(given: HandlerRequest["method"]): Method {
  if (given.tag === "custom") return { tag: "other", val: given.val };
  return { tag: given.tag.toLowerCase() as Exclude<Method["tag"], "other"> };
}

export function guestScheme(given: HandlerRequest["scheme"]): Scheme {
  return given.tag === "custom" ? { tag: "other", val: given.val } : { tag: given.tag };
}
