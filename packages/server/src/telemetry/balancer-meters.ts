/** Metrics of the executors as the balancer sees them. */
import { Gauge, Registry } from "prom-client";
import { loadsMeasured, shardsMoved } from "../cluster/channels.ts";
import type { MetricFamilies } from "../platform/metric-families.ts";
import { Tallies } from "./tallies.ts";

export interface BalancerMeters {
  readonly families: () => Promise<MetricFamilies>;
}

/** Listens from now on. */
export function openBalancerMeters(): BalancerMeters {
  const registry = new Registry();
  const tallies = new Tallies();
  const moves = tallies.counter(
    "emet_executor_moved_shards_total",
    "Shards that were to be moved from a hot executor to a cooler one: moved, or refused since something held them",
  );
  const [moved, refused] = [moves({ outcome: "moved" }), moves({ outcome: "refused" })];
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name, help, labelNames: ["executor"], registers: [registry] });
  const shards = gauge("emet_executor_shards", "Shards that the executor owns");
  const utilisation = gauge(
    "emet_executor_utilisation",
    "Part of the time in which the thread was busy, at the last look",
  );
  const share = gauge("emet_executor_memory_share", "The executor's part of what all may have in memory");
  shardsMoved.subscribe((move) => {
    moved.add(move.moved);
    refused.add(move.refused);
  });
  loadsMeasured.subscribe(({ executors }) => {
    for (const [executor, load] of executors.entries()) {
      const labels = { executor: String(executor) };
      shards.set(labels, load.shards);
      utilisation.set(labels, load.utilisation);
      share.set(labels, load.share);
    }
  });
  return { families: async () => [...tallies.families, ...(await registry.getMetricsAsJSON())] };
}
