/** What runs have found, kept in files, and the page made from them. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatFigure, formatGoal } from "./format.ts";
import type { Machine } from "./machine.ts";
import { familyPlot } from "./plot/family.ts";
import { meets, ours } from "./row.ts";
import type { Family, Goal, Row } from "./row.ts";
import { markdownTable, nameOf } from "./table.ts";

/** What one program found in its latest run. */
export interface Result {
  readonly program: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly families: readonly Family[];
}

/** Where everything is kept: `results/*.json`, `plots/*.svg` and `RESULTS.md`. */
export function writeResult(folder: string, result: Result): void {
  mkdirSync(join(folder, "results"), { recursive: true });
  writeFileSync(join(folder, "results", `${result.program}.json`), `${JSON.stringify(result, undefined, 1)}\n`);
}

/** In the order of the programs. */
export function readResults(folder: string, programs: readonly string[]): readonly Result[] {
  const files = new Set(readdirSync(join(folder, "results")));
  return programs
    .filter((program) => files.has(`${program}.json`))
    .map((program) => JSON.parse(readFileSync(join(folder, "results", `${program}.json`), "utf8")) as Result);
}

/** `bench/flamegraph.ts` draws it, apart from the programs. */
const flameGraph = "flamegraph";

const flameGraphSection = `## Where the time goes

By \`node --conditions=source bench/flamegraph.ts\`. Opened by itself, it tells of each frame under the mouse.

![Flame graphs of the server's threads](plots/${flameGraph}.svg)`;

/** Draws the plots and writes the page. */
export function writePage(folder: string, results: readonly Result[]): void {
  mkdirSync(join(folder, "plots"), { recursive: true });
  const plotted = new Set<string>();
  for (const family of results.flatMap(({ families }) => families)) {
    const plot = familyPlot(family);
    if (plot === undefined) continue;
    writeFileSync(join(folder, "plots", `${family.id}.svg`), plot);
    plotted.add(family.id);
  }
  if (existsSync(join(folder, "plots", `${flameGraph}.svg`))) plotted.add(flameGraph);
  writeFileSync(join(folder, "RESULTS.md"), page(results, plotted));
}

interface Answer {
  readonly family: string;
  readonly row: Row;
  readonly goal: Goal;
}

function answersOf(results: readonly Result[]): readonly Answer[] {
  return results.flatMap(({ families }) =>
    families.flatMap(({ id, rows }) =>
      rows.flatMap((row) => (row.goal === undefined ? [] : [{ family: id, row, goal: row.goal }])),
    ),
  );
}

function goalCells({ family, row, goal }: Answer): string {
  const { unit, median, subject } = row;
  const variant = subject === ours ? "" : ` (${subject})`;
  const verdict = meets(goal, median) ? "met" : "**missed**";
  const name = `[${nameOf(row)}${variant}](#${family})`;
  return `| ${name} | ${formatGoal(goal, unit)} | ${formatFigure(median, unit)} | ${verdict} |`;
}

function goals(results: readonly Result[]): string {
  const answers = answersOf(results);
  const ofDesign = answers.filter(({ row }) => row.design !== undefined);
  const others = answers.filter(({ row }) => row.design === undefined);
  const byWord = Map.groupBy(ofDesign, ({ row }) => row.design ?? "");
  const designed = [...byWord].flatMap(([word, found]) =>
    found.map((answer, index) => `| ${index === 0 ? word : ""} ${goalCells(answer)}`),
  );
  return [
    ["| of the design | measure | goal | median |  |", "| --- | --- | --- | ---: | --- |", ...designed].join("\n"),
    "Goals of single parts:",
    ["| measure | goal | median |  |", "| --- | --- | ---: | --- |", ...others.map(goalCells)].join("\n"),
  ].join("\n\n");
}

function machines(results: readonly Result[]): string {
  const { processor, cores, memoryBytes, system, node, v8 } = (results.at(-1) as Result).machine;
  const lines = results.map(({ program, machine, seconds }) => {
    const sync = `${formatFigure(machine.syncMedianMs, "ms")}, p99 ${formatFigure(machine.syncP99Ms, "ms")}`;
    return `| ${program} | ${machine.date} | ${machine.commit} | ${machine.load.toFixed(2)} | ${sync} | ${seconds.toFixed(0)} s |`;
  });
  return [
    `${cores} cores of ${processor}, ${formatFigure(memoryBytes, "bytes")} of memory, ${system}, Node ${node} with V8 ${v8}. Clients, servers, databases and disk share the machine.`,
    "",
    "| program | begun, UTC | commit | load average | write of 200 B + fdatasync | took |",
    "| --- | --- | --- | ---: | ---: | ---: |",
    ...lines,
  ].join("\n");
}

function section(family: Family, isPlotted: boolean): string {
  const { id, title, about, rows, notes } = family;
  return [
    `## <a id="${id}"></a>${title}`,
    about,
    ...(isPlotted ? [`![${title}](plots/${id}.svg)`] : []),
    markdownTable(rows),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join("\n")]),
  ].join("\n\n");
}

/** The page in Markdown; `plotted` are the families that have a plot. */
export function page(results: readonly Result[], plotted: ReadonlySet<string>): string {
  const families = results.flatMap((result) => result.families);
  return `${[
    "# Benchmark results",
    "Written by `npm run bench`; [README.md](README.md) says how. Read ratios rather than figures: the machine is small, shared, and a virtual one. Medians are of interleaved rounds; opponents run in the same rounds as we do. Where an opponent is named, _Emet is better by_ says how many times faster ours is (below 1: slower).",
    "## Goals",
    goals(results),
    ...families.map((family) => section(family, plotted.has(family.id))),
    ...(plotted.has(flameGraph) ? [flameGraphSection] : []),
    "## Machine",
    machines(results),
  ].join("\n\n")}\n`;
}
