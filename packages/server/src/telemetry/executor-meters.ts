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

/** Listens from now on. */
export function openExecutorMeters(executor: number): ExecutorMeters {
  const registry = new Registry();
  registry.setDefaultLabels({ executor: String(executor) });
  const registers = [registry];
  countInvocations(registers);
  countOplogs(registers);
  countWorkers(registers);
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

function countInvocations(registers: Registry[]): void {
  const total = new Counter({
    name: "emet_invocations_total",
    help: "Invocations answered; those not awaited when they were accepted",
    labelNames: ["component", "outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "emet_invocation_duration_seconds",
    help: "From the arrival of an invocation in its executor to its durable answer",
    labelNames: ["component"],
    buckets: invocationBuckets,
    registers,
  });
  invocationAnswered.subscribe(({ worker, outcome, durationMs }) => {
    const component = of(worker);
    total.inc({ ...component, outcome });
    seconds.observe(component, durationMs / 1000);
  });
}

function countOplogs(registers: Registry[]): void {
  const labelNames = ["component"];
  const entries = new Counter({
    name: "emet_oplog_entries_total",
    help: "Oplog entries written",
    labelNames,
    registers,
  });
  const bytes = new Counter({ name: "emet_oplog_bytes_total", help: "Bytes of these entries", labelNames, registers });
  oplogAppended.subscribe(({ worker, entries: count, bytes: size }) => {
    entries.inc(of(worker), count);
    bytes.inc(of(worker), size);
  });
}

function countWorkers(registers: Registry[]): void {
  const labelNames = ["component"];
  const replayed = new Counter({
    name: "emet_replayed_entries_total",
    help: "Oplog entries of workers that came into memory",
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: "emet_load_duration_seconds",
    help: "What it took workers to come into memory, replay included",
    labelNames,
    buckets: invocationBuckets,
    registers,
  });
  const failures = new Counter({
    name: "emet_worker_failures_total",
    help: "Runs that ended with an error: retried, or for good",
    labelNames: ["component", "outcome"],
    registers,
  });
  const updates = new Counter({
    name: "emet_worker_updates_total",
    help: "Updates of workers to other versions",
    labelNames: ["component", "outcome"],
    registers,
  });
  const evictions = new Counter({
    name: "emet_evictions_total",
    help: "Idle workers taken out of memory",
    labelNames: ["component", "reason"],
    registers,
  });
  workerEvicted.subscribe(({ worker, reason }) => evictions.inc({ ...of(worker), reason }));
  workerLoaded.subscribe(({ worker, entries, durationMs }) => {
    replayed.inc(of(worker), entries);
    seconds.observe(of(worker), durationMs / 1000);
  });
  workerFailed.subscribe(({ worker, retried }) => {
    failures.inc({ ...of(worker), outcome: retried ? "retried" : "failed" });
  });
  workerUpdated.subscribe(({ worker, failure }) => {
    updates.inc({ ...of(worker), outcome: failure === undefined ? "successful" : "failed" });
  });
}
