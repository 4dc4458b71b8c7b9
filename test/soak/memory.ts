/** What a process takes of memory, over time. */
import { readFile } from "node:fs/promises";

export interface MemorySample {
  readonly seconds: number;
  readonly bytes: number;
}

/** Resident bytes of a process; undefined where the system doesn't tell or the process is gone. */
export async function residentBytes(processId: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${processId}/status`, "utf8").catch(() => "");
  const [, kib] = /^VmRSS:\s+(\d+) kB$/mu.exec(status) ?? [];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** Bytes a second, of the line that fits best (least squares). */
export function slope(samples: readonly MemorySample[]): number {
  const mean = (of: (sample: MemorySample) => number): number =>
    samples.reduce((total, sample) => total + of(sample), 0) / samples.length;
  const seconds = mean((sample) => sample.seconds);
  const bytes = mean((sample) => sample.bytes);
  const covariance = mean((sample) => (sample.seconds - seconds) * (sample.bytes - bytes));
  const variance = mean((sample) => (sample.seconds - seconds) ** 2);
  return variance === 0 ? 0 : covariance / variance;
}
