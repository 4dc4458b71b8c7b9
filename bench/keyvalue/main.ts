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
import { median, openFresh } from "../storage/measure.ts";

const rounds = 7;
const value = Buffer.from("forty bytes, as values often are about..");

const oplogs: OplogStore = {
  append: () => Promise.resolve(),
  read: () => Promise.resolve({ chunks: [], nextIndex: undefined }),
  lastIndex: () => Promise.resolve(0),
  delete: () => Promise.resolve(),
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
  readonly elapsed: string;
  readonly processor: string;
}

/** Microseconds for each call of a loaded worker: elapsed, and of the processor by all threads. */
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
    elapsed.push(((performance.now() - start) * 1000) / times);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / times);
  }
  instance.close();
  return { elapsed: `${median(elapsed).toFixed(1)} µs`, processor: `${median(processor).toFixed(1)} µs` };
}

const rows: object[] = [];
for (const call of ["get", "set"] as const) {
  const cost = await measure(servicesForTests({ oplogs, keyValues }), call, 20_000);
  rows.push({ measure: `${call}, stores that answer at once`, ...cost, goal: "≤ 20 µs" });
}
for (const call of ["get", "set"] as const) {
  await using storage = await openFresh();
  const cost = await measure(servicesForTests({ ...storage.client }), call, 500);
  rows.push({ measure: `${call}, embedded store`, ...cost, goal: "" });
}
console.table(rows);
