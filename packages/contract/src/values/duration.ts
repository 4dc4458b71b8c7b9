/** Durations as people write them: `1m 30s`, `100ms` (spec/service.md §1.1). */

const units = [
  ["days", 86_400_000_000_000n],
  ["h", 3_600_000_000_000n],
  ["m", 60_000_000_000n],
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["us", 1000n],
  ["ns", 1n],
] as const;

/** Of whole nanoseconds. */
export function formatDuration(nanoseconds: bigint): string {
  let rest = nanoseconds;
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = rest / size;
    rest %= size;
    if (count === 0n) continue;
    parts.push(unit === "days" && count === 1n ? "1day" : `${count}${unit}`);
  }
  return parts.length === 0 ? "0s" : parts.join(" ");
}
