/** Metrics of one executor thread, by component. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { oplogAppended } from "../durability/channels.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { invocationAnswered, workerEvicted, workerFailed, workerLoaded, workerUpdated } from "../worker/channels.ts";
import type { ExecutorGauges } from "../worker/messages.ts";

/** Seconds: from a call that finds everything at hand to one that sleeps. */
const invocationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

const of = ({ componentId }: WorkerId): { readonly component: string } => ({ component: componentId });

export interface ExecutorMeters {
  readonly families: (gauges: ExecutorGauges) => Promise<MetricFamilies>;
}

/** Makes metrics in one registry; all of them tell components apart, and what else `labels` say. */
interface Makers {
  readonly counter: (name: string, help: string, ...labels: readonly string[]) => Counter;
  readonly seconds: (name: string, help: string) => Histogram;
}

function makers(registers: Registry[]): Makers {
  return {
    counter: (name, help, ...labels) => new Counter({ name, help, labelNames: ["component", ...labels], registers }),
    seconds: (name, help) =>
      new Histogram({ name, help, labelNames: ["component"], buckets: invocationBuckets, registers }),
  };
}

/** Listens from now on. */
export function openExecutorMeters(executor: number): ExecutorMeters {
  const registry = new Registry();
  registry.setDefaultLabels({ executor: String(executor) });
  const registers = [registry];
  countInvocations(makers(registers));
  countOplogs(makers(registers));
  countWorkers(makers(registers));
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const loaded = gauge("emet_workers_loaded", "Workers in memory");
  const known = gauge("emet_workers_known", "Workers whose state is in memory");
  const memory = gauge("emet_linear_memory_bytes", "Linear memory of loaded workers");
  return {
    families: (gauges) => {
      loaded.set(gauges.loadedWorkers);
      known.set(gauges.knownWorkers);
      memory.set(gauges.linearMemoryBytes);
      return registry.getMetricsAsJSON();
    },
  };
}

function countInvocations({ counter, seconds }: Makers): void {
  const total = counter(
    "emet_invocations_total",
    "Invocations answered; those not awaited when they were accepted",
    "outcome",
  );
  const duration = seconds(
    "emet_invocation_duration_seconds",
    "From the arrival of an invocation in its executor to its durable answer",
  );
  invocationAnswered.subscribe(({ worker, outcome, durationMs }) => {
    total.inc({ ...of(worker), outcome });
    duration.observe(of(worker), durationMs / 1000);
  });
}

function countOplogs({ counter }: Makers): void {
  const entries = counter("emet_oplog_entries_total", "Oplog entries written");
  const bytes = counter("emet_oplog_bytes_total", "Bytes of these entries");
  oplogAppended.subscribe(({ worker, entries: count, bytes: size }) => {
    entries.inc(of(worker), count);
    bytes.inc(of(worker), size);
  });
}

function countWorkers({ counter, seconds }: Makers): void {
  const replayed = counter("emet_replayed_entries_total", "Oplog entries of workers that came into memory");
  const load = seconds("emet_load_duration_seconds", "What it took workers to come into memory, replay included");
  const failures = counter(
    "emet_worker_failures_total",
    "Runs that ended with an error: retried, or for good",
    "outcome",
  );
  const updates = counter("emet_worker_updates_total", "Updates of workers to other versions", "outcome");
  const evictions = counter("emet_evictions_total", "Idle workers taken out of memory", "reason");
  workerEvicted.subscribe(({ worker, reason }) => evictions.inc({ ...of(worker), reason }));
  workerLoaded.subscribe(({ worker, entries, durationMs }) => {
    replayed.inc(of(worker), entries);
    load.observe(of(worker), durationMs / 1000);
  });
  workerFailed.subscribe(({ worker, retried }) => {
    failures.inc({ ...of(worker), outcome: retried ? "retried" : "failed" });
  });
  workerUpdated.subscribe(({ worker, failure }) => {
    updates.inc({ ...of(worker), outcome: failure === undefined ? "successful" : "failed" });
  });
}
