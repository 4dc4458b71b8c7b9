/** Enumeration of workers from inside (spec/host-interfaces.md §7.2): pages from the worker index, recorded. */
import { list, option, record, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { decodeDetail } from "../../durability/row.ts";
import { workerStatuses } from "../../durability/worker-row.ts";
import type { OrderComparator, StringComparator, WorkerFilter, WorkerQuery } from "../../worker/worker-index.ts";
import type {
  FilterComparator,
  StringFilterComparator,
  WorkerAnyFilter,
  WorkerPropertyFilter,
} from "../generated/golem-api-1.1/host.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { fromWitUuid, uuid } from "./types.ts";
import type { WitUuid } from "./types.ts";
import { metadata, toWitMetadata } from "./worker-metadata.ts";
import type { Metadata } from "./worker-metadata.ts";

const pageCount = 50;

export const getNextFunction = durableFunction({
  name: "golem::api::get_workers::get_next",
  class: "remote-read",
  request: record({ componentId: uuid, afterName: option(string) }),
  response: record({ workers: list(metadata), nextName: option(string) }),
});

const stringComparators: { readonly [C in StringFilterComparator]: StringComparator } = {
  equal: "Equal",
  "not-equal": "NotEqual",
  like: "Like",
  "not-like": "NotLike",
};

const orderComparators: { readonly [C in FilterComparator]: OrderComparator } = {
  equal: "Equal",
  "not-equal": "NotEqual",
  "greater-equal": "GreaterEqual",
  greater: "Greater",
  "less-equal": "LessEqual",
  less: "Less",
};

function toFilter({ tag, val }: WorkerPropertyFilter): WorkerFilter {
  switch (tag) {
    case "name":
      return { type: "Name", comparator: stringComparators[val.comparator], value: val.value };
    case "env":
      return { type: "Env", name: val.name, comparator: stringComparators[val.comparator], value: val.value };
    case "version":
      return { type: "Version", comparator: orderComparators[val.comparator], value: Number(val.value) };
    case "created-at":
      return { type: "CreatedAt", comparator: orderComparators[val.comparator], valueMs: Number(val.value) };
    case "status": {
      const value = workerStatuses.find((status) => status.toLowerCase() === val.value) ?? "Idle";
      return { type: "Status", comparator: orderComparators[val.comparator], value };
    }
  }
}

/** Any of the alternatives, each of which wants all of its properties; empty ones match. */
function toAnyFilter({ filters }: WorkerAnyFilter): WorkerFilter {
  return {
    type: "Or",
    filters: filters.map((all) => ({ type: "And", filters: all.filters.map((property) => toFilter(property)) })),
  };
}

interface SavedEnumeration {
  readonly componentId: WitUuid;
  readonly filter: WorkerAnyFilter | undefined;
  readonly afterName: string | undefined;
  readonly ended: boolean;
}

const savedEnumeration = savedKind<SavedEnumeration>("get-workers", (saved, { context }) => {
  const workers = new GetWorkers(context, saved.componentId, saved.filter);
  workers.goOnFrom(saved);
  return workers;
});

/** Where an enumeration stands. The index always has the status as of now, so that all of them are precise. */
export class GetWorkers extends HostObject {
  readonly #context: HostContext;
  readonly #componentId: WitUuid;
  readonly #filter: WorkerAnyFilter | undefined;
  #afterName: string | undefined;
  #ended = false;

  constructor(context: HostContext, componentId: WitUuid, filter: WorkerAnyFilter | undefined) {
    super();
    this.#context = context;
    this.#componentId = componentId;
    this.#filter = filter;
  }

  /** Goes on where another one stood. */
  goOnFrom({ afterName, ended }: Pick<SavedEnumeration, "afterName" | "ended">): void {
    this.#afterName = afterName;
    this.#ended = ended;
  }

  override save(): SavedObject {
    return savedEnumeration({
      componentId: this.#componentId,
      filter: this.#filter,
      afterName: this.#afterName,
      ended: this.#ended,
    });
  }

  /** A full page, as long as more follow; undefined at the end. */
  next(): MaybePromise<readonly Metadata[] | undefined> {
    if (this.#ended) return undefined;
    const request = { componentId: this.#componentId, afterName: this.#afterName };
    const page = this.#context.durable.callWaiting(getNextFunction, request, () => this.#read());
    return page instanceof Promise ? page.then((read) => this.#take(read)) : this.#take(page);
  }

  #take(page: {
    readonly workers: readonly Metadata[];
    readonly nextName: string | undefined;
  }): readonly Metadata[] | undefined {
    this.#afterName = page.nextName;
    this.#ended = page.nextName === undefined;
    return page.workers.length === 0 ? undefined : page.workers;
  }

  async #read(): Promise<{ readonly workers: readonly Metadata[]; readonly nextName: string | undefined }> {
    const query: WorkerQuery = {
      componentId: fromWitUuid(this.#componentId),
      count: pageCount,
      ...(this.#filter === undefined ? {} : { filter: toAnyFilter(this.#filter) }),
      ...(this.#afterName === undefined ? {} : { afterName: this.#afterName }),
    };
    // The worker that asks is among them, as it is now.
    await this.#context.durable.commit();
    const { workers, nextName } = await this.#context.workers.list(query);
    return {
      workers: workers.map(({ id, row }) => toWitMetadata(id, { row, detail: decodeDetail(row) })),
      nextName,
    };
  }
}
