/** Invocations (spec/service.md §3.1). The body and the result pass through as text: the worker's owner knows the types. */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import { emptySchema, invokeBodySchema, invokeResultSchema, isComponentId, isWorkerName } from "@emet/contract";
import type { Context } from "hono";
import type { WorkerService } from "../../cluster/worker-service.ts";
import { badRequest } from "../errors.ts";
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

const routesTable: readonly { readonly path: string; readonly awaitResult: boolean }[] = [
  { path: `${workerPath}/invoke-and-await`, awaitResult: true },
  { path: `${workerPath}/invoke`, awaitResult: false },
  { path: `${anyWorkerPath}/invoke-and-await`, awaitResult: true },
  { path: `${anyWorkerPath}/invoke`, awaitResult: false },
];

export function invocationRoutes(workers: WorkerService): OpenAPIHono {
  const routes = new OpenAPIHono();
  for (const { path, awaitResult } of routesTable) {
    routes.openAPIRegistry.registerPath(invocationRoute(path, awaitResult));
    const honoPath = path.replaceAll(/\{(\w+)\}/gu, ":$1");
    // Not through the schema validator: it would parse the body only for the executor to parse it again.
    routes.post(honoPath, (context) => invoke(workers, context, awaitResult));
  }
  return routes;
}

async function invoke(workers: WorkerService, context: Context, awaitResult: boolean): Promise<Response> {
  const componentId = context.req.param("component_id") ?? "";
  const workerName = context.req.param("worker_name");
  if (!isComponentId(componentId)) throw badRequest("component_id: Invalid component id: it must be a UUID");
  if (workerName !== undefined && !isWorkerName(workerName)) throw badRequest(`Invalid worker name: "${workerName}"`);
  const functionName = context.req.query("function");
  if (functionName === undefined) throw badRequest("function: the query parameter is missing");
  const idempotencyKey = context.req.header("idempotency-key");
  if (idempotencyKey === "") throw badRequest("Idempotency-Key: the header is empty");
  const text = await workers.invoke({
    componentId: componentId.toLowerCase(),
    workerName,
    functionName,
    body: await context.req.text(),
    idempotencyKey,
    awaitResult,
  });
  return new Response(text, { headers: { "content-type": "application/json" } });
}
