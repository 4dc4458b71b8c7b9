/**
 * How a benchmark tells what it found. Under `npm run bench` the reports go to the runner, which draws and writes; run
 * alone, the program prints a table when it ends.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { familiesOf } from "./row.ts";
import type { Report, Row } from "./row.ts";
import { textTable } from "./table.ts";

/** Where the runner wants the reports, one a line. */
export const reportsVariable = "EMET_BENCH_REPORTS";

const file = process.env[reportsVariable];
const reports: Report[] = [];

function send(report: Report): void {
  reports.push(report);
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(report)}\n`);
}

if (file === undefined) {
  process.once("exit", () => {
    for (const { title, rows, notes } of familiesOf(reports)) {
      console.log(`\n${title}\n\n${textTable(rows)}`);
      for (const remark of notes) console.log(`\n${remark}`);
    }
  });
}

/** Begins a family: the rows and notes that follow belong to it. */
export function family(id: string, title: string, about: string): void {
  send({ kind: "family", id, title, about });
}

export function row(found: Row): void {
  send({ kind: "row", row: found });
}

export function note(text: string): void {
  send({ kind: "note", text });
}

/** Says on the terminal what is going on; it is no result. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

const { values } = parseArgs({ strict: false, options: { quick: { type: "boolean" } } });

/** A short run was asked for (`--quick`): figures show that the benchmark works, and little more. */
export const quick = values["quick"] === true;

/** The first, or in a short run the second. */
export function sized<T>(full: T, short: T): T {
  return quick ? short : full;
}

/** The value of `--name=value`, or what is usual. */
export function numberOption(name: string, usual: number): number {
  const text = textOption(name);
  return text === undefined ? usual : Number(text);
}

/** The value of `--name=value`. */
export function textOption(name: string): string | undefined {
  return process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
}
