/** Workers: creation, metadata, enumeration, and what can be done to them (spec/service.md §3.1). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  completePromiseSchema,
  createdWorkerSchema,
  createWorkerSchema,
  emptySchema,
  filterPartsMax,
  findWorkersSchema,
  FilterTextError,
  isWorkerName,
  parseFilterText,
  workerListSchema,
  workerMetadataSchema,
} from "@emet/contract";
import type { WorkerFilterJson } from "@emet/contract";
import type { WorkerService } from "../../cluster/worker-service.ts";
import { badRequest } from "../errors.ts";
import {
  componentParams,
  errorResponses,
  json,
  workerIdOf,
  workerParams,
  workerPath,
  workersPath,
} from "../schemas.ts";
import { validationHook } from "../validation.ts";
import { workerJson } from "../worker-json.ts";
import { workerPage } from "../worker-pages.ts";

const tags = ["Worker"];

const create = createRoute({
  method: "post",
  path: workersPath,
  tags,
  summary: "Create a worker on the latest version",
  request: {
    params: componentParams,
    body: { content: { "application/json": { schema: createWorkerSchema } }, required: true },
  },
  responses: { 200: json("The worker is loaded", createdWorkerSchema), ...errorResponses },
});

const filterQuery = z.union([z.string(), z.array(z.string())]).optional();

const list = createRoute({
  method: "get",
  path: workersPath,
  tags,
  summary: "Enumerate workers by text filters",
  request: {
    params: componentParams,
    query: z.object({
      filter: filterQuery,
      cursor: z
        .string()
        .regex(/^\d{1,15}\/\d{1,15}$/u, "Invalid cursor: it must be layer/cursor")
        .optional(),
      count: z.coerce.number().int().min(1).max(10_000).optional(),
      precise: z.enum(["true", "false"]).optional(),
    }),
  },
  responses: { 200: json("A page of workers", workerListSchema), ...errorResponses },
});

const find = createRoute({
  method: "post",
  path: `${workersPath}/find`,
  tags,
  summary: "Enumerate workers by a filter",
  request: {
    params: componentParams,
    body: { content: { "application/json": { schema: findWorkersSchema } }, required: true },
  },
  responses: { 200: json("A page of workers", workerListSchema), ...errorResponses },
});

const get = createRoute({
  method: "get",
  path: workerPath,
  tags,
  summary: "A worker's metadata",
  request: { params: workerParams },
  responses: { 200: json("The metadata", workerMetadataSchema), ...errorResponses },
});

const remove = createRoute({
  method: "delete",
  path: workerPath,
  tags,
  summary: "Delete a worker",
  request: { params: workerParams },
  responses: { 200: json("It is gone", emptySchema), ...errorResponses },
});

const complete = createRoute({
  method: "post",
  path: `${workerPath}/complete`,
  tags,
  summary: "Complete a promise",
  request: {
    params: workerParams,
    body: { content: { "application/json": { schema: completePromiseSchema } }, required: true },
  },
  responses: { 200: json("Whether this call completed it", z.boolean()), ...errorResponses },
});

const connect = createRoute({
  method: "get",
  path: `${workerPath}/connect`,
  tags,
  summary: "Watch a worker: a WebSocket with a JSON text frame for each event",
  request: { params: workerParams },
  responses: { 101: { description: "The stream of events" }, ...errorResponses },
});

function textFilter(texts: string | readonly string[] | undefined): WorkerFilterJson | undefined {
  if (texts === undefined) return undefined;
  if (texts.length >= filterPartsMax) throw badRequest(`More than ${filterPartsMax - 1} filters were given`);
  try {
    return { type: "And", filters: [texts].flat().map(parseFilterText) };
  } catch (error) {
    if (error instanceof FilterTextError) throw badRequest(error.message);
    throw error;
  }
}

export function workerRoutes(workers: WorkerService): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  addEnumeration(routes, workers);
  routes.openapi(create, async (context) => {
    const { component_id: componentId } = context.req.valid("param");
    const { name, args, env, config } = context.req.valid("json");
    if (!isWorkerName(name)) throw badRequest(`Invalid worker name: "${name}"`);
    const id = { componentId, workerName: name };
    const componentVersion = await workers.create(id, {
      args,
      env: Object.entries(env),
      config: Object.entries(config),
    });
    return context.json({ workerId: id, componentVersion }, 200);
  });
  routes.openapi(get, async (context) => {
    const worker = await workers.get(workerIdOf(context.req.valid("param")));
    return context.json(workerJson(worker), 200);
  });
  routes.openapi(remove, async (context) => {
    await workers.delete(workerIdOf(context.req.valid("param")));
    return context.json({}, 200);
  });
  routes.openapi(complete, async (context) => {
    const worker = workerIdOf(context.req.valid("param"));
    const { oplogIdx, data } = context.req.valid("json");
    const completed = await workers.completePromise({ worker, oplogIndex: oplogIdx }, Uint8Array.from(data));
    return context.json(completed, 200);
  });
  routes.openapi(connect, () => {
    throw badRequest("The request must upgrade the connection to a WebSocket");
  });
  return routes;
}

function addEnumeration(routes: OpenAPIHono, workers: WorkerService): void {
  routes.openapi(list, async (context) => {
    const { component_id: componentId } = context.req.valid("param");
    const query = context.req.valid("query");
    // The validated query holds one value for a repeated name; all of them are joined with AND.
    const filter = textFilter(context.req.queries("filter"));
    const cursor = query.cursor === undefined ? undefined : Number(query.cursor.split("/")[1]);
    return context.json(await workerPage(workers, { componentId, filter, cursor, count: query.count }), 200);
  });
  routes.openapi(find, async (context) => {
    const { component_id: componentId } = context.req.valid("param");
    const { filter, cursor, count } = context.req.valid("json");
    const page = await workerPage(workers, {
      componentId,
      filter: filter ?? undefined,
      cursor: cursor?.cursor,
      count: count ?? undefined,
    });
    return context.json(page, 200);
  });
}
