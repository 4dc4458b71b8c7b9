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
import { transpileGuest } from "../component/jco-guest.ts";
import { family, note, row, sized } from "../harness/report.ts";
import { median, milliseconds } from "../harness/statistics.ts";

const calls = sized(1_000_000, 100_000);
const rounds = sized(7, 3);

const bytes = await guestBytes();
const image = await imageForTests(bytes);
const datetime = { seconds: 1_763_000_000n, nanoseconds: 5 };
const jco = await (await transpileGuest(bytes, "jspi"))(() => datetime);
/** Of jco, which is too slow for as many. */
const fewerCalls = calls / 20;

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
    inOrder: () => true,
    acquireEpoch: () => Promise.resolve(1),
  };
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
const through: number[] = [];
await jco.readClock(fewerCalls);
for (let round = 0; round < rounds; round += 1) {
  const chunks: OplogChunk[] = [];
  live.push((await record(servicesForTests({ oplogs: immediateStore(undefined) }))) / calls);
  bare.push((await unrecorded()) / calls);
  through.push((await milliseconds(() => jco.readClock(fewerCalls))) / fewerCalls);
  const services = servicesForTests({ oplogs: immediateStore(chunks) });
  await record(services);
  replayed.push(await milliseconds(async () => (await replayWorker(image, services)).instance.close()));
}

family(
  "durability",
  "What durability costs a guest",
  "A guest reads the wall clock in a loop, through the whole stack: from the component's import to a store that keeps or discards what it is given. Then a fresh instance replays what was kept. jco's call is one of a host function that suspends (JSPI) and records nothing.",
);
const clock = "wall-clock.now";
const design = "recorded local host call";
row({
  measure: clock,
  subject: "Emet",
  unit: "ms",
  median: median(live),
  goal: { atMost: 0.00025 },
  design,
  note: "recorded",
});
row({ measure: clock, subject: "Emet, not recorded", unit: "ms", median: median(bare), note: "`persist-nothing`" });
row({ measure: clock, subject: "jco", unit: "ms", median: median(through), note: "not recorded" });
row({
  measure: `${clock}: jco / Emet`,
  subject: "Emet",
  unit: "×",
  median: median(through) / median(live),
  goal: { atLeast: 30 },
  design,
  chart: "",
});
row({
  measure: "replay of recorded calls",
  subject: "Emet",
  unit: "/s",
  median: (calls / median(replayed)) * 1000,
  goal: { atLeast: 1_000_000 },
  design: "replay",
  note: `${calls.toLocaleString("en")} records, with reading the oplog`,
});
note("Not the same: ours records and counts fuel, jco's does neither.");
