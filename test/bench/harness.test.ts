/** What the benchmarks' harness makes of made-up rows. No benchmark runs here. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { padded } from "../../bench/golem/pad.ts";
import { formatFigure, formatGoal } from "../../bench/harness/format.ts";
import { flameGraph } from "../../bench/flame/draw.ts";
import { threadOf } from "../../bench/flame/profile.ts";
import type { ProfileNode } from "../../bench/flame/profile.ts";
import type { Machine } from "../../bench/harness/machine.ts";
import { familyPlot } from "../../bench/harness/plot/family.ts";
import { scaleFor } from "../../bench/harness/plot/scale.ts";
import { escape, wrap } from "../../bench/harness/plot/svg.ts";
import { readResults, writePage, writeResult } from "../../bench/harness/results.ts";
import { familiesOf, ratioOf } from "../../bench/harness/row.ts";
import type { Row } from "../../bench/harness/row.ts";
import { median, medianOfRounds, quantile } from "../../bench/harness/statistics.ts";
import { markdownTable, textTable } from "../../bench/harness/table.ts";
import { programs } from "../../bench/programs.ts";

const rows: readonly Row[] = [
  { measure: "call", subject: "Emet", unit: "ms", median: 0.5, p99: 2, goal: { atMost: 1 }, design: "calls" },
  { measure: "call", subject: "Other", unit: "ms", median: 2 },
  { measure: "load", subject: "Emet", unit: "/s", median: 1000, at: { axis: "clients", value: 1 } },
  { measure: "load", subject: "Emet", unit: "/s", median: 8000, at: { axis: "clients", value: 32 } },
  { measure: "load", subject: "Other", unit: "/s", median: 16_000, at: { axis: "clients", value: 32 }, note: "a | b" },
  { measure: "memory", subject: "Emet", unit: "bytes", median: 25_000, goal: { atMost: 20_000 } },
];

const machine: Machine = {
  processor: "a processor",
  cores: 2,
  memoryBytes: 1e9,
  system: "Linux",
  node: "v1",
  v8: "1",
  load: 0,
  syncMedianMs: 0.1,
  syncP99Ms: 0.2,
  commit: "0123456789",
  date: "2000-01-01 00:00",
};

test("figures are written in the unit that suits them", () => {
  const written = [0.000_015, 0.0234, 0.9999, 12.34, 20_000].map((value) => formatFigure(value, "ms"));
  assert.deepEqual(written, ["15.0 ns", "23.4 µs", "1.00 ms", "12.3 ms", "20.0 s"]);
  assert.deepEqual(
    [950, 2500, 3.2e6].map((value) => formatFigure(value, "bytes")),
    ["950 B", "2.50 KB", "3.20 MB"],
  );
  assert.equal(formatFigure(12_345.6, "/s"), "12,346/s");
  assert.equal(formatFigure(Number.NaN, "ms"), "–");
  assert.equal(formatGoal({ atMost: 0.000_25 }, "ms"), "≤ 250 ns");
  assert.equal(formatGoal({ atLeast: 1_000_000 }, "/s"), "≥ 1,000,000/s");
  assert.equal(formatGoal({ atMost: 0.5 }, "ms"), "≤ 500 µs");
});

test("statistics take the middle, also of rounds", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.99), 4);
  assert.deepEqual(
    medianOfRounds([
      { a: 1, b: 9 },
      { a: 3, b: 7 },
      { a: 2, b: 8 },
    ]),
    { a: 2, b: 8 },
  );
});

test("a ratio tells how many times better ours is, whatever better means", () => {
  const ratios = rows.map((row) => ratioOf(row, rows));
  assert.deepEqual(ratios, [undefined, 4, undefined, undefined, 0.5, undefined]);
});

test("tables leave out empty columns and say which goals are met", () => {
  const text = textTable(rows);
  assert.match(text, /load, 1 client +Emet +1,000\/s/u);
  assert.match(text, /≤ 1 ms: met/u);
  assert.match(text, /≤ 20 KB: missed/u);
  assert.match(markdownTable(rows), /a \\\| b/u);
  assert.doesNotMatch(textTable(rows.slice(1, 2)), /goal|p99/u);
});

test("rows belong to the family reported before them", () => {
  const [first] = rows as readonly [Row];
  const found = familiesOf([
    { kind: "family", id: "one", title: "One", about: "" },
    { kind: "row", row: first },
    { kind: "note", text: "a note" },
    { kind: "family", id: "two", title: "Two", about: "" },
  ]);
  assert.deepEqual(
    found.map(({ id, rows: own, notes }) => [id, own.length, notes.length]),
    [
      ["one", 1, 1],
      ["two", 0, 0],
    ],
  );
  assert.throws(() => familiesOf([{ kind: "row", row: first }]), /before the family/u);
});

test("axes are linear where they can be, and their ticks lie inside", () => {
  const linear = scaleFor([3, 10]);
  assert.equal(linear.isLogarithmic, false);
  assert.equal(linear.ticks[0], 0);
  const wide = scaleFor([0.001, 1000]);
  assert.equal(wide.isLogarithmic, true);
  for (const { ticks, place } of [linear, wide, scaleFor([]), scaleFor([7, 7])]) {
    assert.ok(ticks.length >= 2 && ticks.length <= 8);
    for (const tick of ticks) assert.ok(place(tick) >= 0 && place(tick) <= 1 + 1e-9);
  }
});

test("a plot has a line over the axis, bars for the others, and no markup of names", () => {
  const odd: Row = { measure: "<b> & co", subject: "Emet", unit: "ms", median: 1 };
  const plot = familyPlot({ id: "x", title: "X", about: "", rows: [...rows, odd], notes: [] }) ?? "";
  assert.match(plot, /^<svg [^>]*viewBox="0 0 860 \d+"/u);
  assert.match(plot, /load: per second/u);
  assert.match(plot, /prefers-color-scheme:dark/u);
  assert.doesNotMatch(plot, /NaN|undefined|<b>/u);
  const kept = [...plot.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gu)].filter(([, , , alone]) => alone === "");
  const opened = kept.filter(([, slash]) => slash === "").length;
  assert.equal(opened * 2, kept.length, "every element ends");
  assert.equal(familyPlot({ id: "x", title: "X", about: "", rows: [{ ...odd, chart: "" }], notes: [] }), undefined);
});

test("text in plots is wrapped at words and escaped", () => {
  assert.deepEqual(wrap("some words in a row", 60), ["some", "words in", "a row"]);
  assert.equal(escape('<"&'), "&#60;&#34;&#38;");
});

test("results are kept and the page is made from all that are kept", () => {
  const folder = mkdtempSync(join(tmpdir(), "emet-bench-test-"));
  try {
    const family = { id: "made-up", title: "Made up", about: "About it.", rows, notes: ["The same: nothing."] };
    writeResult(folder, { program: "made-up", machine, seconds: 1, families: [family] });
    writePage(folder, readResults(folder, ["made-up", "never-run"]));
    const page = readFileSync(join(folder, "RESULTS.md"), "utf8");
    assert.match(page, /!\[Made up\]\(plots\/made-up\.svg\)/u);
    assert.match(page, /\| \[memory\]\(#made-up\) \| ≤ 20 KB \| 25\.0 KB \| \*\*missed\*\* \|/u);
    assert.match(page, /\| calls \| \[call\]\(#made-up\) \| ≤ 1 ms \| 500 µs \| met \|/u);
    assert.match(page, /- The same: nothing\./u);
    assert.ok(existsSync(join(folder, "plots", "made-up.svg")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a core module is padded to a size and stays valid", async () => {
  const text = `(module (memory 200) (data (i32.const 0) "x")
    (func (export "two") (result i32) (i32.const 2)) (func (param i32) (result i32) (local.get 0)))`;
  const module = padded(await parse(text), { codeBytes: 50_000, dataBytes: 30_000, dataAt: 100_000 });
  assert.ok(module.length >= 80_000 && module.length < 100_000);
  const { WebAssembly } = globalThis as unknown as {
    readonly WebAssembly: { validate: (code: Uint8Array) => boolean };
  };
  assert.ok(WebAssembly.validate(module));
});

test("a profile becomes a tree of the time between two moments, without waiting", () => {
  const node = (id: number, functionName: string, url: string, ...children: readonly number[]): ProfileNode => ({
    id,
    callFrame: { functionName, url, lineNumber: 9 },
    children,
  });
  const nodes = [
    node(1, "(root)", "", 2, 3),
    node(2, "(idle)", ""),
    node(3, "serve", "file:///x/executor-main.ts", 4, 5),
    node(4, "", "file:///x/packages/server/src/api/a.ts"),
    node(5, "<b>", ""),
  ];
  const profile = { nodes, startTime: 1000, samples: [3, 4, 5, 2, 4], timeDeltas: [100, 100, 100, 100, 500] };
  const thread = threadOf(profile, 1150, 1400);
  assert.equal(thread.name, "executor thread");
  assert.equal(thread.busyPart, 1 - 100 / 300);
  assert.equal(thread.root.total, 200);
  assert.deepEqual(
    thread.root.children.map(({ name, total, self, children }) => [name, total, self, children.length]),
    [["serve", 200, 0, 2]],
  );
  const graph = flameGraph("A title", [thread]);
  assert.match(graph, /a\.ts:10\npackages\/server\/src\/api\/a\.ts:10\n50\.0 % of the busy time/u);
  assert.doesNotMatch(graph, /<b>|NaN|undefined/u);
});

test("every program that can be run is there, under a name of its own", () => {
  assert.equal(new Set(programs.map(({ name }) => name)).size, programs.length);
  for (const { file } of programs) assert.ok(existsSync(new URL(`../../bench/${file}`, import.meta.url)), file);
});
