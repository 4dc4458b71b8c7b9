/** Pages of enumeration. Clients know a position as a number; the index knows it as a name. */
import type { WorkerFilterJson } from "@emet/contract";
import type { workerListSchema } from "@emet/contract";
import type { z } from "@hono/zod-openapi";
import type { WorkerService } from "../cluster/worker-service.ts";
import type { WorkerFilter } from "../worker/worker-index.ts";
import { badRequest } from "./errors.ts";
import { workerJson } from "./worker-json.ts";

const defaultCount = 50;

export interface PageRequest {
  readonly componentId: string;
  readonly filter: WorkerFilterJson | undefined;
  readonly cursor: number | undefined;
  readonly count: number | undefined;
}

/** Position 0 is the beginning. */
export async function workerPage(
  workers: WorkerService,
  { componentId, filter, cursor = 0, count = defaultCount }: PageRequest,
): Promise<z.infer<typeof workerListSchema>> {
  const afterName = cursor === 0 ? undefined : await nameAt(workers, componentId, cursor);
  const page = await workers.list({
    componentId,
    count,
    ...(filter === undefined ? {} : { filter: toIndexFilter(filter) }),
    ...(afterName === undefined ? {} : { afterName }),
  });
  const { nextPosition } = page;
  // There is one layer: no oplog is kept apart from the others.
  const next = nextPosition === undefined ? null : { cursor: nextPosition, layer: 0 };
  return { workers: page.workers.map(workerJson), cursor: next };
}

async function nameAt(workers: WorkerService, componentId: string, position: number): Promise<string> {
  const name = await workers.nameAt(componentId, position);
  if (name === undefined) throw badRequest(`Unknown cursor ${position}: begin the enumeration again`);
  return name;
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
