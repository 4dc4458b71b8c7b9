/** Many invocations over one connection: a line of JSON for each, and one for each answer. */
import { z } from "zod";
import { golemErrorSchema } from "./golem-error.ts";
import { invokeBodySchema, invokeResultSchema } from "./worker.ts";

const idSchema = z.union([z.string(), z.int()]);

const lineFields = {
  /** Given back with the answer; the number of the line, counted from 0, where there is none. */
  id: idSchema.optional(),
  /** A new worker where there is none. */
  worker: z.string().optional(),
  function: z.string(),
  idempotencyKey: z.string().min(1).optional(),
  /** False: answered when it is accepted, without a result. */
  await: z.boolean().optional(),
};

/** A line of the request. */
export const batchInvocationSchema = invokeBodySchema.extend(lineFields);

/** The same without a look at the parameters, which the worker's owner checks. */
export const batchLineSchema = z.object({ params: z.array(z.unknown()), ...lineFields });

/** A line of the answer: a result, nothing where none was awaited, or an error with the status that it would have alone. */
export const batchAnswerSchema = invokeResultSchema.partial().extend({
  id: idSchema,
  status: z.int().optional(),
  errors: z.array(z.string()).optional(),
  error: z.string().optional(),
  golemError: golemErrorSchema.optional(),
});
