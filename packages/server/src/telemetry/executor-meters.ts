/** Metrics of one executor thread, by component. */
import { Gauge, Registry } from "prom-client";
import { oplogAppended } from "../durability/channels.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import {
  guestRan,
  invocationAnswered,
  workerEvicted,
  workerFailed,
  memorySnapshotSkipped,
  memorySnapshotTaken,
  workerLoaded,
  workerUpdated,
} from "../worker/channels.ts";
import type { ExecutorGauges } from "../worker/messages.ts";
import { byKeys, Tallies } from "./tallies.ts";
import type { Counter, Histogram } from "./tallies.ts";

/** Seconds: from a call that finds everything at hand to one that sleeps. */
const invocationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export interface ExecutorMeters {
  readonly families: (gauges: ExecutorGauges) => Promise<MetricFamilies>;
}

/** Makes the series of a metric for a component; `label` is the value of the metric's other label, if it has one. */
type Series<S> = (component: string, label?: string) => S;

/** Listens from now on. */
export function openExecutorMeters(executor: number): ExecutorMeters {
  const executorLabel = { executor: String(executor) };
  const tallies = new Tallies(executorLabel);
  countInvocations(tallies);
  countOplogs(tallies);
  countGuests(tallies);
  countWorkers(tallies);
  countSnapshots(tallies);
  const registry = new Registry();
  registry.setDefaultLabels(executorLabel);
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  const loaded = gauge("emet_workers_loaded", "Workers in memory");
  const known = gauge("emet_workers_known", "Workers whose state is in memory");
  const memory = gauge("emet_linear_memory_bytes", "Linear memory of loaded workers");
  const bytes = gauge("emet_loaded_bytes", "What loaded workers take: linear memory, tables, and what the host holds");
  const running = gauge("emet_workers_running", "Workers in memory that run or wait");
  const waiting = gauge("emet_workers_waiting_to_load", "Workers that wait for room in memory");
  const mappings = gauge("emet_memory_mappings", "Kernel mappings of instances, those not collected yet among them");
  return {
    families: async (gauges) => {
      loaded.set(gauges.loadedWorkers);
      known.set(gauges.knownWorkers);
      memory.set(gauges.linearMemoryBytes);
      bytes.set(gauges.loadedBytes);
      running.set(gauges.runningWorkers);
      waiting.set(gauges.waitingWorkers);
      mappings.set(gauges.mappings);
      return [...tallies.families, ...(await registry.getMetricsAsJSON())];
    },
  };
}

function counters(tallies: Tallies, name: string, help: string, labelName?: string): Series<Counter> {
  const make = tallies.counter(name, help);
  return byKeys((component, label) =>
    make(labelName === undefined ? { component } : { component, [labelName]: label }),
  );
}

function durations(tallies: Tallies, name: string, help: string): Series<Histogram> {
  const make = tallies.histogram(name, help, invocationBuckets);
  return byKeys((component) => make({ component }));
}

function countInvocations(tallies: Tallies): void {
  const total = counters(
    tallies,
    "emet_invocations_total",
    "Invocations answered; those not awaited when they were accepted",
    "outcome",
  );
  const duration = durations(
    tallies,
    "emet_invocation_duration_seconds",
    "From the arrival of an invocation in its executor to its durable answer",
  );
  invocationAnswered.subscribe(({ worker, outcome, durationMs }) => {
    total(worker.componentId, outcome).add();
    duration(worker.componentId).observe(durationMs / 1000);
  });
}

function countOplogs(tallies: Tallies): void {
  const entries = counters(tallies, "emet_oplog_entries_total", "Oplog entries written");
  const bytes = counters(tallies, "emet_oplog_bytes_total", "Bytes of these entries");
  oplogAppended.subscribe(({ worker, entries: count, bytes: size }) => {
    entries(worker.componentId).add(count);
    bytes(worker.componentId).add(size);
  });
}

function countSnapshots(tallies: Tallies): void {
  const bytes = counters(
    tallies,
    "emet_memory_snapshot_bytes_total",
    "Bytes of the memory snapshots that were written",
  );
  const duration = durations(
    tallies,
    "emet_memory_snapshot_duration_seconds",
    "How long a thread was busy with saving a worker",
  );
  const skipped = counters(
    tallies,
    "emet_memory_snapshots_skipped_total",
    "Times that a worker couldn't be saved or loaded from what was saved, or that this couldn't be removed",
    "step",
  );
  const restored = counters(
    tallies,
    "emet_restored_workers_total",
    "Workers that came into memory from a memory snapshot",
  );
  memorySnapshotTaken.subscribe(({ worker, bytes: size, durationMs }) => {
    bytes(worker.componentId).add(size);
    duration(worker.componentId).observe(durationMs / 1000);
  });
  memorySnapshotSkipped.subscribe(({ worker, step }) => skipped(worker.componentId, step).add());
  workerLoaded.subscribe((loaded) => {
    if (loaded.restored) restored(loaded.worker.componentId).add();
  });
}

function countGuests(tallies: Tallies): void {
  const fuel = counters(tallies, "emet_guest_fuel_total", "Units of fuel that guests used, in replays too");
  const seconds = counters(tallies, "emet_guest_cpu_seconds_total", "How long guests ran, in replays too");
  guestRan.subscribe(({ worker, fuel: units, cpuMs }) => {
    fuel(worker.componentId).add(units);
    seconds(worker.componentId).add(cpuMs / 1000);
  });
}

function countWorkers(tallies: Tallies): void {
  const replayed = counters(tallies, "emet_replayed_entries_total", "Oplog entries of workers that came into memory");
  const load = durations(
    tallies,
    "emet_load_duration_seconds",
    "What it took workers to come into memory, replay included",
  );
  const failures = counters(
    tallies,
    "emet_worker_failures_total",
    "Runs that ended with an error: retried, or for good",
    "outcome",
  );
  const updates = counters(tallies, "emet_worker_updates_total", "Updates of workers to other versions", "outcome");
  const evictions = counters(tallies, "emet_evictions_total", "Workers taken out of memory", "reason");
  const of = ({ componentId }: WorkerId): string => componentId;
  workerEvicted.subscribe(({ worker, reason }) => evictions(of(worker), reason).add());
  workerLoaded.subscribe(({ worker, entries, durationMs }) => {
    replayed(of(worker)).add(entries);
    load(of(worker)).observe(durationMs / 1000);
  });
  workerFailed.subscribe(({ worker, retried }) => failures(of(worker), retried ? "retried" : "failed").add());
  workerUpdated.subscribe(({ worker, failure }) =>
    updates(of(worker), failure === undefined ? "successful" : "failed").add(),
  );
}
