/**
 * How many instances an executor can hold before the kernel or the engine ends the process: beyond what the kernel maps
 * for one process the engine aborts, and beyond the address space it makes no more memories. Both are the process's; each
 * executor has its share.
 */
import { readFileSync } from "node:fs";

/** Mappings that the process needs for itself, and for what is counted late. */
const mappingsReserved = 8000;
/** Where the kernel has no such limit, or doesn't tell. */
const mappingsAssumed = 65_530;
/** A linear memory is reserved with all that 32 bits can address and guard regions. */
const memoryReservedBytes = 8 * 2 ** 30;
/** What a process has of it. */
const addressSpaceBytes = 2 ** 47;
/** Part of it that is left to everything else. */
const addressSpaceReserved = 1 / 16;

/** What the process may take of the kernel. */
export interface ProcessLimits {
  readonly mappings: number;
  readonly memories: number;
}

export function processLimits(mappings: number = mappingsMax()): ProcessLimits {
  return {
    mappings: Math.max(mappings - mappingsReserved, 16),
    memories: Math.floor((addressSpaceBytes * (1 - addressSpaceReserved)) / memoryReservedBytes),
  };
}

function mappingsMax(): number {
  try {
    const value = Number(readFileSync("/proc/sys/vm/max_map_count", "utf8"));
    return Number.isSafeInteger(value) && value > 0 ? value : mappingsAssumed;
  } catch {
    return mappingsAssumed;
  }
}
