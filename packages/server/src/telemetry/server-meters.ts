/** Metrics of the main thread, and all metrics as Prometheus' text. */
import { AggregatorRegistry, collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import { requestServed } from "../api/channels.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export interface ServerMeters {
  readonly families: () => Promise<MetricFamilies>;
}

/** Listens from now on. `templates` are the paths of the API: `/v1/components/{component_id}`. */
export function openServerMeters(templates: readonly string[]): ServerMeters {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const routeOf = routes(templates);
  const labelNames = ["server", "method", "route", "status"];
  const total = new Counter({ name: "emet_http_requests_total", help: "HTTP requests", labelNames, registers });
  const seconds = new Histogram({
    name: "emet_http_request_duration_seconds",
    help: "From the head of a request to the end of its response",
    labelNames: ["server", "method", "route"],
    buckets: requestBuckets,
    registers,
  });
  requestServed.subscribe(({ server, method, path, status, durationMs }) => {
    const route = server === "api" ? routeOf(path) : "";
    total.inc({ server, method, route, status });
    seconds.observe({ server, method, route }, durationMs / 1000);
  });
  return { families: () => registry.getMetricsAsJSON() };
}

/** Finds the template of a path: labels must not have values without end. */
function routes(templates: readonly string[]): (path: string) => string {
  const bySegments = new Map<number, readonly (readonly [template: string, segments: readonly string[]])[]>();
  for (const template of templates) {
    const segments = template.split("/");
    bySegments.set(segments.length, [...(bySegments.get(segments.length) ?? []), [template, segments]]);
  }
  const fits = (wanted: readonly string[], given: readonly string[]): boolean =>
    wanted.every((segment, index) => segment.startsWith("{") || segment === given[index]);
  return (path) => {
    const given = path.split("/");
    const found = (bySegments.get(given.length) ?? []).find(([, segments]) => fits(segments, given));
    return found?.[0] ?? "other";
  };
}

/** Of all threads. */
export async function metricsText(families: readonly MetricFamilies[]): Promise<string> {
  return await AggregatorRegistry.aggregate([...families] as object[]).metrics();
}
