/** The span of an HTTP request, between its client's and that of the invocation. */
import type { BeginRequestSpan } from "../api/request-span.ts";
import type { Clock } from "../platform/clock.ts";
import type { Entropy } from "../platform/entropy.ts";
import type { SpanExporter } from "./spans.ts";

export function requestSpans({ export: exportSpan }: SpanExporter, clock: Clock, entropy: Entropy): BeginRequestSpan {
  const id = (bytes: number): string => {
    const random = new Uint8Array(bytes);
    entropy.fill(random);
    return Buffer.from(random).toString("hex");
  };
  return (given, name) => {
    const traceId = given?.traceId ?? id(16);
    const spanId = id(8);
    const startMs = clock.now();
    return {
      trace: { traceId, parentId: spanId, states: given?.states ?? [] },
      end: (status) => {
        const attributes = new Map([["http.response.status_code", String(status)]]);
        const span = { traceId, spanId, parentId: given?.parentId, name, startMs, attributes };
        exportSpan({ ...span, endMs: clock.now(), kind: "server" });
      },
    };
  };
}
