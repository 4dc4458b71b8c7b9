/** Pages of enumeration. Clients know a position as a number; the index knows it as a name. */
import type { WorkerFilterJson } from "@emet/contract";
import type { workerListSchema } from "@emet/contract";
import type { z } from "@hono/zod-openapi";
import type { WorkerService } from "../cluster/worker-service.ts";
import type { WorkerFilter } from "../worker/worker-index.ts";
import { badRequest } from "./errors.ts";
import { workerJson } from "./worker-json.ts";

const defaultCount = 50;

/** Positions given out and remembered; a client that comes back later must begin again. */
const positionsMax = 100_000;

export interface PageRequest {
  readonly componentId: string;
  readonly filter: WorkerFilterJson | undefined;
  readonly cursor: number | undefined;
  readonly count: number | undefined;
}

export class WorkerPages {
  readonly #workers: WorkerService;
  readonly #names = new Map<number, string>();
  #nextPosition = 1;

  constructor(workers: WorkerService) {
    this.#workers = workers;
  }

  async page(request: PageRequest): Promise<z.infer<typeof workerListSchema>> {
    const { componentId, filter, cursor, count = defaultCount } = request;
    const afterName = cursor === undefined || cursor === 0 ? undefined : this.#nameAt(cursor);
    const page = await this.#workers.list({
      componentId,
      count,
      ...(filter === undefined ? {} : { filter: toIndexFilter(filter) }),
      ...(afterName === undefined ? {} : { afterName }),
    });
    const next = page.nextName === undefined ? null : { cursor: this.#remember(page.nextName), layer: 0 };
    return { workers: page.workers.map(workerJson), cursor: next };
  }

  #nameAt(position: number): string {
    const name = this.#names.get(position);
    if (name === undefined) throw badRequest(`Unknown cursor ${position}: begin the enumeration again`);
    return name;
  }

  #remember(name: string): number {
    const position = this.#nextPosition++;
    this.#names.set(position, name);
    const [oldest] = this.#names.keys();
    if (this.#names.size > positionsMax && oldest !== undefined) this.#names.delete(oldest);
    return position;
  }
}

function toIndexFilter(filter: WorkerFilterJson): WorkerFilter {
  switch (filter.type) {
    case "CreatedAt":
      return { type: "CreatedAt", comparator: filter.comparator, valueMs: Date.parse(filter.value) };
    case "And":
    case "Or":
      return { type: filter.type, filters: filter.filters.map(toIndexFilter) };
    case "Not":
      return { type: "Not", filter: toIndexFilter(filter.filter) };
    case "Name":
    case "Env":
    case "Status":
    case "Version":
      return filter;
  }
}
