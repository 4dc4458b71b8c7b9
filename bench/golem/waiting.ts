/**
 * Golem's benchmarks `suspend`, `durability-overhead`, `large-dynamic-memory` and `large-initial-memory`:
 * `node --conditions=source bench/golem/waiting.ts`.
 */
import { readFileSync } from "node:fs";
import { family, note, progress, row, sized } from "../harness/report.ts";
import { medianOfRounds } from "../harness/statistics.ts";
import type { LoadResult } from "../http/load.ts";
import { waiters } from "./guests.ts";
import { invokeAll, startServer } from "./run.ts";

const rounds = sized(3, 2);

await using bench = await startServer();

async function uploaded(task: keyof typeof waiters): Promise<{ readonly component: string; readonly call: string }> {
  const { bytes, call } = await waiters[task]();
  return { component: await bench.client.upload(task, bytes), call };
}

async function suspend(): Promise<void> {
  const target = await uploaded("sleep");
  const seconds = sized(5, 1);
  family(
    "golem-suspend",
    "Golem's set: lateness of sleepers",
    `All workers sleep for ${seconds} s at the same time; what a call takes beyond that is how late it is.`,
  );
  for (const workers of sized([1, 10, 100, 500], [1, 10])) {
    progress(`${workers} workers sleep`);
    const calls = { ...target, workers, callsEach: 1, prefix: `sleeper${workers}` };
    await invokeAll(bench, { ...calls, parameters: [0.01] });
    const { medianMs, p99Ms } = await invokeAll(bench, { ...calls, parameters: [seconds] });
    row({
      measure: "lateness",
      subject: "Emet",
      unit: "ms",
      median: medianMs - seconds * 1000,
      p99: p99Ms - seconds * 1000,
      at: { axis: "workers", value: workers },
    });
  }
}

const modes: readonly (readonly [mode: string, parameters: readonly [number, boolean, boolean]])[] = [
  ["durable", [1000, false, false]],
  ["durable, committed at the end", [1000, false, true]],
  ["not durable", [1000, true, false]],
];

async function overhead(): Promise<void> {
  const target = await uploaded("overhead");
  family(
    "golem-overhead",
    "Golem's set: overhead of durability",
    "Each call reads the clock 1,000 times: recorded; recorded and committed by the guest before it answers; with `persist-nothing`.",
  );
  for (const workers of sized([1, 10, 100], [1, 10])) {
    progress(`overhead, ${workers} workers`);
    const found = modes.map(() => [] as LoadResult[]);
    for (let round = 0; round <= rounds; round += 1) {
      for (const [index, [, parameters]] of modes.entries()) {
        const calls = { ...target, parameters, workers, callsEach: 10, prefix: `mode${index}-${workers}` };
        const result = await invokeAll(bench, calls);
        if (round > 0) found[index]?.push(result);
      }
    }
    for (const [index, [mode]] of modes.entries()) {
      const { medianMs, p99Ms } = medianOfRounds(found[index] ?? []);
      const subject = index === 0 ? "Emet" : `Emet, ${mode}`;
      const at = { axis: "workers", value: workers };
      row({ measure: "1,000 reads of the clock", subject, unit: "ms", median: medianMs, p99: p99Ms, at });
    }
  }
}

function peakBytes(): number {
  const status = readFileSync(`/proc/${bench.server.processId}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/mu.exec(status)?.[1]) * 1024;
}

async function memory(): Promise<void> {
  family(
    "golem-memory",
    "Golem's set: large memory",
    "A new worker takes 512 MB one by one, printing two lines and sleeping for 5 µs after each; another has 512 MB from the beginning, prints three lines and sleeps for 2 s. Only what is touched takes memory of the machine.",
  );
  for (const task of ["dynamic", "initial"] as const) {
    const target = await uploaded(task);
    const sleptMs = task === "initial" ? 2000 : 0;
    for (const workers of sized([1, 4], [1])) {
      progress(`${task} memory, ${workers} workers`);
      const found: LoadResult[] = [];
      for (let round = 0; round <= sized(2, 1); round += 1) {
        const calls = { ...target, parameters: [], workers, callsEach: 1, prefix: `${task}${workers}-${round}` };
        const result = await invokeAll(bench, calls);
        if (round > 0) found.push(result);
      }
      const { medianMs, p99Ms } = medianOfRounds(found);
      row({
        measure: `${task} memory of 512 MB${sleptMs > 0 ? ", beyond the sleep" : ""}, ${workers} ${workers > 1 ? "workers" : "worker"}`,
        subject: "Emet",
        unit: "ms",
        median: medianMs - sleptMs,
        p99: p99Ms - sleptMs,
      });
    }
  }
  row({ measure: "most memory of the server", subject: "Emet", unit: "bytes", median: peakBytes(), chart: "" });
  note("Times contain the creation of the worker. The most memory is of the whole run of this program.");
}

await suspend();
await overhead();
await memory();
