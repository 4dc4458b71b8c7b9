/** Rows as tables, for the terminal and for Markdown. */
import { formatFigure, formatGoal } from "./format.ts";
import { meets, ratioOf } from "./row.ts";
import type { Row } from "./row.ts";

const headings = ["measure", "who", "median", "p99", "Emet is better by", "goal", ""] as const;
const rightAligned = new Set<number>([2, 3, 4]);

/** What the row is about, with its place on the axis. */
export function nameOf({ measure, at }: Row): string {
  return at === undefined
    ? measure
    : `${measure}, ${at.value} ${at.value === 1 ? at.axis.replace(/s$/u, "") : at.axis}`;
}

function cellsOf(row: Row, rows: readonly Row[]): string[] {
  const goal = row.goal === undefined ? "" : formatGoal(row.goal, row.unit);
  const verdict = row.goal === undefined ? "" : meets(row.goal, row.median) ? "met" : "missed";
  return [
    nameOf(row),
    row.subject,
    formatFigure(row.median, row.unit),
    formatFigure(row.p99, row.unit),
    formatFigure(ratioOf(row, rows), "×"),
    goal === "" ? "" : `${goal}: ${verdict}`,
    row.note ?? "",
  ];
}

/** Columns that are empty in all rows are left out. */
function grid(rows: readonly Row[]): { readonly cells: readonly string[][]; readonly right: readonly boolean[] } {
  const all = [[...headings], ...rows.map((row) => cellsOf(row, rows))];
  const used = headings.map((_heading, column) => all.slice(1).some((row) => row[column] !== ""));
  return {
    cells: all.map((row) => row.filter((_cell, column) => used[column])),
    right: headings.map((_heading, column) => rightAligned.has(column)).filter((_right, column) => used[column]),
  };
}

/** For a terminal. */
export function textTable(rows: readonly Row[]): string {
  const { cells, right } = grid(rows);
  const widths = right.map((_right, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    right[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return cells.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** For a page. */
export function markdownTable(rows: readonly Row[]): string {
  const { cells, right } = grid(rows);
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(right.map((isRight) => (isRight ? "---:" : "---"))), ...body.map(line)].join("\n");
}
