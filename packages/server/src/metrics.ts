/** Metrics in Prometheus' text format. */
import type { ExecutorMetrics } from "./worker/messages.ts";

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly value: (metrics: ExecutorMetrics) => number;
}

const executorMetrics: readonly Metric[] = [
  { name: "emet_workers_loaded", help: "Workers in memory", type: "gauge", value: (m) => m.loadedWorkers },
  { name: "emet_workers_known", help: "Workers whose state is in memory", type: "gauge", value: (m) => m.knownWorkers },
  {
    name: "emet_linear_memory_bytes",
    help: "Linear memory of loaded workers",
    type: "gauge",
    value: (m) => m.linearMemoryBytes,
  },
  { name: "emet_invocations_total", help: "Invocations asked for", type: "counter", value: (m) => m.invocations },
  {
    name: "emet_invocation_failures_total",
    help: "Invocations refused or failed",
    type: "counter",
    value: (m) => m.failures,
  },
  {
    name: "emet_evictions_total",
    help: "Idle workers taken out of memory",
    type: "counter",
    value: (m) => m.evictions,
  },
];

/** One series for each executor. */
export function metricsText(executors: readonly ExecutorMetrics[]): string {
  const families = executorMetrics.map(({ name, help, type, value }) => {
    const series = executors.map((metrics, executor) => `${name}{executor="${executor}"} ${value(metrics)}`);
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...series].join("\n");
  });
  const { rss } = process.memoryUsage();
  families.push(
    "# HELP process_resident_memory_bytes Resident memory",
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${rss}`,
  );
  return `${families.join("\n")}\n`;
}
