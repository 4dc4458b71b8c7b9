/** Spans to an OpenTelemetry collector, over OTLP and HTTP. The libraries are loaded only where one is set up. */
import type { FinishedSpan } from "../host/golem-api/trace.ts";

export interface SpanExporter {
  readonly export: (span: FinishedSpan) => void;
  /** Sends what is left. */
  readonly flush: () => Promise<void>;
}

function toTime(ms: number): [seconds: number, nanoseconds: number] {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}

/** `endpoint` is the collector's base address, as in OTEL_EXPORTER_OTLP_ENDPOINT. */
export async function openSpanExporter(endpoint: string): Promise<SpanExporter> {
  const [
    { OTLPTraceExporter },
    { BatchSpanProcessor },
    { resourceFromAttributes },
    { SpanKind, SpanStatusCode, TraceFlags },
  ] = await Promise.all([
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/api"),
  ]);
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: new URL("v1/traces", `${endpoint.replace(/\/$/u, "")}/`).href }),
  });
  const resource = resourceFromAttributes({ "service.name": "emet" });
  const context = (traceId: string, spanId: string): { traceId: string; spanId: string; traceFlags: number } => ({
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
  });
  const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };
  return {
    export: ({ traceId, spanId, parentId, name, startMs, endMs, attributes, kind }) => {
      processor.onEnd({
        name,
        kind: kinds[kind ?? "internal"],
        spanContext: () => context(traceId, spanId),
        ...(parentId === undefined ? {} : { parentSpanContext: context(traceId, parentId) }),
        startTime: toTime(startMs),
        endTime: toTime(endMs),
        duration: toTime(Math.max(endMs - startMs, 0)),
        status: { code: SpanStatusCode.UNSET },
        attributes: Object.fromEntries(attributes),
        links: [],
        events: [],
        ended: true,
        resource,
        instrumentationScope: { name: "emet" },
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
      });
    },
    flush: () => processor.forceFlush(),
  };
}
