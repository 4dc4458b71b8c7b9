/** Timing and printing for the component benchmarks. */

/** One measured row: nanoseconds for each call. */
export interface Row {
  readonly what: string;
  readonly emet: number;
  readonly jco: number;
  readonly target: string;
}

/** Something to be timed: does its work `count` times. */
export type Work = (count: number) => unknown;

const rounds = 15;
/** Rounds before the timed ones, in which the engine optimises. */
const warmUpRounds = 4;

/** Times several works alternately, so that a busy moment of the machine hits all of them; gives the medians in ns. */
export async function compare(works: readonly Work[], count: number): Promise<readonly number[]> {
  const times: number[][] = works.map(() => []);
  for (let round = 0; round < warmUpRounds; round++) for (const work of works) await work(count);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const start = process.hrtime.bigint();
      await work(count);
      times[index]?.push(Number(process.hrtime.bigint() - start) / count);
    }
  }
  return times.map(median);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

function format(nanoseconds: number): string {
  if (Number.isNaN(nanoseconds)) return "-";
  if (nanoseconds < 1e3) return `${nanoseconds.toFixed(0)} ns`;
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(2)} µs` : `${(nanoseconds / 1e6).toFixed(2)} ms`;
}

/** Prints rows as a table. */
export function print(rows: readonly Row[]): void {
  const cells = rows.map(({ what, emet, jco, target }) => [
    what,
    format(emet),
    format(jco),
    Number.isNaN(jco) ? "-" : `${(jco / emet).toFixed(1)}x`,
    target,
  ]);
  const table = [["median for each call", "emet", "jco", "ratio", "target"], ...cells];
  const widths = table[0]?.map((_cell, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}
