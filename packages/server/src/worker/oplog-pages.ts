/** Pages of oplogs for clients, read from the store: the worker is neither loaded nor woken (spec/service.md §9.4). */
import { formatJson } from "@emet/contract";
import type { OplogPageJson } from "@emet/contract";
import { parseQuery, QueryError } from "../durability/oplog/query.ts";
import type { Query } from "../durability/oplog/query.ts";
import { searchTexts } from "../durability/oplog/search-texts.ts";
import { showEntry } from "../durability/oplog/shown-entry.ts";
import type { ShownEntry } from "../durability/oplog/shown-entry.ts";
import { StoredOplog } from "../durability/oplog/stored-entry.ts";
import type { StoredEntry } from "../durability/oplog/stored-entry.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { publicEntry } from "./public-entry.ts";
import type { WorkerServices } from "./services.ts";
import { badRequest, WorkerError } from "./worker-error.ts";
import { workersAccess } from "./workers-access.ts";

export interface OplogQuestion {
  /** The first entry to look at. */
  readonly from: number;
  /** The version by whose types that one is; found out without. */
  readonly version: number | undefined;
  /** Entries that the page holds at most. */
  readonly count: number;
  /** Only entries for which it holds (`oplog/query.ts`). */
  readonly query: string | undefined;
}

/** JSON text of an `OplogPageJson`. Rejects with a `WorkerError`, or with the signal's reason: a search may take long. */
export async function readOplogPage(
  worker: WorkerId,
  question: OplogQuestion,
  services: WorkerServices,
  signal?: AbortSignal,
): Promise<string> {
  const { from, version, count } = question;
  const lastIndex = await services.oplogs.lastIndex(worker);
  if (lastIndex === 0) {
    throw new WorkerError({ kind: "not-found", message: `Worker not found: ${formatWorkerId(worker)}` });
  }
  const query = question.query === undefined ? undefined : readQuery(question.query);
  const { readOplog: read, payload, pause, signature } = workersAccess(services);
  const show = (entry: StoredEntry): Promise<ShownEntry> =>
    showEntry(entry, (wanted, name) => signature(worker.componentId, wanted, name));
  const oplog = new StoredOplog({ worker, read, payload, pause, from, version });
  const matches = async (entry: StoredEntry): Promise<boolean> => {
    signal?.throwIfAborted();
    return query === undefined || query(searchTexts(await show(entry)));
  };
  const found = await oplog.next(count, matches);
  const entries: OplogPageJson["entries"] = [];
  for (const entry of found) {
    entries.push({ oplogIndex: entry.index, entry: publicEntry(await show(entry), worker) });
  }
  const next =
    found.length === 0 ? null : { next_oplog_index: oplog.nextIndex, current_component_version: oplog.version };
  const page: OplogPageJson = { entries, next, firstIndexInChunk: from, lastIndex };
  return formatJson(page);
}

function readQuery(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    throw error instanceof QueryError ? badRequest(`Invalid query: ${error.message}`) : error;
  }
}
