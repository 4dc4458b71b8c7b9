/** Workers on the wire (spec/service.md §3). */
import { z } from "zod";
import { writtenTimestampSchema } from "./timestamp.ts";
import { typeSchema } from "./component.ts";

export const workerStatusSchema = z.enum([
  "Running",
  "Idle",
  "Suspended",
  "Interrupted",
  "Retrying",
  "Failed",
  "Exited",
]);

export const workerIdSchema = z.object({ componentId: z.string(), workerName: z.string() });

export const createWorkerSchema = z.object({
  name: z.string(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** What the worker gets from wasi:config. */
  config: z.record(z.string(), z.string()).default({}),
});

export const createdWorkerSchema = z.object({ workerId: workerIdSchema, componentVersion: z.number() });

const updateSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("pendingUpdate"), timestamp: writtenTimestampSchema, targetVersion: z.number() }),
  z.object({ type: z.literal("successfulUpdate"), timestamp: writtenTimestampSchema, targetVersion: z.number() }),
  z.object({
    type: z.literal("failedUpdate"),
    timestamp: writtenTimestampSchema,
    targetVersion: z.number(),
    details: z.string().nullable(),
  }),
]);

const ownedResourceSchema = z.object({
  createdAt: writtenTimestampSchema,
  indexed: z.object({ resourceName: z.string(), resourceParams: z.array(z.string()) }).nullable(),
});

export const workerMetadataSchema = z.object({
  workerId: workerIdSchema,
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  status: workerStatusSchema,
  componentVersion: z.number(),
  retryCount: z.number(),
  pendingInvocationCount: z.number(),
  updates: z.array(updateSchema),
  createdAt: writtenTimestampSchema,
  lastError: z.string().nullable(),
  componentSize: z.number(),
  totalLinearMemorySize: z.number(),
  ownedResources: z.record(z.string(), ownedResourceSchema),
  activePlugins: z.array(z.string()),
  /** What its invocations have computed so far, failed attempts included. */
  usage: z.object({ fuel: z.number(), cpuMs: z.number() }),
});
export type WorkerMetadata = z.infer<typeof workerMetadataSchema>;

export const scanCursorSchema = z.object({ cursor: z.number(), layer: z.number() });
export type ScanCursor = z.infer<typeof scanCursorSchema>;

export const workerListSchema = z.object({
  workers: z.array(workerMetadataSchema),
  cursor: scanCursorSchema.nullable(),
});

const fileNodeSchema = z.object({
  name: z.string(),
  /** Seconds since the epoch. */
  lastModified: z.number(),
  kind: z.enum(["directory", "file"]),
  /** Of files only, like `size`. */
  permissions: z.enum(["read-only", "read-write"]).nullable(),
  size: z.number().nullable(),
});
export type FileNode = z.infer<typeof fileNodeSchema>;

export const fileListSchema = z.object({ nodes: z.array(fileNodeSchema) });

/** Any JSON; its form follows from the function's type, which the worker's owner knows. */
const valueSchema = z.unknown();

const parameterSchema = z.union([z.object({ typ: typeSchema.optional(), value: valueSchema }), valueSchema]);

export const invokeBodySchema = z.object({ params: z.array(parameterSchema) });

export const invokeResultSchema = z.object({ result: z.object({ typ: typeSchema, value: valueSchema.nonoptional() }) });

export const completePromiseSchema = z.object({
  oplogIdx: z.number().int().nonnegative(),
  data: z.array(z.number().int().min(0).max(255)),
});

export const emptySchema = z.object({});
