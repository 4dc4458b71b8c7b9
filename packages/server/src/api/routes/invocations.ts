/** Invocations as the OpenAPI document describes them; `invocation-listener.ts` serves them. */
import { createRoute, z } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import { emptySchema, invokeBodySchema, invokeResultSchema } from "@emet/contract";
import { componentParams, errorResponses, json, workerParams } from "../schemas.ts";

const workerPath = "/v1/components/{component_id}/workers/{worker_name}";
const anyWorkerPath = "/v1/components/{component_id}";

function invocationRoute(path: string, awaitResult: boolean): RouteConfig {
  const named = path.startsWith(workerPath);
  return createRoute({
    method: "post",
    path,
    tags: ["Worker"],
    summary: awaitResult ? "Invoke a function and wait for its result" : "Invoke a function without waiting",
    request: {
      params: named ? workerParams : componentParams,
      query: z.object({ function: z.string() }),
      headers: z.object({ "Idempotency-Key": z.string().optional() }),
      body: { content: { "application/json": { schema: invokeBodySchema } }, required: true },
    },
    responses: {
      200: awaitResult ? json("The result", invokeResultSchema) : json("It is accepted", emptySchema),
      ...errorResponses,
    },
  });
}

export const invocationRoutes: readonly RouteConfig[] = [
  invocationRoute(`${workerPath}/invoke-and-await`, true),
  invocationRoute(`${workerPath}/invoke`, false),
  invocationRoute(`${anyWorkerPath}/invoke-and-await`, true),
  invocationRoute(`${anyWorkerPath}/invoke`, false),
];
