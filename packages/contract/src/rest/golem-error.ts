/** The errors of workers as clients see them: `golemError` in the body of a 500 (spec/service.md §6.2). */
import { z } from "zod";

const workerId = z.object({ componentId: z.string(), workerName: z.string() });
const promiseId = z.object({ workerId, oplogIdx: z.number() });
const withDetails = <const T extends string>(type: T): z.ZodObject<{ type: z.ZodLiteral<T>; details: z.ZodString }> =>
  z.object({ type: z.literal(type), details: z.string() });

export const golemErrorSchema = z.discriminatedUnion("type", [
  withDetails("InvalidRequest"),
  z.object({ type: z.literal("WorkerAlreadyExists"), workerId }),
  z.object({ type: z.literal("WorkerNotFound"), workerId }),
  z.object({ type: z.literal("WorkerCreationFailed"), workerId, details: z.string() }),
  z.object({
    type: z.literal("ComponentParseFailed"),
    componentId: z.object({ componentId: z.string(), version: z.number() }),
    reason: z.string(),
  }),
  z.object({ type: z.literal("PromiseNotFound"), promiseId }),
  z.object({ type: z.literal("Interrupted"), recoverImmediately: z.boolean() }),
  withDetails("ParamTypeMismatch"),
  withDetails("ValueMismatch"),
  z.object({ type: z.literal("UnexpectedOplogEntry"), expected: z.string(), got: z.string() }),
  withDetails("RuntimeError"),
  withDetails("PreviousInvocationFailed"),
  z.object({ type: z.literal("PreviousInvocationExited") }),
  withDetails("Unknown"),
]);

export type GolemErrorData = z.infer<typeof golemErrorSchema>;
