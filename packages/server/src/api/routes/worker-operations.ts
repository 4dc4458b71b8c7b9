/** What can be done to a worker: update, revert, fork, cancel, interrupt, resume (spec/service.md §8.5, §8.8, §8.9). */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  cancelledInvocationSchema,
  dryRunResultSchema,
  dryRunUpdateSchema,
  emptySchema,
  forkedWorkerSchema,
  forkWorkerSchema,
  isWorkerName,
  revertWorkerSchema,
  updateWorkerSchema,
} from "@emet/contract";
import type { RevertWorker } from "@emet/contract";
import type { WorkerService } from "../../cluster/worker-service.ts";
import type { RevertTarget } from "../../worker/revert.ts";
import { badRequest } from "../errors.ts";
import { errorResponses, json, workerIdOf, workerParams, workerPath } from "../schemas.ts";
import { validationHook } from "../validation.ts";

const tags = ["Worker"];

const interrupt = createRoute({
  method: "post",
  path: `${workerPath}/interrupt`,
  tags,
  summary: "Interrupt a worker, or imitate a crash",
  request: {
    params: workerParams,
    query: z.object({ "recovery-immediately": z.enum(["true", "false"]).optional() }),
  },
  responses: { 200: json("Done", emptySchema), ...errorResponses },
});

const resume = createRoute({
  method: "post",
  path: `${workerPath}/resume`,
  tags,
  summary: "Resume an interrupted, suspended or idle worker",
  request: { params: workerParams },
  responses: { 200: json("Done", emptySchema), ...errorResponses },
});

const update = createRoute({
  method: "post",
  path: `${workerPath}/update`,
  tags,
  summary: "Change a worker's version: by replaying its history, or by what it saves itself",
  request: {
    params: workerParams,
    body: { content: { "application/json": { schema: updateWorkerSchema } }, required: true },
  },
  responses: { 200: json("It is noted; the worker's metadata tell how it went", emptySchema), ...errorResponses },
});

const dryRun = createRoute({
  method: "post",
  path: `${workerPath}/update-dry-run`,
  tags,
  summary: "Learn what an automatic update would come to, without touching the worker",
  request: {
    params: workerParams,
    body: { content: { "application/json": { schema: dryRunUpdateSchema } }, required: true },
  },
  responses: { 200: json("How far the version came", dryRunResultSchema), ...errorResponses },
});

const revert = createRoute({
  method: "post",
  path: `${workerPath}/revert`,
  tags,
  summary: "Take back what a worker has done since an earlier moment",
  request: {
    params: workerParams,
    body: { content: { "application/json": { schema: revertWorkerSchema } }, required: true },
  },
  responses: { 200: json("Done", emptySchema), ...errorResponses },
});

const fork = createRoute({
  method: "post",
  path: `${workerPath}/fork`,
  tags,
  summary: "Make a copy of a worker, as it was at some moment",
  request: {
    params: workerParams,
    body: { content: { "application/json": { schema: forkWorkerSchema } }, required: true },
  },
  responses: { 200: json("The copy", forkedWorkerSchema), ...errorResponses },
});

const cancel = createRoute({
  method: "delete",
  path: `${workerPath}/invocations/{idempotency_key}`,
  tags,
  summary: "Cancel an invocation that hasn't begun",
  request: { params: workerParams.extend({ idempotency_key: z.string() }) },
  responses: { 200: json("Whether it will not run", cancelledInvocationSchema), ...errorResponses },
});

function revertTarget(body: RevertWorker): RevertTarget {
  return body.type === "revertToOplogIndex"
    ? { kind: "oplog-index", index: body.lastOplogIndex }
    : { kind: "last-invocations", count: body.numberOfInvocations };
}

export function workerOperationRoutes(workers: WorkerService): OpenAPIHono {
  const routes = new OpenAPIHono({ defaultHook: validationHook });
  addInterruption(routes, workers);
  routes.openapi(update, async (context) => {
    const { mode, targetVersion, keepFiles } = context.req.valid("json");
    const worker = workerIdOf(context.req.valid("param"));
    const command = mode === "Automatic" ? ("automatic" as const) : ("snapshot-based" as const);
    await workers.command({ kind: "update", worker, targetVersion, mode: command, keepFiles: keepFiles ?? undefined });
    return context.json({}, 200);
  });
  routes.openapi(dryRun, async (context) => {
    const worker = workerIdOf(context.req.valid("param"));
    return context.json(await workers.dryRun(worker, context.req.valid("json").targetVersion), 200);
  });
  routes.openapi(revert, async (context) => {
    const worker = workerIdOf(context.req.valid("param"));
    await workers.command({ kind: "revert", worker, target: revertTarget(context.req.valid("json")) });
    return context.json({}, 200);
  });
  routes.openapi(fork, async (context) => {
    const source = workerIdOf(context.req.valid("param"));
    const { targetWorkerName, oplogIndexCutOff } = context.req.valid("json");
    if (!isWorkerName(targetWorkerName)) throw badRequest(`Invalid worker name: "${targetWorkerName}"`);
    const worker = { componentId: source.componentId, workerName: targetWorkerName };
    await workers.command({ kind: "fork", worker, source, cutOff: oplogIndexCutOff ?? undefined, repeated: false });
    return context.json({ workerId: worker }, 200);
  });
  routes.openapi(cancel, async (context) => {
    const { idempotency_key: key, ...worker } = context.req.valid("param");
    return context.json({ canceled: await workers.cancel(workerIdOf(worker), key) }, 200);
  });
  return routes;
}

function addInterruption(routes: OpenAPIHono, workers: WorkerService): void {
  routes.openapi(interrupt, async (context) => {
    const imitateCrash = context.req.valid("query")["recovery-immediately"] === "true";
    await workers.interrupt(workerIdOf(context.req.valid("param")), imitateCrash);
    return context.json({}, 200);
  });
  routes.openapi(resume, async (context) => {
    await workers.resume(workerIdOf(context.req.valid("param")));
    return context.json({}, 200);
  });
}
