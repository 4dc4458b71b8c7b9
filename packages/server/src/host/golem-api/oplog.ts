/**
 * golem:api/oplog: oplogs read from inside (spec/host-interfaces.md §7.3). What was read is recorded, as the other worker
 * goes on meanwhile.
 */
import { list, record, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import { parseQuery, QueryError } from "../../durability/oplog/query.ts";
import type { Query } from "../../durability/oplog/query.ts";
import { searchTexts } from "../../durability/oplog/search-texts.ts";
import { showEntry } from "../../durability/oplog/shown-entry.ts";
import type { ShownEntry } from "../../durability/oplog/shown-entry.ts";
import { storedEntry, StoredOplog } from "../../durability/oplog/stored-entry.ts";
import type { StoredEntry } from "../../durability/oplog/stored-entry.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { GolemApiOplog, OplogEntry } from "../generated/golem-api-1.1/oplog.ts";
import type { HostContext, HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { toWitEntry, withoutLaterKinds } from "./oplog-entry.ts";
import { fromWitWorkerId, toWitWorkerId, workerId } from "./types.ts";
import type { WitWorkerId } from "./types.ts";

const pageCount = 100;

const getFunction = durableFunction({
  name: "golem::api::get_oplog::get_next",
  class: "remote-read",
  request: record({ workerId }),
  response: list(storedEntry),
});
const searchFunction = durableFunction({
  name: "golem::api::search_oplog::get_next",
  class: "remote-read",
  request: record({ workerId, text: string }),
  response: list(storedEntry),
});

/** An entry in the form of the version that the guest was built with. */
type ToWit = (entry: ShownEntry) => OplogEntry;

function toWitFor(importName: string): ToWit {
  const patch = Number(/@1\.1\.(\d+)/u.exec(importName)?.[1] ?? "0");
  if (patch >= 6) return toWitEntry;
  return (entry) => withoutLaterKinds(toWitEntry(entry), entry.timestampMs);
}

/** Where a guest stands in an oplog. After a replay it reads on behind the last entry that was recorded. */
class OplogCursor {
  readonly #toWit: ToWit;
  readonly #context: HostContext;
  readonly worker: WorkerId;
  #oplog: StoredOplog | undefined;
  #nextIndex: number;
  ended = false;

  constructor(context: HostContext, worker: WorkerId, start: number, toWit: ToWit) {
    this.#toWit = toWit;
    this.#context = context;
    this.worker = worker;
    this.#nextIndex = start;
  }

  show(entry: StoredEntry): Promise<ShownEntry> {
    const { signature } = this.#context.workers;
    return showEntry(entry, (version, name) => signature(this.worker.componentId, version, name));
  }

  /** Live: the next entries, at most a page of them. */
  async read(include: (entry: StoredEntry) => boolean | Promise<boolean>): Promise<readonly StoredEntry[]> {
    const { readOplog: read, payload, pause } = this.#context.workers;
    this.#oplog ??= new StoredOplog({ worker: this.worker, read, payload, pause, from: this.#nextIndex });
    return await this.#oplog.next(pageCount, include);
  }

  /** Notes what was given to the guest, and gives it in its form; undefined at the end. */
  async give(entries: readonly StoredEntry[]): Promise<readonly (readonly [bigint, OplogEntry])[] | undefined> {
    this.#nextIndex = (entries.at(-1)?.index ?? this.#nextIndex) + 1;
    this.ended = entries.length === 0;
    if (this.ended) return undefined;
    const shown = await Promise.all(entries.map((entry) => this.show(entry)));
    return shown.map((entry) => [BigInt(entry.index), this.#toWit(entry)] as const);
  }
}

class GetOplog extends HostObject {
  readonly #context: HostContext;
  readonly #cursor: OplogCursor;

  constructor(context: HostContext, cursor: OplogCursor) {
    super();
    this.#context = context;
    this.#cursor = cursor;
  }

  async next(): Promise<readonly OplogEntry[] | undefined> {
    const cursor = this.#cursor;
    if (cursor.ended) return undefined;
    const request = { workerId: toWitWorkerId(cursor.worker) };
    const entries = await this.#context.durable.callWaiting(getFunction, request, () => cursor.read(() => true));
    return (await cursor.give(entries))?.map(([, entry]) => entry);
  }
}

class SearchOplog extends HostObject {
  readonly #context: HostContext;
  readonly #cursor: OplogCursor;
  readonly #text: string;

  constructor(context: HostContext, cursor: OplogCursor, text: string) {
    super();
    this.#context = context;
    this.#cursor = cursor;
    this.#text = text;
  }

  /** A query that can't be read traps here, and not where it is given. */
  async next(): Promise<readonly (readonly [bigint, OplogEntry])[] | undefined> {
    const cursor = this.#cursor;
    if (cursor.ended) return undefined;
    const query = readQuery(this.#text);
    const request = { workerId: toWitWorkerId(cursor.worker), text: this.#text };
    const matches = async (entry: StoredEntry): Promise<boolean> => query(searchTexts(await cursor.show(entry)));
    return await cursor.give(
      await this.#context.durable.callWaiting(searchFunction, request, () => cursor.read(matches)),
    );
  }
}

function readQuery(text: string): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    throw error instanceof QueryError ? new HostTrap(error.message) : error;
  }
}

export const oplog: HostInterface<GolemApiOplog> = {
  name: "golem:api/oplog@1.1.7",
  durable: {
    "[method]get-oplog.get-next": getFunction,
    "[method]search-oplog.get-next": searchFunction,
  },
  bind: (context, importName) => {
    const { resources } = context;
    const toWit = toWitFor(importName);
    const cursor = (id: WitWorkerId, start: number): OplogCursor =>
      new OplogCursor(context, fromWitWorkerId(id), start, toWit);
    const drop = resource((representation) => resources.remove(representation));
    return {
      functions: {
        "[constructor]get-oplog": sync((id: WitWorkerId, start: bigint) =>
          resources.add(new GetOplog(context, cursor(id, Number(start)))),
        ),
        "[method]get-oplog.get-next": suspending((self: number) => resources.get(self, GetOplog).next()),
        "[constructor]search-oplog": sync((id: WitWorkerId, text: string) =>
          resources.add(new SearchOplog(context, cursor(id, 1), text)),
        ),
        "[method]search-oplog.get-next": suspending((self: number) => resources.get(self, SearchOplog).next()),
      },
      resources: { "get-oplog": drop, "search-oplog": drop },
    };
  },
};
