/** The headers of W3C's trace context: the span in which a client makes its request. */
import type { IncomingHttpHeaders } from "node:http";
import type { TraceParent } from "../durability/oplog/entry-types.ts";

const traceParentPattern = /^[0-9a-f]{2}-(?<trace>[0-9a-f]{32})-(?<span>[0-9a-f]{16})-[0-9a-f]{2}/u;

/** More states than the specification asks anybody to pass on are cut off. */
const statesMax = 32;

/** Undefined without a valid `traceparent`, which is to be passed over then. */
export function traceParent(headers: IncomingHttpHeaders): TraceParent | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== "string") return undefined;
  const { trace, span } = traceParentPattern.exec(traceparent)?.groups ?? {};
  if (trace === undefined || span === undefined || /^0+$/u.test(trace) || /^0+$/u.test(span)) return undefined;
  const states = [tracestate ?? []].flat().join(",").split(",");
  const given = states.map((state) => state.trim()).filter((state) => state !== "");
  return { traceId: trace, parentId: span, states: given.slice(0, statesMax) };
}
