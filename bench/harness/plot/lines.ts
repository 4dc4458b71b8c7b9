/** A chart of lines: a line for each subject over the places of an axis, which stand at equal distances. */
import { formatFigure, formatRound } from "../format.ts";
import { ours, units } from "../row.ts";
import type { Row } from "../row.ts";
import type { Chart, ChartRows } from "./bars.ts";
import { scaleFor } from "./scale.ts";
import { colourClass, element, moved, text, textWidth } from "./svg.ts";

const plotHeight = 200;
const top = 34;

function placesOf(rows: readonly Row[]): readonly number[] {
  return [...new Set(rows.map((row) => row.at?.value ?? 0))].sort((left, right) => left - right);
}

interface Plot {
  readonly subjects: readonly string[];
  readonly toX: (place: number) => number;
  readonly toY: (value: number) => number;
}

function line(rows: readonly Row[], { subjects, toX, toY }: Plot): string {
  const sorted = rows.toSorted((left, right) => (left.at?.value ?? 0) - (right.at?.value ?? 0));
  const points = sorted.map((row) => [toX(row.at?.value ?? 0), toY(row.median)] as const);
  const colour = colourClass(rows[0]?.subject ?? "", subjects);
  const path = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const marks = points.map(([x, y], index) => {
    const { median, p99, unit } = sorted[index] as Row;
    const spread = p99 === undefined ? "" : ` · p99 ${formatFigure(p99, unit)}`;
    const title = `<title>${formatFigure(median, unit)}${spread}</title>`;
    return element("circle", { class: colour, cx: x, cy: y, r: 3.5 }, title);
  });
  return element("path", { class: `${colour} line`, d: path }) + marks.join("");
}

const labelHeight = 13;

/** Figures above points, ours first; one that would lie over a point or another figure is left out. */
function figures(rows: readonly Row[], { toX, toY }: Plot): string {
  const parts: string[] = [];
  for (const [place, members] of Map.groupBy(rows, (row) => row.at?.value ?? 0)) {
    const taken = members.map((row) => toY(row.median));
    const isOurs = ({ subject }: Row): number => Number(subject === ours);
    for (const { median, unit } of members.toSorted((left, right) => isOurs(right) - isOurs(left))) {
      const y = toY(median) - 8;
      // The text lies between its base line and its height above that; points are as big as half of it.
      if (taken.some((other) => other < y + 4 && other > y - labelHeight - 3)) continue;
      parts.push(text(formatFigure(median, unit), { x: toX(place), y, "text-anchor": "middle", class: "weak halo" }));
      taken.push(y - 2, y - labelHeight + 2);
    }
  }
  return parts.join("");
}

export function lineChart({ title, rows, subjects, width }: ChartRows): Chart {
  const { unit, at } = rows[0] as Row;
  const scale = scaleFor(rows.map((row) => row.median));
  const left = Math.max(...scale.ticks.map((tick) => textWidth(formatRound(tick, unit), 13))) + 32;
  const plotWidth = width - left - 10;
  const places = placesOf(rows);
  const plot: Plot = {
    subjects,
    toX: (place) => ((places.indexOf(place) + 0.5) / places.length) * plotWidth,
    toY: (value) => plotHeight * (1 - scale.place(value)),
  };
  const grid = scale.ticks.map((tick) => {
    const y = plot.toY(tick);
    const label = text(formatRound(tick, unit), { x: -8, y: y + 4, "text-anchor": "end", class: "weak" });
    return element("line", { class: "grid", x1: 0, y1: y, x2: plotWidth, y2: y }) + label;
  });
  const foot = places.map((place) =>
    text(place.toLocaleString("en"), {
      x: plot.toX(place),
      y: plotHeight + 17,
      "text-anchor": "middle",
      class: "weak",
    }),
  );
  const axisLabel = `${units[unit].axis}, median${scale.isLogarithmic ? ", logarithmic" : ""}`;
  const bySubject = Map.groupBy(rows, (row) => row.subject);
  const body = [
    ...grid,
    element("line", { class: "axis", x1: 0, y1: plotHeight, x2: plotWidth, y2: plotHeight }),
    ...foot,
    text(at?.axis ?? "", { x: plotWidth / 2, y: plotHeight + 34, "text-anchor": "middle", class: "weak" }),
    text(axisLabel, {
      transform: `translate(${12 - left} ${plotHeight / 2}) rotate(-90)`,
      "text-anchor": "middle",
      class: "weak",
    }),
    ...[...bySubject.values()].map((members) => line(members, plot)),
    figures(rows, plot),
  ].join("");
  return { height: top + plotHeight + 48, body: text(title, { x: 0, y: 14, class: "head" }) + moved(left, top, body) };
}
