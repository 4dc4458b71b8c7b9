/**
 * Benchmarks of storage: `node --conditions=source bench/storage/main.ts [--workers=1000000]`. Writers run in this
 * thread, storage in its own. Every figure is the median of some rounds, each on a fresh directory.
 */
import { setTimeout as delay } from "node:timers/promises";
import { family, numberOption, progress, row, sized } from "../harness/report.ts";
import type { Goal } from "../harness/row.ts";
import { median, summary } from "../harness/statistics.ts";
import { alone, load, readBack } from "./appends.ts";
import type { LoadResult } from "./appends.ts";
import type { ChunkShape } from "./measure.ts";
import { openFresh } from "./measure.ts";
import { createWorkers, filtersFor, firstPage } from "./worker-index.ts";

const writers = 256;
const pageBytes = 1024 * 1024;
const rounds = sized(3, 1);

interface Shape extends ChunkShape {
  readonly name: string;
  readonly entries: number;
  /** Entries each second. */
  readonly writeGoal?: number;
  readonly readGoal?: number;
}

const shapes: readonly Shape[] = [
  {
    name: "4 entries of 150 B a chunk",
    count: 4,
    recordBytes: 150,
    entries: sized(1_000_000, 100_000),
    writeGoal: 150_000,
    readGoal: 500_000,
  },
  { name: "1 entry of 150 B a chunk", count: 1, recordBytes: 150, entries: sized(500_000, 50_000) },
  { name: "1 entry of 8 KiB a chunk", count: 1, recordBytes: 8192, entries: sized(30_000, 5000) },
];

const goalOf = (value: number | undefined): { readonly goal?: Goal } =>
  value === undefined ? {} : { goal: { atLeast: value } };

async function benchLoad(): Promise<void> {
  for (const shape of shapes) {
    progress(shape.name);
    const results: LoadResult[] = [];
    const reads: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await using opened = await openFresh();
      await load(opened, "warm", writers, { ...shape, entries: shape.entries / 10 });
      results.push(await load(opened, "w", writers, shape));
      reads.push(await readBack(opened, "w", writers, pageBytes));
    }
    const of = (value: (result: LoadResult) => number): number => median(results.map(value));
    const { name, writeGoal, readGoal } = shape;
    const shared = { subject: "Emet" } as const;
    row({
      ...shared,
      measure: `entries appended by ${writers} writers, ${name}`,
      unit: "/s",
      median: of((result) => result.entriesPerSecond),
      ...goalOf(writeGoal),
    });
    row({ ...shared, measure: `entries read back, ${name}`, unit: "/s", median: median(reads), ...goalOf(readGoal) });
    row({
      ...shared,
      measure: `append under that load, ${name}`,
      unit: "ms",
      median: of((result) => result.medianMs),
      p99: of((result) => result.p99Ms),
      chart: "Appends of one chunk",
    });
    row({
      ...shared,
      measure: `bytes written per byte of entry, ${name}`,
      unit: "count",
      median: of((result) => result.writtenPerEntryByte ?? Number.NaN),
      goal: { atMost: 8 },
      chart: "",
    });
  }
}

async function benchAlone(): Promise<void> {
  progress("one writer");
  const { append, bare } = await alone(sized(4000, 500));
  const shared = { unit: "ms", chart: "Appends of one chunk" } as const;
  row({ ...shared, measure: "one writer, append of 150 B", subject: "Emet", ...summary(append) });
  row({ ...shared, measure: "bare write of 200 B + fdatasync", subject: "bare", ...summary(bare) });
  const ratio = median(append) / median(bare);
  row({
    measure: "one writer's append / the bare write",
    subject: "Emet",
    unit: "count",
    median: ratio,
    goal: { atMost: 2 },
    chart: "",
  });
}

async function benchIndex(workers: number): Promise<void> {
  progress(`${workers} workers in the index`);
  await using opened = await openFresh();
  const perSecond = await createWorkers(opened, workers);
  // What so many writes leave to do in the background is not what is asked for here.
  await delay(sized(5000, 200));
  family(
    "enumeration",
    `Enumeration among ${workers.toLocaleString("en")} workers`,
    "The first page of 50, from the store. Filters are those that an index answers, but for the two that say so.",
  );
  row({ measure: "workers created", subject: "Emet", unit: "/s", median: perSecond, chart: "" });
  for (const [name, filter] of filtersFor(workers)) {
    const isIndexed = !name.includes("not indexed");
    const times = await firstPage(opened, filter, isIndexed ? sized(40, 10) : 3);
    row({
      measure: `first page, filter: ${name}`,
      subject: "Emet",
      unit: "ms",
      ...summary(times),
      ...(isIndexed && { goal: { atMost: 5 }, design: "enumeration among 1,000,000 workers, any indexed filter" }),
    });
  }
}

family(
  "storage",
  "The embedded store",
  "Appends of oplog entries and reading them back, each round on a fresh directory: writers run in one thread, storage in its own. An append is done when it is on disk.",
);
await benchLoad();
await benchAlone();
await benchIndex(numberOption("workers", sized(1_000_000, 20_000)));
