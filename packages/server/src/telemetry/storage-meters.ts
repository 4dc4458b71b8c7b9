/** Metrics of the storage thread. */
import { Gauge, Registry } from "prom-client";
import type { MetricFamilies } from "../platform/metric-families.ts";
import { groupCommitted } from "../storage/channels.ts";
import type { StorageGauges } from "../storage/gauges.ts";
import { Tallies } from "./tallies.ts";
import type { Counter } from "./tallies.ts";

/** Seconds: around the time that a disk takes to sync. */
const commitBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export interface StorageMeters {
  readonly families: (gauges: StorageGauges) => Promise<MetricFamilies>;
}

/** Listens from now on. */
export function openStorageMeters(): StorageMeters {
  const registry = new Registry();
  const registers = [registry];
  const tallies = new Tallies();
  const seconds = tallies.histogram(
    "emet_storage_commit_duration_seconds",
    "Group commits, from their first write to the end of the sync",
    commitBuckets,
  )();
  const counter = (name: string, help: string): Counter => tallies.counter(name, help)();
  const writes = counter("emet_storage_writes_total", "Writes in these commits");
  const bytes = counter("emet_storage_appended_bytes_total", "Bytes of oplog entries in these commits");
  const failures = counter("emet_storage_commit_failures_total", "Group commits that failed");
  groupCommitted.subscribe((group) => {
    seconds.observe(group.durationMs / 1000);
    writes.add(group.writes);
    bytes.add(group.bytes);
    if (group.failed) failures.add();
  });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const database = gauge("emet_storage_database_bytes", "The database's file");
  const log = gauge("emet_storage_log_bytes", "Its write-ahead log, as far as it is not written back");
  const journal = gauge("emet_storage_journal_bytes", "Entries that were not moved to their workers' segments yet");
  return {
    families: async (gauges) => {
      database.set(gauges.databaseBytes);
      log.set(gauges.logBytes);
      journal.set(gauges.journalBytes);
      return [...tallies.families, ...(await registry.getMetricsAsJSON())];
    },
  };
}
