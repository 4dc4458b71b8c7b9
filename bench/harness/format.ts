/** Figures as people read them. */
import type { Goal, Unit } from "./row.ts";

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

function time(ms: number): string {
  if (Math.abs(ms) < 0.000_999_5) return `${digits(ms * 1e6)} ns`;
  if (Math.abs(ms) < 0.999_5) return `${digits(ms * 1000)} µs`;
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

function bytes(value: number): string {
  if (value < 1000) return `${value.toFixed(0)} B`;
  if (value < 1e6) return `${digits(value / 1e3)} KB`;
  return value < 1e9 ? `${digits(value / 1e6)} MB` : `${digits(value / 1e9)} GB`;
}

const formats: { readonly [unit in Unit]: (value: number) => string } = {
  ms: time,
  "/s": (value) => `${digits(value)}/s`,
  bytes,
  "×": (value) => `${digits(value)}×`,
  "%": (value) => `${digits(value)} %`,
  count: digits,
};

export function formatFigure(value: number | undefined, unit: Unit): string {
  if (value === undefined) return "";
  return Number.isFinite(value) ? formats[unit](value) : "–";
}

/** A round number: without the zeros that a measured figure shows for its precision. */
export function formatRound(value: number, unit: Unit): string {
  if (value === 0) return "0";
  return formatFigure(value, unit)
    .replace(/(\.\d*?)0+(?=\D|$)/u, "$1")
    .replace(/\.(?=\D|$)/u, "");
}

export function formatGoal(goal: Goal, unit: Unit): string {
  return "atMost" in goal ? `≤ ${formatRound(goal.atMost, unit)}` : `≥ ${formatRound(goal.atLeast, unit)}`;
}
