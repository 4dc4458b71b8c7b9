/** A chart of horizontal bars: a group for each measure, in it a bar for each subject. */
import { formatFigure, formatRound } from "../format.ts";
import { units } from "../row.ts";
import type { Row } from "../row.ts";
import { nameOf } from "../table.ts";
import { scaleFor } from "./scale.ts";
import type { Scale } from "./scale.ts";
import { colourClass, element, moved, text, textWidth, wrap } from "./svg.ts";

export interface Chart {
  readonly height: number;
  readonly body: string;
}

export interface ChartRows {
  readonly title: string;
  readonly rows: readonly Row[];
  /** All of the document, in the order of their colours. */
  readonly subjects: readonly string[];
  readonly width: number;
}

const barHeight = 13;
const barGap = 4;
const groupGap = 13;
const labelWidthMax = 270;
const lineHeight = 14;
const top = 30;

interface Group {
  readonly label: readonly string[];
  readonly rows: readonly Row[];
}

function groupsOf(rows: readonly Row[], labelWidth: number): readonly Group[] {
  const groups = Map.groupBy(rows, nameOf);
  return [...groups].map(([name, members]) => ({ label: wrap(name, labelWidth), rows: members }));
}

function heightOf({ label, rows }: Group): number {
  return Math.max(label.length * lineHeight, rows.length * (barHeight + barGap) - barGap);
}

const valueText = ({ median, p99, unit }: Row): string =>
  p99 === undefined ? formatFigure(median, unit) : `${formatFigure(median, unit)} · p99 ${formatFigure(p99, unit)}`;

const goalOf = ({ goal }: Row): number | undefined =>
  goal === undefined ? undefined : "atMost" in goal ? goal.atMost : goal.atLeast;

function bar(row: Row, subjects: readonly string[], toX: (value: number) => number, y: number): string {
  const end = toX(row.median);
  const middle = y + barHeight / 2;
  const far = Math.max(end, row.p99 === undefined ? 0 : toX(row.p99));
  const goal = goalOf(row);
  const goalX = goal === undefined ? 0 : toX(goal);
  const label = valueText(row);
  const collides = goalX > far - 6 && goalX < far + textWidth(label) + 16;
  return [
    element("rect", {
      class: colourClass(row.subject, subjects),
      "stroke-width": 0,
      x: 0,
      y,
      width: Math.max(end, 1),
      height: barHeight,
      rx: 2,
    }),
    row.p99 === undefined ? "" : element("path", { class: "spread", d: `M${end} ${middle}H${far}M${far} ${y + 3}v7` }),
    goal === undefined
      ? ""
      : element("path", { class: "goal", d: `M${goalX} ${y + 1}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`, "stroke-width": 1.5 }),
    text(label, { x: collides ? goalX + 11 : far + 6, y: middle + 4, class: "weak" }),
  ].join("");
}

function axis(scale: Scale, rows: readonly Row[], width: number, height: number): string {
  const unit = rows[0]?.unit ?? "count";
  const lines = scale.ticks.map((tick) => {
    const x = scale.place(tick) * width;
    const line = element("line", { class: "grid", x1: x, y1: 0, x2: x, y2: height });
    return line + text(formatRound(tick, unit), { x, y: height + 16, "text-anchor": "middle", class: "weak" });
  });
  const about = [
    units[unit].axis,
    scale.isLogarithmic ? "logarithmic" : "",
    rows.some(({ p99 }) => p99 !== undefined) ? "bar: median, whisker: 99th percentile" : "median",
    rows.some(({ goal }) => goal !== undefined) ? "◇ goal" : "",
  ];
  const label = about.filter((part) => part !== "").join("  ·  ");
  return (
    lines.join("") +
    element("line", { class: "axis", x1: 0, y1: 0, x2: 0, y2: height }) +
    text(label, { x: width / 2, y: height + 34, "text-anchor": "middle", class: "weak" })
  );
}

export function barChart({ title, rows, subjects, width }: ChartRows): Chart {
  const labelWidth = Math.min(labelWidthMax, Math.max(...rows.map((row) => textWidth(nameOf(row)))) + 4);
  const scale = scaleFor(rows.flatMap((row) => [row.median, row.p99 ?? row.median, goalOf(row) ?? row.median]));
  const valueWidth = Math.max(...rows.map((row) => textWidth(valueText(row)))) + 14;
  const plotWidth = width - labelWidth - valueWidth - 12;
  const toX = (value: number): number => scale.place(value) * plotWidth;
  const parts: string[] = [];
  let y = groupGap / 2;
  for (const group of groupsOf(rows, labelWidthMax)) {
    const height = heightOf(group);
    const labelTop = y + (height - group.label.length * lineHeight) / 2 + 11;
    for (const [index, line] of group.label.entries()) {
      parts.push(text(line, { x: -10, y: labelTop + index * lineHeight, "text-anchor": "end" }));
    }
    const barsTop = y + (height - (group.rows.length * (barHeight + barGap) - barGap)) / 2;
    for (const [index, row] of group.rows.entries()) {
      parts.push(bar(row, subjects, toX, barsTop + index * (barHeight + barGap)));
    }
    y += height + groupGap;
  }
  const height = y - groupGap / 2;
  const body = moved(labelWidth + 12, top, axis(scale, rows, plotWidth, height) + parts.join(""));
  return { height: top + height + 46, body: text(title, { x: 0, y: 14, class: "head" }) + body };
}
