/** Worker rows on their way to a client, from the worker table or from the journal. */
import type { WorkerRow } from "../durability/worker-row.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerFilter } from "../worker/worker-index.ts";
import { matchesFilter } from "./filter-match.ts";
import { statusOfCode } from "./journal-format.ts";
import type { WorkerState } from "./worker-states.ts";

export interface PackedRow {
  readonly key: number;
  readonly name: string;
  readonly status: number;
  readonly version: number;
  readonly created_at_ms: number;
  readonly needs_recovery: number;
  /** JSON */
  readonly environment: string;
  readonly detail: Uint8Array;
}

export interface PackedWorker {
  readonly id: WorkerId;
  readonly row: PackedRow;
}

export const packedColumns =
  "w.key, w.name, w.status, w.version, w.created_at_ms, w.needs_recovery, w.environment, w.detail";

export function encodeEnvironment(env: WorkerRow["env"]): string {
  return JSON.stringify(env);
}

export function decodeEnvironment(text: string): WorkerRow["env"] {
  return JSON.parse(text) as [string, string][];
}

export function unpackRow(row: PackedRow): WorkerRow {
  return {
    status: statusOfCode(row.status),
    componentVersion: row.version,
    createdAtMs: row.created_at_ms,
    env: decodeEnvironment(row.environment),
    needsRecovery: row.needs_recovery === 1,
    detail: row.detail,
  };
}

function environmentOf(state: WorkerState): string {
  const { buffer, byteOffset, length } = state.environment;
  return Buffer.from(buffer, byteOffset, length).toString();
}

/** The row of a worker with pending entries. */
export function packPending(state: WorkerState): PackedRow | undefined {
  const { newest } = state;
  if (newest === undefined) return undefined;
  return {
    key: state.key,
    name: state.id.workerName,
    status: newest.status,
    version: newest.componentVersion,
    created_at_ms: newest.createdAtMs,
    needs_recovery: newest.needsRecovery ? 1 : 0,
    environment: environmentOf(state),
    detail: newest.detail,
  };
}

/** Whether the pending row of a worker matches. */
export function pendingMatches(state: WorkerState, filter: WorkerFilter | undefined): boolean {
  const { newest } = state;
  if (newest === undefined) return false;
  if (filter === undefined) return true;
  return matchesFilter(filter, {
    name: state.id.workerName,
    status: newest.status,
    componentVersion: newest.componentVersion,
    createdAtMs: newest.createdAtMs,
    get env() {
      return decodeEnvironment(environmentOf(state));
    },
  });
}
