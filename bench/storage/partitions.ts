/**
 * What storage partitions bring: `node --conditions=source bench/storage/partitions.ts`. Rounds of one, two and four
 * partitions are interleaved, so that all see the same disk.
 */
import { family, note, progress, row, sized } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { load } from "./appends.ts";
import { commitsOf, openFresh } from "./measure.ts";

const counts = [1, 2, 4] as const;
const rounds = sized(5, 1);
const shapes = [
  { name: "4 entries of 150 B", writers: 256, count: 4, recordBytes: 150, entries: sized(300_000, 40_000) },
  { name: "4 entries of 150 B", writers: 8, count: 4, recordBytes: 150, entries: sized(30_000, 4000) },
] as const;

interface Found {
  readonly entries: number;
  readonly syncs: number;
  readonly appendMs: number;
}

async function measure(partitions: number, shape: (typeof shapes)[number]): Promise<Found> {
  await using opened = await openFresh({}, partitions);
  await load(opened, "warm", shape.writers, { ...shape, entries: shape.entries / 10 });
  const before = await commitsOf(opened);
  const started = performance.now();
  const { entriesPerSecond, medianMs } = await load(opened, "w", shape.writers, shape);
  const syncs = ((await commitsOf(opened)) - before) / ((performance.now() - started) / 1000);
  return { entries: entriesPerSecond, syncs, appendMs: medianMs };
}

family(
  "storage-partitions",
  "Storage partitions",
  "Appends of writers in one thread to storages of one, two and four partitions, each with a thread of its own, on one disk. A sync ends a transaction of one partition.",
);
for (const shape of shapes) {
  const found = counts.map((): Found[] => []);
  for (let round = 0; round < rounds; round += 1) {
    progress(`${shape.writers} writers, round ${round + 1}`);
    for (const [index, partitions] of counts.entries()) found[index]?.push(await measure(partitions, shape));
  }
  const of = `${shape.writers} writers, ${shape.name} a chunk`;
  const rows = (value: (each: Found) => number, name: string, unit: "/s" | "ms"): void => {
    for (const [index, partitions] of counts.entries()) {
      const subject = `${partitions} partition${partitions === 1 ? "" : "s"}`;
      row({ subject, measure: `${name}, ${of}`, unit, median: median((found[index] ?? []).map(value)) });
    }
  };
  rows(({ entries }) => entries, "entries appended", "/s");
  rows(({ syncs }) => syncs, "syncs", "/s");
  rows(({ appendMs }) => appendMs, "one append", "ms");
}
note("The writers' thread, and as many storage threads as there are partitions, share the cores of the machine.");
