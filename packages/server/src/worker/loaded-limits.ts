/** What the instances of one executor may take together, and what one of them takes. */
import type { Footprint } from "@emet/component";

/** Of one executor, or of all. */
export interface LoadedLimits {
  readonly loadedWorkersMax: number;
  /** How many of them may belong to one component. */
  readonly componentWorkersMax: number;
  /** Of all that is counted of instances: their linear memory above all. */
  readonly bytesMax: number;
  /** Mappings of the kernel, and linear memories: see `processLimits`. */
  readonly mappingsMax: number;
  readonly memoriesMax: number;
  /** A worker that was not used for so long leaves memory. */
  readonly idleMs: number;
}

/** The part of what all may take that an executor with this share has; all parts together are never more than the whole. */
export function limitsOfShare(all: LoadedLimits, share: number): LoadedLimits {
  const part = (most: number): number => Math.max(1, Math.floor(most * share));
  return {
    loadedWorkersMax: part(all.loadedWorkersMax),
    componentWorkersMax: part(all.componentWorkersMax),
    bytesMax: part(all.bytesMax),
    mappingsMax: part(all.mappingsMax),
    memoriesMax: part(all.memoriesMax),
    idleMs: all.idleMs,
  };
}

/** What a loaded worker takes. */
export interface Load {
  readonly bytes: number;
  readonly linearMemoryBytes: number;
  readonly memories: number;
}

/** In the host's own heap, measured: a worker of one module, and what each further one and each entry of a table adds. */
const workerBytes = 16_384;
const coreInstanceBytes = 4096;
const tableEntryBytes = 24;

/** Of the kernel, measured: for each memory, and for the stack of a guest that runs or waits. */
const mappingsPerMemory = 2;
const mappingsPerStack = 3;

/** Part of the mappings and memories that instances which have ended may hold until they are collected. */
const uncollectedShare = 1 / 4;

export function loadOf({ linearMemoryBytes, tableEntries, memories, coreInstances }: Footprint): Load {
  const bytes = workerBytes + coreInstances * coreInstanceBytes + tableEntries * tableEntryBytes + linearMemoryBytes;
  return { bytes, linearMemoryBytes, memories };
}

export function mappings(memories: number, stacks: number): number {
  return memories * mappingsPerMemory + stacks * mappingsPerStack;
}

/** What instances may take, without those that have ended. */
export function usableShare(most: number): number {
  return Math.max(1, Math.floor(most * (1 - uncollectedShare)));
}
