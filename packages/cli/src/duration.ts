import { usageError } from "./failure.ts";

const unitMs: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `1h30m`, `2d` in milliseconds. */
export function parseDuration(text: string): number {
  const compact = text.replaceAll(/\s/gu, "");
  if (!/^(?:\d+(?:ms|[smhd]))+$/u.test(compact)) throw usageError(`"${text}" is not a duration such as 90s or 1h30m`);
  const parts = compact.matchAll(/(\d+)(ms|[smhd])/gu);
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
}
