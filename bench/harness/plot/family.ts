/** A document with all charts of a family: lines where its rows lie on an axis, bars for all others. */
import type { Family, Row } from "../row.ts";
import { units } from "../row.ts";
import { barChart } from "./bars.ts";
import type { Chart } from "./bars.ts";
import { lineChart } from "./lines.ts";
import { colourClass, element, moved, svgDocument, text, textWidth } from "./svg.ts";

const width = 860;
const margin = 24;
const gap = 26;
const inner = width - 2 * margin;

function lineGroups(rows: readonly Row[]): readonly (readonly Row[])[] {
  return [...Map.groupBy(rows, (row) => `${row.measure} ${row.unit}`).values()];
}

/** More than one place is what makes a line. */
function onAxis(rows: readonly Row[]): ReadonlySet<Row> {
  const drawn = lineGroups(rows).filter((members) => new Set(members.map((row) => row.at?.value)).size > 1);
  return new Set(drawn.flat().filter((row) => row.at !== undefined));
}

function lineCharts(rows: readonly Row[], subjects: readonly string[]): readonly Chart[] {
  const chartWidth = (inner - gap) / 2;
  const charts = lineGroups(rows).map((members) => {
    const { measure, unit } = members[0] as Row;
    const title = `${measure}: ${units[unit].axis}`;
    return lineChart({ title, rows: members, subjects, width: chartWidth });
  });
  // Two stand side by side.
  const pairs: Chart[] = [];
  for (let index = 0; index < charts.length; index += 2) {
    const [left, right] = [charts[index], charts[index + 1]];
    pairs.push({
      height: Math.max(left?.height ?? 0, right?.height ?? 0),
      body: (left?.body ?? "") + moved(chartWidth + gap, 0, right?.body ?? ""),
    });
  }
  return pairs;
}

function barCharts(rows: readonly Row[], subjects: readonly string[]): readonly Chart[] {
  const groups = Map.groupBy(rows, (row) => `${row.chart ?? ""} ${row.unit}`);
  return [...groups.values()].map((members) => {
    const { chart, unit } = members[0] as Row;
    return barChart({ title: chart ?? units[unit].title, rows: members, subjects, width: inner });
  });
}

function legend(subjects: readonly string[]): string {
  let x = 0;
  const parts = subjects.map((subject) => {
    const box = { class: colourClass(subject, subjects), "stroke-width": 0, x, y: 0, width: 12, height: 12, rx: 3 };
    const part = element("rect", box) + text(subject, { x: x + 18, y: 10 });
    x += textWidth(subject) + 40;
    return part;
  });
  return parts.join("");
}

/** Undefined where nothing can be drawn. */
export function familyPlot({ title, rows }: Family): string | undefined {
  const drawn = rows.filter((row) => row.chart !== "" && Number.isFinite(row.median));
  if (drawn.length === 0) return undefined;
  const subjects = [...new Set(drawn.map((row) => row.subject))];
  const lines = onAxis(drawn);
  const charts = [
    ...lineCharts(
      drawn.filter((row) => lines.has(row)),
      subjects,
    ),
    ...barCharts(
      drawn.filter((row) => !lines.has(row)),
      subjects,
    ),
  ];
  const parts = [moved(margin, 36, text(title, { x: 0, y: 0, class: "title" }))];
  let y = 52;
  if (subjects.length > 1) {
    parts.push(moved(margin, y, legend(subjects)));
    y += 14;
  }
  for (const { height, body } of charts) {
    y += gap / 2;
    parts.push(moved(margin, y, body));
    y += height;
  }
  return svgDocument(title, { width, height: y + 10 }, subjects, parts.join(""));
}
