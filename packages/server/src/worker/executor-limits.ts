/** How many instances this process can hold before the kernel ends it (v8: five mappings and more each). */
import { readFileSync } from "node:fs";

/** Mappings that the process needs for itself. */
const mappingsReserved = 8000;
const mappingsPerInstance = 6;
/** Where the kernel has no such limit, or doesn't tell. */
const mappingsAssumed = 65_530;

export function instancesMax(configured: number): number {
  return Math.max(1, Math.min(configured, Math.floor((mappingsMax() - mappingsReserved) / mappingsPerInstance)));
}

function mappingsMax(): number {
  try {
    const value = Number(readFileSync("/proc/sys/vm/max_map_count", "utf8"));
    return Number.isSafeInteger(value) && value > 0 ? value : mappingsAssumed;
  } catch {
    return mappingsAssumed;
  }
}
