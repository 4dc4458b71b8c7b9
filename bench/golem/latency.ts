/**
 * Golem's benchmarks `latency-*` and `cold-start-*`: `node --conditions=source bench/golem/latency.ts`. A component of each
 * size echoes `hello`, in workers that run already and in workers that begin with the call.
 */
import { family, note, progress, sized } from "../harness/report.ts";
import type { LoadResult } from "../http/load.ts";
import { echoGuests } from "./guests.ts";
import type { Guest } from "./guests.ts";
import { invokeAll, latencyRow, startServer } from "./run.ts";

const workerCounts = sized([1, 10, 100], [1, 10]);
const callsEach = 10;
const parameters = ["hello"];

interface Sized extends Guest {
  readonly size: string;
  readonly component: string;
}

const rounds = (workers: number): number => sized(workers === 1 ? 20 : 5, 3);

await using bench = await startServer();
const guests: Sized[] = [];
for (const [size, build] of Object.entries(echoGuests)) {
  progress(`uploading the ${size} component`);
  const guest = await build();
  guests.push({ ...guest, size, component: await bench.client.upload(`echo-${size}`, guest.bytes) });
}

family(
  "golem-latency",
  "Golem's set: echo of small, medium and large components",
  "Each worker has a client, which calls `echo` ten times, one call after the other; all at the same time. The workers run already.",
);
for (const workers of workerCounts) {
  for (const { size, component, call } of guests) {
    const calls = { component, call, parameters, workers, callsEach, prefix: `warm${workers}` };
    await invokeAll(bench, calls);
    const results: LoadResult[] = [];
    for (let round = 0; round < rounds(workers); round += 1) results.push(await invokeAll(bench, calls));
    latencyRow({ measure: `echo, ${size} component`, workers }, results);
  }
}
const sizes = guests.map(({ size, origin, bytes }) => `${size}: ${(bytes.length / 1e6).toFixed(2)} MB, ${origin}`);
note(`The components are ${sizes.join("; ")}. Golem's are made from Rust, JavaScript and Python.`);

family(
  "golem-cold-start",
  "Golem's set: first call of new workers",
  "The component is there, the worker isn't: it comes into being with its first call of `echo`. All workers at the same time, each with a client.",
);
for (const workers of workerCounts) {
  for (const { size, component, call } of guests) {
    const results: LoadResult[] = [];
    for (let round = 0; round <= rounds(workers); round += 1) {
      const calls = { component, call, parameters, workers, callsEach: 1, prefix: `cold${workers}-${round}` };
      const result = await invokeAll(bench, calls);
      // The first of all compiles what the others find compiled.
      if (round > 0) results.push(result);
    }
    const goal =
      size === "small" && workers === 1
        ? { goal: { atMost: 3 }, design: "first call on a new worker of a small component" }
        : {};
    latencyRow({ measure: `first call, ${size} component`, workers, ...goal }, results);
  }
}
