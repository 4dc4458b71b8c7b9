/**
 * What a recorded call of wasi:keyvalue costs: `node --conditions=source bench/keyvalue/main.ts`. A guest in WebAssembly
 * sets or gets a value of 40 bytes in a loop. First over stores that answer at once, which leaves our own work: component,
 * host, records, commits. Then over the embedded store, where every set is two durable writes, one after the other.
 */
import { readFile } from "node:fs/promises";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";
import type { KeyValueStore } from "../../packages/server/src/durability/key-value-store.ts";
import type { OplogStore } from "../../packages/server/src/durability/oplog-store.ts";
import { imageForTests, servicesForTests, startWorker } from "../../packages/server/src/worker/guest-for-tests.ts";
import type { WorkerServices } from "../../packages/server/src/worker/services.ts";
import { withSdkPackages } from "../../packages/cli/src/component-build/sdk-packages.ts";
import type { Goal } from "../harness/row.ts";
import { family, row, sized } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { openFresh } from "../storage/measure.ts";

const rounds = sized(7, 3);
const value = Buffer.from("forty bytes, as values often are about..");

const oplogs: OplogStore = {
  append: () => Promise.resolve(),
  read: () => Promise.resolve({ chunks: [], nextIndex: undefined }),
  lastIndex: () => Promise.resolve(0),
  delete: () => Promise.resolve(),
  inOrder: () => true,
  acquireEpoch: () => Promise.resolve(1),
};

const keyValues: KeyValueStore = {
  get: () => Promise.resolve([value]),
  exists: () => Promise.resolve(true),
  keys: () => Promise.resolve([]),
  write: () => Promise.resolve(undefined),
  watch: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

const text = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");
const world = withSdkPackages(await text("guest.wit"));
const core = await componentEmbed({ binary: await parse(await text("guest.wat")), witSource: world });
const image = await imageForTests(await componentNew(core));

interface Cost {
  readonly elapsedMs: number;
  /** Of all threads. */
  readonly processorMs: number;
}

/** For each call of a loaded worker. */
async function measure(services: WorkerServices, call: "set" | "get", times: number): Promise<Cost> {
  const { invoke, instance } = await startWorker(image, services);
  await invoke("set", 1);
  await invoke(call, times);
  const elapsed: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    const start = performance.now();
    await invoke(call, times);
    elapsed.push((performance.now() - start) / times);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1000 / times);
  }
  instance.close();
  return { elapsedMs: median(elapsed), processorMs: median(processor) };
}

function report(measured: string, { elapsedMs, processorMs }: Cost, goal?: Goal): void {
  row({ measure: measured, subject: "Emet", unit: "ms", median: elapsedMs, ...(goal !== undefined && { goal }) });
  row({ measure: `${measured}: processor`, subject: "Emet", unit: "ms", median: processorMs, chart: "" });
}

family(
  "keyvalue",
  "Recorded calls of wasi:keyvalue",
  "A guest in WebAssembly sets or gets a value of 40 bytes in a loop. First over stores that answer at once, which leaves our own work: component, host, records, commits. Then over the embedded store, where every set is two durable writes, one after the other.",
);
for (const call of ["get", "set"] as const) {
  const cost = await measure(servicesForTests({ oplogs, keyValues }), call, sized(20_000, 5000));
  report(`${call}, stores that answer at once`, cost, { atMost: 0.02 });
}
for (const call of ["get", "set"] as const) {
  await using storage = await openFresh();
  report(`${call}, embedded store`, await measure(servicesForTests({ ...storage.client }), call, sized(500, 100)));
}
