/** A copy of a worker that goes on by itself from a moment of the other's history (spec/host-interfaces.md §9). */
import type { EntryFields } from "../durability/oplog/entry-types.ts";
import { decodeEntry, framesOf } from "../durability/oplog/decode-entry.ts";
import type { IndexedFrame } from "../durability/oplog/decode-entry.ts";
import type { ImportedCall } from "../durability/oplog/imported-function.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { OplogSession } from "./oplog-session.ts";
import { beginDeliveries } from "./plugins.ts";
import { newOplog, readOplog } from "./oplog-session.ts";
import type { WorkerServices } from "./services.ts";
import { invalidRequest, WorkerError } from "./worker-error.ts";

export interface Fork {
  readonly source: WorkerId;
  readonly target: WorkerId;
  /** The last entry that is copied; all of them without. */
  readonly cutOff: number | undefined;
}

/**
 * Writes the oplog of the copy; durable when it resolves. The copy has the source's arguments, environment and version,
 * and the source for its parent. What waited for the source doesn't wait for the copy. `last` follows what is copied.
 */
export async function writeFork<Request, Response>(
  { source, target, cutOff }: Fork,
  services: WorkerServices,
  last?: ImportedCall<Request, Response>,
): Promise<OplogSession> {
  const chunks = await readOplog(source, services);
  if (chunks.length === 0) {
    throw new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(source)}` });
  }
  const records = chunks.flatMap((chunk) => [...framesOf(chunk)]);
  if (cutOff !== undefined && cutOff < 2) throw invalidRequest("oplog_index_cut_off must be at least 2");
  if (cutOff !== undefined && !(cutOff <= records.length)) {
    throw invalidRequest(`Cannot fork at oplog index ${cutOff}: the oplog has the indices 1 to ${records.length}`);
  }
  const session = newOplog(target, services);
  for (const record of records.slice(0, cutOff)) copyRecord(record, { source, target, session, services });
  if (last !== undefined) session.writer.appendImported(last);
  const waiting = session.state.pending.map(({ invocation }) => invocation);
  for (const invocation of waiting) {
    if (invocation.tag === "function") {
      session.writer.append("cancel-pending-invocation", { idempotencyKey: invocation.val.idempotencyKey });
    } else if (session.state.pendingUpdates.length === 0) {
      const { targetVersion } = invocation.val;
      session.writer.append("failed-update", { targetVersion, details: "the worker was forked" });
    }
  }
  const { activePlugins, processes } = session.state;
  if (processes === undefined) await beginDeliveries(target, activePlugins, services);
  await session.writer.commit();
  return session;
}

interface Copying {
  readonly source: WorkerId;
  readonly target: WorkerId;
  readonly session: OplogSession;
  readonly services: WorkerServices;
}

function copyRecord(record: IndexedFrame, { source, target, session, services }: Copying): void {
  const payloads = services.blobs.getSync;
  if (record.kind !== "create") {
    session.writer.copy(record, payloads);
    return;
  }
  const fields = decodeEntry(record, payloads).fields as EntryFields<"create">;
  session.writer.append("create", { ...fields, workerId: target, parent: source });
}
