/** Promises that workers made, and what is to happen to workers at some time. */
import { z } from "zod";
import { writtenTimestampSchema } from "./timestamp.ts";
import { invokeBodySchema, workerIdSchema } from "./worker.ts";
import { timestampSchema } from "./worker-filter.ts";

/** Asked with, the next page is given; null after the last one. */
const cursor = z.string().nullable();

export const promiseListSchema = z.object({
  promises: z.array(
    z.object({
      promiseId: z.object({ workerId: workerIdSchema, oplogIdx: z.number() }),
      state: z.enum(["Pending", "Completed"]),
    }),
  ),
  cursor,
});

export const scheduleListSchema = z.object({
  schedules: z.array(
    z.object({
      id: z.string(),
      at: writtenTimestampSchema,
      kind: z.enum(["WakeUp", "Invocation"]),
      /** Whom an invocation is for. */
      target: workerIdSchema.nullable(),
      function: z.string().nullable(),
      idempotencyKey: z.string().nullable(),
    }),
  ),
  cursor,
});

/** The call is made at `at`, or at once when that has passed. */
export const newScheduleSchema = invokeBodySchema.extend({ at: timestampSchema });

export const scheduledSchema = z.object({ id: z.string(), idempotencyKey: z.string() });

export const cancelledScheduleSchema = z.object({ canceled: z.boolean() });
