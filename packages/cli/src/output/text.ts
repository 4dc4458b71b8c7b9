/** Tables and labelled fields. */
import { paint } from "./style.ts";
import type { Style } from "./style.ts";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** By the cell's text. */
  readonly style?: (cell: string) => Style | undefined;
}

export type Cell = string | number | bigint;

/** Columns are as wide as their widest cell; the last isn't padded, so that lines can be copied. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  return [...tableLines(columns, rows)].join("\n");
}

function* tableLines(columns: readonly Column[], rows: readonly (readonly Cell[])[]): Generator<string> {
  const texts = rows.map((row) => row.map((cell) => printable(String(cell))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...texts.map((row) => (row[index] ?? "").length)),
  );
  const pad = (text: string, index: number): string => {
    if (columns[index]?.align === "right") return text.padStart(widths[index] ?? 0);
    return index === columns.length - 1 ? text : text.padEnd(widths[index] ?? 0);
  };
  yield columns.map(({ title }, index) => paint("bold", pad(title, index))).join("  ");
  for (const row of texts) {
    const cells = row.map((cell, index) => {
      const style = columns[index]?.style?.(cell);
      return style === undefined ? pad(cell, index) : paint(style, pad(cell, index));
    });
    yield cells.join("  ").trimEnd();
  }
}

export type Field = readonly [
  label: string,
  value: Cell | readonly string[] | null | undefined,
  style?: Style | undefined,
];

/** `Label:  value`, one a line; several values one below the other. Those without a value are left out. */
export function fields(list: readonly Field[]): string {
  const present = list.filter(
    ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  const width = Math.max(0, ...present.map(([label]) => label.length)) + 2;
  const lines = present.flatMap(([label, value, style]) => {
    const values = (Array.isArray(value) ? value : String(value).split("\n")) as readonly string[];
    return values.map((text, index) => {
      const shown = style === undefined ? printable(text) : paint(style, printable(text));
      return index === 0 ? `${paint("bold", `${label}:`.padEnd(width))}${shown}` : `${" ".repeat(width)}${shown}`;
    });
  });
  return lines.join("\n");
}

/** What would move the cursor or change the terminal's state is made visible. */
export function printable(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\t]/gu,
    (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`,
  );
}

export function bytes(count: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${count} bytes` : `${value.toFixed(1)} ${units[unit] ?? ""}`;
}
