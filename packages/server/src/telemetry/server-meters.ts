/** Metrics of the main thread, and all metrics as Prometheus' text. */
import { AggregatorRegistry, collectDefaultMetrics, Registry } from "prom-client";
import { requestServed } from "../api/channels.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import { byKeys, remembered, Tallies } from "./tallies.ts";

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Paths whose route is kept at hand. */
const pathsMax = 10_000;

export interface ServerMeters {
  readonly families: () => Promise<MetricFamilies>;
}

/** Listens from now on. `templates` are the paths of the API: `/v1/components/{component_id}`. */
export function openServerMeters(templates: readonly string[]): ServerMeters {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const tallies = new Tallies();
  const totals = tallies.counter("emet_http_requests_total", "HTTP requests");
  const seconds = tallies.histogram(
    "emet_http_request_duration_seconds",
    "From the head of a request to the end of its response",
    requestBuckets,
  );
  const routeOf = remembered(pathsMax, routes(templates));
  const requests = byKeys((server, route) => ({
    total: byKeys((method, status) => totals({ server, method, route, status })),
    seconds: byKeys((method) => seconds({ server, method, route })),
  }));
  requestServed.subscribe(({ server, method, path, status, durationMs }) => {
    const request = requests(server, server === "api" ? routeOf(path) : "");
    request.total(method, String(status)).add();
    request.seconds(method).observe(durationMs / 1000);
  });
  return { families: async () => [...tallies.families, ...(await registry.getMetricsAsJSON())] };
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
