/** Parts that many routes share: parameters and responses. */
import { z } from "@hono/zod-openapi";
import { golemErrorSchema, isComponentId, isWorkerName } from "@emet/contract";
import type { WorkerId } from "../platform/worker-id.ts";

export const componentIdParameter = z
  .string()
  .refine(isComponentId, "Invalid component id: it must be a UUID")
  .transform((id) => id.toLowerCase());

export const workerNameParameter = z
  .string()
  .refine(isWorkerName, "Invalid worker name: 1 to 100 letters, digits, _ and -, not beginning with -");

export const versionParameter = z
  .string()
  .regex(/^\d{1,20}$/u, "Invalid version: it must be a number")
  .transform(Number);

export const componentParams = z.object({ component_id: componentIdParameter });
export const workerParams = z.object({ component_id: componentIdParameter, worker_name: workerNameParameter });

export const workersPath = "/v1/components/{component_id}/workers";
export const workerPath = `${workersPath}/{worker_name}` as const;

export function workerIdOf(params: z.infer<typeof workerParams>): WorkerId {
  return { componentId: params.component_id, workerName: params.worker_name };
}

const errorsBody = z.object({ errors: z.array(z.string()) });
const errorBody = z.object({ error: z.string() });
const golemErrorBody = z.union([z.object({ golemError: golemErrorSchema }), errorBody]);

interface JsonResponse<S extends z.ZodType> {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: S } };
}

export function json<S extends z.ZodType>(description: string, schema: S): JsonResponse<S> {
  return { description, content: { "application/json": { schema } } };
}

export const errorResponses = {
  400: json("The request is wrong", errorsBody),
  404: json("What it names doesn't exist", errorBody),
  500: json("The worker or the server failed", golemErrorBody),
} as const;

export const conflictResponse = { 409: json("The name is taken", errorBody) } as const;
