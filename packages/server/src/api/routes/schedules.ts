/** Promises of workers, and what is scheduled for them. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  cancelledScheduleSchema,
  formatJson,
  newScheduleSchema,
  parseJson,
  promiseListSchema,
  scheduledSchema,
  scheduleListSchema,
} from "@emet/contract";
import type { PageQuery, ScheduleService } from "../../cluster/schedule-service.ts";
import type { Entropy } from "../../platform/entropy.ts";
import { errorResponses, json, workerIdOf, workerParams, workerPath } from "../schemas.ts";
import { validationHook } from "../validation.ts";
import { timestamp } from "../worker-json.ts";

const tags = ["Worker"];

/** Of a page, unless it is told. */
const pageItems = 1000;

const pageQuery = z.object({
  count: z.coerce.number().int().min(1).max(10_000).optional(),
  cursor: z.string().optional(),
});

function pageOf({ count = pageItems, cursor }: z.infer<typeof pageQuery>): PageQuery {
  return { count, cursor };
}

const promises = createRoute({
  method: "get",
  path: `${workerPath}/promises`,
  tags,
  summary: "The promises that a worker made, the latest first",
  request: { params: workerParams, query: pageQuery },
  responses: { 200: json("A page of them", promiseListSchema), ...errorResponses },
});

const list = createRoute({
  method: "get",
  path: `${workerPath}/schedules`,
  tags,
  summary: "What is to happen to a worker at some time",
  request: { params: workerParams, query: pageQuery },
  responses: { 200: json("A page of it, by time", scheduleListSchema), ...errorResponses },
});

const add = createRoute({
  method: "post",
  path: `${workerPath}/schedules`,
  tags,
  summary: "Have a function called at some time",
  request: {
    params: workerParams,
    query: z.object({ function: z.string() }),
    headers: z.object({ "idempotency-key": z.string().min(1).optional() }),
    body: { content: { "application/json": { schema: newScheduleSchema } }, required: true },
  },
  responses: { 200: json("It is scheduled", scheduledSchema), ...errorResponses },
});

const cancel = createRoute({
  method: "delete",
  path: `${workerPath}/schedules/{schedule_id}`,
  tags,
  summary: "Cancel a scheduled call",
  request: { params: workerParams.extend({ schedule_id: z.string() }) },
  responses: { 200: json("Whether it will not happen", cancelledScheduleSchema), ...errorResponses },
});

export function scheduleRoutes(schedules: ScheduleService, entropy: Entropy): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  routes.openapi(promises, async (context) => {
    const workerId = workerIdOf(context.req.valid("param"));
    const { items, cursor = null } = await schedules.promises(workerId, pageOf(context.req.valid("query")));
    const shown = items.map(({ oplogIndex, completed }) => ({
      promiseId: { workerId, oplogIdx: oplogIndex },
      state: completed ? ("Completed" as const) : ("Pending" as const),
    }));
    return context.json({ promises: shown, cursor }, 200);
  });
  routes.openapi(list, async (context) => {
    const worker = workerIdOf(context.req.valid("param"));
    const { items, cursor = null } = await schedules.schedules(worker, pageOf(context.req.valid("query")));
    const shown = items.map(({ id, dueMs, call }) => ({
      id,
      at: timestamp(dueMs),
      kind: call === undefined ? ("WakeUp" as const) : ("Invocation" as const),
      target: call === undefined ? null : worker,
      function: call?.functionName ?? null,
      idempotencyKey: call?.idempotencyKey ?? null,
    }));
    return context.json({ schedules: shown, cursor }, 200);
  });
  routes.openapi(add, async (context) => {
    const worker = workerIdOf(context.req.valid("param"));
    const { function: functionName } = context.req.valid("query");
    const { at } = context.req.valid("json");
    const idempotencyKey = context.req.valid("header")["idempotency-key"] ?? entropy.uuid();
    // Read once more: integers keep all their digits.
    const { params } = parseJson(await context.req.text()) as { readonly params: never };
    const call = { worker, functionName, idempotencyKey, body: formatJson({ params }) };
    const id = await schedules.schedule(call, Date.parse(at));
    return context.json({ id, idempotencyKey }, 200);
  });
  routes.openapi(cancel, async (context) => {
    const { schedule_id: id, ...worker } = context.req.valid("param");
    return context.json({ canceled: await schedules.cancel(workerIdOf(worker), id) }, 200);
  });
  return routes;
}
