/**
 * A memory snapshot: what a worker is at one index of its oplog, so that loading it replays only what follows. It
 * spares time and nothing else: one that is missing, damaged or of another kind is passed over, and the oplog is enough.
 */
import { deserialize, serialize } from "node:v8";
import type { SavedOutcomes } from "../../durability/outcomes.ts";
import { Outcomes } from "../../durability/outcomes.ts";
import type { WorkerState } from "../../durability/worker-state.ts";
import { version } from "../../version.ts";
import type { SavedInstance } from "./saved-instance.ts";

/** Changes with what is saved of a worker, or how. Other releases may know other things of its resources: each uses its own. */
const format = `4 ${version}`;

export interface MemorySnapshot {
  /** The fold of the oplog; its last index is where the snapshot stands. */
  readonly state: WorkerState;
  /** Where the records end that the instance made while it started: they are replayed, too. 0 if it made none. */
  readonly startIndex: number;
  readonly instance: SavedInstance;
}

interface StoredSnapshot extends Omit<MemorySnapshot, "state"> {
  readonly format: string;
  readonly state: Omit<WorkerState, "outcomes"> & { readonly outcomes: SavedOutcomes };
}

/** A snapshot that was read doesn't fit the instance; that one can't be used. */
export class UnusableSnapshotError extends Error {
  override readonly name = "UnusableSnapshotError";

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Takes everything over at once, so that the worker may go on. */
export function writeSnapshot({ state, ...rest }: MemorySnapshot): Uint8Array {
  const stored: StoredSnapshot = { format, state: { ...state, outcomes: state.outcomes.save() }, ...rest };
  return serialize(stored);
}

/** Undefined for what is of another format. */
export function readSnapshot(bytes: Uint8Array): MemorySnapshot | undefined {
  try {
    const { format: found, state, ...rest } = deserialize(bytes) as StoredSnapshot;
    return found === format ? { state: { ...state, outcomes: new Outcomes(state.outcomes) }, ...rest } : undefined;
  } catch {
    return undefined;
  }
}
