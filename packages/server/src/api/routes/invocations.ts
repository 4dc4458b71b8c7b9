/** Invocations as the OpenAPI document describes them; `invocation-listener.ts` and `invocation-batch.ts` serve them. */
import { createRoute, z } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import {
  batchAnswerSchema,
  batchInvocationSchema,
  emptySchema,
  invokeBodySchema,
  invokeResultSchema,
} from "@emet/contract";
import { batchContentType } from "../invocation-batch.ts";
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

const batchRoute = createRoute({
  method: "post",
  path: `${anyWorkerPath}/invocations`,
  tags: ["Worker"],
  summary: "Invoke functions of many workers over one connection: a line of JSON for each, and one for each answer",
  request: {
    params: componentParams,
    body: { content: { [batchContentType]: { schema: batchInvocationSchema } }, required: true },
  },
  responses: {
    200: {
      description: "The answers, each as soon as it is durable, in any order",
      content: { [batchContentType]: { schema: batchAnswerSchema } },
    },
    ...errorResponses,
  },
});

export const invocationRoutes: readonly RouteConfig[] = [
  invocationRoute(`${workerPath}/invoke-and-await`, true),
  invocationRoute(`${workerPath}/invoke`, false),
  invocationRoute(`${anyWorkerPath}/invoke-and-await`, true),
  invocationRoute(`${anyWorkerPath}/invoke`, false),
  batchRoute,
];
