/**
 * Benchmarks of storage: `node --conditions=source bench/storage/main.ts [rounds] [workers]`. Writers run in this thread,
 * storage in its own. Every figure is the median of some rounds, each on a fresh directory.
 */
import { alone, load, readBack } from "./appends.ts";
import type { LoadResult } from "./appends.ts";
import type { ChunkShape } from "./measure.ts";
import { median, openFresh, quantile } from "./measure.ts";
import { createWorkers, filtersFor, firstPage } from "./worker-index.ts";

const writers = 256;
const pageBytes = 1024 * 1024;

interface Figure {
  readonly measure: string;
  readonly median: string;
  readonly goal: string;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`;
}

const shapes: readonly (ChunkShape & { readonly name: string; readonly entries: number; readonly goal: string })[] = [
  { name: "4 entries of 150 B a chunk", count: 4, recordBytes: 150, entries: 1_000_000, goal: "≥ 150,000/s" },
  { name: "1 entry of 150 B a chunk", count: 1, recordBytes: 150, entries: 500_000, goal: "" },
  { name: "1 entry of 8 KiB a chunk", count: 1, recordBytes: 8192, entries: 30_000, goal: "" },
];

async function benchLoad(rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const shape of shapes) {
    const results: LoadResult[] = [];
    const reads: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await using opened = await openFresh();
      await load(opened, "warm", writers, { ...shape, entries: shape.entries / 10 });
      results.push(await load(opened, "w", writers, shape));
      reads.push(await readBack(opened, "w", writers, pageBytes));
    }
    const of = (value: (result: LoadResult) => number): number => median(results.map(value));
    figures.push(
      {
        measure: `${writers} writers, ${shape.name}: entries/s`,
        median: count(of((result) => result.entriesPerSecond)),
        goal: shape.goal,
      },
      { measure: "  latency, median", median: milliseconds(of((result) => result.medianMs)), goal: "" },
      { measure: "  latency, 99th percentile", median: milliseconds(of((result) => result.p99Ms)), goal: "" },
      {
        measure: "  bytes written per byte of entry",
        median: of((result) => result.writtenPerEntryByte ?? Number.NaN).toFixed(1),
        goal: "≤ 8",
      },
      { measure: "  read back: entries/s", median: count(median(reads)), goal: shape.goal === "" ? "" : "≥ 500,000/s" },
    );
  }
  return figures;
}

async function benchAlone(): Promise<Figure[]> {
  const { append, bare } = await alone(4000);
  const ratio = median(append) / median(bare);
  return [
    { measure: "bare write of 200 B and fdatasync", median: milliseconds(median(bare)), goal: "" },
    { measure: "one writer, append of 150 B", median: milliseconds(median(append)), goal: "" },
    { measure: "  99th percentile", median: milliseconds(quantile(append, 0.99)), goal: "" },
    { measure: "  ratio of the medians", median: ratio.toFixed(2), goal: "≤ 2" },
  ];
}

async function benchIndex(rounds: number, workers: number): Promise<Figure[]> {
  await using opened = await openFresh();
  const perSecond = await createWorkers(opened, workers);
  const figures: Figure[] = [
    { measure: `workers created/s, up to ${count(workers)}`, median: count(perSecond), goal: "" },
  ];
  for (const [name, filter] of filtersFor(workers)) {
    const indexed = !name.includes("not indexed");
    const time = await firstPage(opened, filter, indexed ? rounds * 10 : rounds);
    figures.push({
      measure: `first page of ${count(workers)}, filter: ${name}`,
      median: milliseconds(time),
      goal: indexed ? "≤ 5 ms" : "",
    });
  }
  return figures;
}

const [roundsText = "3", workersText = "100000"] = process.argv.slice(2);
const rounds = Number(roundsText);
console.table([
  ...(await benchLoad(rounds)),
  ...(await benchAlone()),
  ...(await benchIndex(rounds, Number(workersText))),
]);
