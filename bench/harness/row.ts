/** What benchmarks report: rows of figures, as data. */

/** What figures are counted in; `betterIs` tells which of two is the better one. */
export const units = {
  ms: { betterIs: "less", axis: "time", title: "Times" },
  "/s": { betterIs: "more", axis: "per second", title: "Rates" },
  bytes: { betterIs: "less", axis: "bytes", title: "Sizes" },
  "×": { betterIs: "more", axis: "ratio", title: "Ratios" },
  "%": { betterIs: "more", axis: "per cent", title: "Parts" },
  count: { betterIs: "less", axis: "number", title: "Numbers" },
} as const satisfies {
  readonly [unit: string]: { readonly betterIs: "less" | "more"; readonly axis: string; readonly title: string };
};

export type Unit = keyof typeof units;

/** In the row's unit. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** What our own rows are called by; a variant adds to it after a comma. */
export const ours = "Emet";

export interface Row {
  /** What was measured: the same words for everyone that is compared. */
  readonly measure: string;
  /** Who did it: `Emet`, a variant of it (`Emet, …`), or an opponent. */
  readonly subject: string;
  readonly unit: Unit;
  readonly median: number;
  readonly p99?: number;
  /** Where on an axis: rows of one measure that differ by it are drawn as a line. */
  readonly at?: { readonly axis: string; readonly value: number };
  readonly goal?: Goal;
  /** The row of the design's table of goals (§8) that this one answers. */
  readonly design?: string;
  /** What a reader has to know about this figure. */
  readonly note?: string;
  /** Rows of one name share a chart; without it rows of a unit do. An empty name keeps the row out of charts. */
  readonly chart?: string;
}

/** A set of rows with a heading of its own. */
export interface Family {
  readonly id: string;
  readonly title: string;
  /** What is measured and how, in Markdown. */
  readonly about: string;
  readonly rows: readonly Row[];
  /** What is the same and what is not, and other remarks, in Markdown. */
  readonly notes: readonly string[];
}

/** One line of what a program hands to the runner. */
export type Report =
  | { readonly kind: "family"; readonly id: string; readonly title: string; readonly about: string }
  | { readonly kind: "row"; readonly row: Row }
  | { readonly kind: "note"; readonly text: string };

/** Puts together what a program has reported; a program may report several families, one after the other. */
export function familiesOf(reports: readonly Report[]): readonly Family[] {
  const families: { id: string; title: string; about: string; rows: Row[]; notes: string[] }[] = [];
  for (const report of reports) {
    if (report.kind === "family") {
      families.push({ id: report.id, title: report.title, about: report.about, rows: [], notes: [] });
      continue;
    }
    const family = families.at(-1);
    if (family === undefined) throw new Error("a row or note came before the family that it belongs to");
    if (report.kind === "row") family.rows.push(report.row);
    else family.notes.push(report.text);
  }
  return families;
}

export function meets(goal: Goal, value: number): boolean {
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** How many times better we are than an opponent's row; undefined where there is nothing of ours to compare with. */
export function ratioOf(row: Row, rows: readonly Row[]): number | undefined {
  // Of what is merely counted, nobody is the better one.
  if (row.subject.startsWith(ours) || row.unit === "count") return undefined;
  const own = rows.find(
    (other) =>
      other.subject === ours &&
      other.measure === row.measure &&
      other.unit === row.unit &&
      other.at?.value === row.at?.value,
  );
  if (own === undefined) return undefined;
  return units[row.unit].betterIs === "less" ? row.median / own.median : own.median / row.median;
}
