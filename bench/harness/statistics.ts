/** Figures of many measurements. */

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Median and 99th percentile of measurements, as a row wants them. */
export function summary(values: readonly number[]): { readonly median: number; readonly p99: number } {
  return { median: median(values), p99: quantile(values, 0.99) };
}

/** Of the same figures of several rounds, the median of each. */
export function medianOfRounds<T extends { readonly [name: string]: number }>(rounds: readonly T[]): T {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.map((round) => round[name] ?? Number.NaN))]),
  ) as unknown as T;
}

/** Milliseconds that some work takes. */
export async function milliseconds(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
