/** What a worker has done, entry by entry (spec/service.md §9). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { oplogPageMax, oplogPageSchema } from "@emet/contract";
import type { WorkerService } from "../../cluster/worker-service.ts";
import { badRequest, jsonText } from "../errors.ts";
import { errorResponses, json, workerIdOf, workerParams, workerPath } from "../schemas.ts";
import { validationHook } from "../validation.ts";

const oplog = createRoute({
  method: "get",
  path: `${workerPath}/oplog`,
  tags: ["Worker"],
  summary: "Read or search a worker's oplog",
  request: {
    params: workerParams,
    query: z.object({
      from: z
        .string()
        .regex(/^\d{1,15}$/u, "Invalid from: it must be an oplog index")
        .optional(),
      count: z.string().regex(/^\d{1,15}$/u, "Invalid count: it must be a number"),
      cursor: z
        .string()
        .regex(/^\d{1,15}-\d{1,15}$/u, "Invalid cursor: it must be {next_oplog_index}-{current_component_version}")
        .optional(),
      query: z.string().optional(),
    }),
  },
  responses: { 200: json("A page of entries", oplogPageSchema), ...errorResponses },
});

/** Nobody reads the answer any more; it is only counted. */
const closedByClient = 499;

export function oplogRoutes(workers: WorkerService): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  routes.openapi(oplog, async (context) => {
    const { from, count, cursor, query } = context.req.valid("query");
    if (from !== undefined && query !== undefined) {
      throw badRequest("Cannot specify both the 'from' and the 'query' parameters");
    }
    const entries = Number(count);
    if (entries < 1) throw badRequest("Invalid count: it must be at least 1");
    const [next, version] = (cursor ?? "").split("-");
    const question = {
      from: Math.max(Number(cursor === undefined ? (from ?? 1) : next), 1),
      version: cursor === undefined ? undefined : Number(version),
      count: Math.min(entries, oplogPageMax),
      query,
    };
    // It aborts when the client goes away.
    const { signal } = context.req.raw;
    const worker = workerIdOf(context.req.valid("param"));
    const text = await workers.oplog(worker, question, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (text === undefined) return jsonText("", closedByClient);
    return jsonText(text);
  });
  return routes;
}
