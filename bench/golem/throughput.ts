/**
 * Golem's benchmarks `throughput`, `throughput-cpu-intensive`, `throughput-large-input`, and the same as calls between
 * workers (`rpc`, …): `node --conditions=source bench/golem/throughput.ts --calls=direct` (or `between`).
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { family, note, numberOption, progress, row, sized, textOption } from "../harness/report.ts";
import { medianOfRounds } from "../harness/statistics.ts";
import { load } from "../http/load.ts";
import type { LoadResult } from "../http/load.ts";
import { Server } from "../peers/peer.ts";
import { childGuest, parentGuest } from "./guests.ts";
import { invokeAll, startServer } from "./run.ts";

const rounds = sized(3, 1);
/** Golem's set has 200,000: two seconds and more for each call. */
const times = numberOption("calculate", sized(5000, 1000));
/** As many as Golem's set has. */
const items = sized(2000, 200);

const text = (length: number): string => randomBytes(length / 2).toString("hex");
const data = Array.from({ length: items }, () => ({
  id: text(256),
  name: text(512),
  desc: text(1024),
  timestamp: 1_763_000_000,
}));

interface Task {
  readonly name: string;
  readonly operation: string;
  readonly parameters: readonly unknown[];
  readonly workers: readonly number[];
  readonly callsEach: number;
}

const tasks: readonly Task[] = [
  { name: "echo", operation: "echo", parameters: ["hello"], workers: sized([1, 10, 100], [1, 10]), callsEach: 20 },
  {
    name: `CPU-intensive (${times.toLocaleString("en")} sums of 10,000)`,
    operation: "calculate",
    parameters: [times],
    workers: sized([1, 2, 8], [1, 2]),
    callsEach: 2,
  },
  {
    name: `large input (${(JSON.stringify(data).length / 1e6).toFixed(1)} MB each way)`,
    operation: "process",
    parameters: [data],
    workers: sized([1, 10], [1]),
    callsEach: 2,
  },
];

const between = textOption("calls") === "between";
await using disposables = new AsyncDisposableStack();
const bench = disposables.use(await startServer());
const plain = disposables.use(
  await Server.start(process.execPath, [fileURLToPath(new URL("plain-service.ts", import.meta.url))], {
    patterns: [/^(http:\S+)/u],
  }),
);
const child = await childGuest();
const childComponent = await bench.client.upload("child", child.bytes);
const parent = await parentGuest();
const parentComponent = parent === undefined ? childComponent : await bench.client.upload("parent", parent.bytes);

/** Golem's parent finds its child by its environment, ours by its name. */
async function createParents(workers: number): Promise<void> {
  if (parent === undefined) return;
  for (let index = 0; index < workers; index += 1) {
    await bench.client.ok("POST", `/v1/components/${parentComponent}/workers`, {
      name: `caller-${index}`,
      args: [],
      env: { CHILD_COMPONENT_ID: childComponent, CHILD_WORKER_NAME: `callee-${index}` },
    });
  }
}

/** What is compared must do the same. */
async function check(): Promise<void> {
  const [small, few] = [[1000], [data.slice(0, 3)]];
  const worker = bench.client.worker(between ? parentComponent : childComponent, between ? "caller-0" : "callee-0");
  const name = between ? "golem:itrpc/rpc-api" : "golem:it/api";
  for (const [operation, parameters] of [
    ["calculate", small],
    ["process", few],
  ] as const) {
    const body = JSON.stringify({ params: parameters });
    const reply = await fetch(`${plain.groups[0] ?? ""}/${operation}`, { method: "POST", body });
    assert.deepEqual(await worker.invoke(`${name}.{${operation}}`, parameters), await reply.json());
  }
}

type Runner = (task: Task, workers: number) => Promise<LoadResult>;

const direct: Runner = (task, workers) =>
  invokeAll(bench, {
    component: childComponent,
    call: `golem:it/api.{${task.operation}}`,
    parameters: task.parameters,
    workers,
    callsEach: task.callsEach,
    prefix: "callee",
  });

const asked: Runner = (task, workers) =>
  invokeAll(bench, {
    component: parentComponent,
    call: `golem:itrpc/rpc-api.{${task.operation}}`,
    parameters: task.parameters,
    workers,
    callsEach: task.callsEach,
    prefix: "caller",
  });

const plainly: Runner = ({ operation, parameters, callsEach }, workers) =>
  load({
    url: plain.groups[0] ?? "",
    clients: workers,
    callsEach,
    path: () => `/${operation}`,
    body: JSON.stringify({ params: parameters }),
  });

async function measure(task: Task, runners: { readonly [subject: string]: Runner }): Promise<void> {
  for (const workers of task.workers) {
    progress(`${task.name}, ${workers} workers`);
    const results = Object.entries(runners).map(([subject, runner]) => ({
      subject,
      runner,
      found: [] as LoadResult[],
    }));
    for (const { runner } of results) await runner({ ...task, callsEach: 1 }, workers);
    for (let round = 0; round < rounds; round += 1) {
      for (const { runner, found } of results) found.push(await runner(task, workers));
    }
    const at = { axis: "workers", value: workers };
    for (const { subject, found } of results) {
      const { callsPerSecond, medianMs, p99Ms } = medianOfRounds(found);
      row({ measure: task.name, subject, unit: "/s", median: callsPerSecond, at });
      row({ measure: task.name, subject, unit: "ms", median: medianMs, p99: p99Ms, at });
    }
  }
}

if (between) await createParents(Math.max(...tasks.flatMap(({ workers }) => workers)));
await check();
if (between) {
  family(
    "golem-rpc",
    "Golem's set: calls between workers",
    "Each client calls a worker of its own, which has another worker do the work and gives on what that gives. _Emet, called directly_ is the same without the worker between.",
  );
  for (const task of tasks) await measure(task, { Emet: asked, "Emet, called directly": direct });
} else {
  family(
    "golem-throughput",
    "Golem's set: throughput",
    "Each client calls a worker of its own. Golem's set compares with an HTTP service in Rust; here it is one of plain Node, in one thread, which keeps nothing.",
  );
  for (const task of tasks) await measure(task, { Emet: direct, "plain Node": plainly });
}
note(`The component is ${child.origin}.`);
