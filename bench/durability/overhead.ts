/**
 * What durability costs a guest: `node --conditions=source bench/durability/overhead.ts`. A guest reads the wall clock in
 * a loop through the whole stack, from the component's import to a store that keeps or discards what it is given; then
 * a fresh instance replays what was kept.
 */
import type { OplogChunk, OplogStore } from "../../packages/server/src/durability/oplog-store.ts";
import {
  imageForTests,
  replayWorker,
  servicesForTests,
  startWorker,
} from "../../packages/server/src/worker/guest-for-tests.ts";
import type { WorkerServices } from "../../packages/server/src/worker/services.ts";
import { guestBytes } from "../component/guest.ts";
import { median } from "../storage/measure.ts";

const calls = 1_000_000;
const rounds = 7;

const image = await imageForTests(await guestBytes());

/** A store that answers at once; what it is given it keeps in `chunks`, or discards. */
function immediateStore(chunks: OplogChunk[] | undefined): OplogStore {
  return {
    append: ({ chunk }) => {
      chunks?.push(chunk);
      return Promise.resolve();
    },
    read: () => Promise.resolve({ chunks: chunks ?? [], nextIndex: undefined }),
    lastIndex: () => Promise.resolve(0),
    delete: () => Promise.resolve(),
    acquireEpoch: () => Promise.resolve(1),
  };
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function record(services: WorkerServices): Promise<number> {
  const { invoke, instance } = await startWorker(image, services);
  await invoke("read-clock", 10_000);
  const taken = await milliseconds(() => invoke("read-clock", calls));
  instance.close();
  return taken;
}

async function unrecorded(): Promise<number> {
  const { invoke, instance } = await startWorker(image, servicesForTests({ oplogs: immediateStore(undefined) }));
  await instance.context.durable.setPersistenceLevel("persist-nothing");
  await invoke("read-clock", 10_000);
  const taken = await milliseconds(() => invoke("read-clock", calls));
  instance.close();
  return taken;
}

const live: number[] = [];
const bare: number[] = [];
const replayed: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const chunks: OplogChunk[] = [];
  live.push(await record(servicesForTests({ oplogs: immediateStore(undefined) })));
  bare.push(await unrecorded());
  const services = servicesForTests({ oplogs: immediateStore(chunks) });
  await record(services);
  replayed.push(await milliseconds(async () => (await replayWorker(image, services)).instance.close()));
}

const nanoseconds = (ms: number): string => `${((ms * 1e6) / calls).toFixed(0)} ns`;
console.table([
  { measure: "wall-clock.now, recorded", median: nanoseconds(median(live)), goal: "≤ 300 ns" },
  { measure: "wall-clock.now, not recorded", median: nanoseconds(median(bare)), goal: "" },
  {
    measure: "replay of 1,000,000 records, with reading the oplog",
    median: `${(median(replayed) / 1000).toFixed(2)} s`,
    goal: "≤ 1 s",
  },
]);
