/** Oplogs as clients read them (spec/service.md §9): fields of entries in snake_case, values with their types. */
import { z } from "zod";
import { writtenTimestampSchema } from "./timestamp.ts";
import { typeSchema } from "./component.ts";
import { workerIdSchema } from "./worker.ts";

const index = z.number();
const bytes = z.number();
const version = z.number();

/** The form of `value` follows from `typ`. */
const value = z.object({ typ: typeSchema, value: z.unknown().nonoptional() });
export type PublicValue = z.infer<typeof value>;

const region = z.object({ start: index, end: index });

const plugin = z.object({
  installation_id: z.string(),
  plugin_name: z.string(),
  plugin_version: z.string(),
  parameters: z.record(z.string(), z.string()),
});

const attribute = z.object({ type: z.literal("String"), value: z.string() });
const attributes = z.record(z.string(), attribute);

const span = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("LocalSpan"),
    span_id: z.string(),
    start: writtenTimestampSchema,
    parent_id: z.string().nullable(),
    linked_context: z.number().nullable(),
    attributes,
    inherited: z.boolean(),
  }),
  z.object({ type: z.literal("ExternalSpan"), span_id: z.string() }),
]);

/** The trace that a call belongs to; empty where its caller named none. */
const trace = {
  trace_id: z.string(),
  trace_states: z.array(z.string()),
  invocation_context: z.array(z.array(span)),
};

const invocation = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ExportedFunction"),
    idempotency_key: z.string(),
    full_function_name: z.string(),
    function_input: z.array(value).nullable(),
    ...trace,
  }),
  z.object({ type: z.literal("ManualUpdate"), target_version: version }),
]);

const updateDescription = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Automatic") }),
  z.object({ type: z.literal("SnapshotBased"), payload: z.array(z.number()) }),
]);

const wrappedFunctionType = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ReadLocal") }),
  z.object({ type: z.literal("WriteLocal") }),
  z.object({ type: z.literal("ReadRemote") }),
  z.object({ type: z.literal("WriteRemote") }),
  z.object({ type: z.literal("WriteRemoteBatched"), index: index.nullable() }),
]);

const retryPolicy = z.object({
  max_attempts: z.number(),
  /** Durations as text: `1m 30s`. */
  min_delay: z.string(),
  max_delay: z.string(),
  multiplier: z.number(),
  max_jitter_factor: z.number().nullable(),
});

const logLevel = z.enum(["Stdout", "Stderr", "Trace", "Debug", "Info", "Warn", "Error", "Critical"]);
export type PublicLogLevel = z.infer<typeof logLevel>;

type Entry<T extends string, Fields extends z.ZodRawShape> = z.ZodObject<
  { type: z.ZodLiteral<T>; timestamp: z.ZodString } & Fields
>;

function entry<const T extends string, Fields extends z.ZodRawShape>(type: T, fields: Fields): Entry<T, Fields> {
  return z.object({ type: z.literal(type), timestamp: writtenTimestampSchema, ...fields });
}

export const publicOplogEntrySchema = z.discriminatedUnion("type", [
  entry("Create", {
    worker_id: workerIdSchema,
    component_version: version,
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    account_id: z.string(),
    parent: workerIdSchema.nullable(),
    component_size: bytes,
    initial_total_linear_memory_size: bytes,
    initial_active_plugins: z.array(plugin),
  }),
  entry("ExportedFunctionInvoked", {
    function_name: z.string(),
    request: z.array(value),
    idempotency_key: z.string(),
    ...trace,
  }),
  entry("ExportedFunctionCompleted", { response: value, consumed_fuel: z.number() }),
  entry("ImportedFunctionInvoked", {
    function_name: z.string(),
    request: value,
    response: value,
    wrapped_function_type: wrappedFunctionType,
  }),
  entry("Suspend", {}),
  entry("Error", { error: z.string() }),
  entry("NoOp", {}),
  entry("Jump", { jump: region }),
  entry("Interrupted", {}),
  entry("Exited", {}),
  entry("ChangeRetryPolicy", { new_policy: retryPolicy }),
  entry("BeginAtomicRegion", {}),
  entry("EndAtomicRegion", { begin_index: index }),
  entry("BeginRemoteWrite", {}),
  entry("EndRemoteWrite", { begin_index: index }),
  entry("PendingWorkerInvocation", { invocation }),
  entry("PendingUpdate", { target_version: version, description: updateDescription }),
  entry("SuccessfulUpdate", {
    target_version: version,
    new_component_size: bytes,
    new_active_plugins: z.array(plugin),
  }),
  entry("FailedUpdate", { target_version: version, details: z.string().nullable() }),
  entry("GrowMemory", { delta: bytes }),
  entry("CreateResource", { id: z.number() }),
  entry("DropResource", { id: z.number() }),
  entry("DescribeResource", { id: z.number(), resource_name: z.string(), resource_params: z.array(value) }),
  entry("Log", { level: logLevel, context: z.string(), message: z.string() }),
  entry("Restart", {}),
  entry("ActivatePlugin", { plugin }),
  entry("DeactivatePlugin", { plugin }),
  entry("Revert", { dropped_region: region }),
  entry("CancelInvocation", { idempotency_key: z.string() }),
  entry("StartSpan", {
    span_id: z.string(),
    parent_id: z.string().nullable(),
    linked_context: z.string().nullable(),
    attributes,
  }),
  entry("FinishSpan", { span_id: z.string() }),
  entry("SetSpanAttribute", { span_id: z.string(), key: z.string(), value: attribute }),
]);
export type OplogEntryJson = z.infer<typeof publicOplogEntrySchema>;

/** Where to go on: as a query parameter it is written `{next_oplog_index}-{current_component_version}`. */
export const oplogCursorSchema = z.object({ next_oplog_index: index, current_component_version: version });

export const oplogPageSchema = z.object({
  entries: z.array(z.object({ oplogIndex: index, entry: publicOplogEntrySchema })),
  /** Null with an empty chunk, and only then: who reads all of it reads until null. */
  next: oplogCursorSchema.nullable(),
  /** The first entry that was looked at. */
  firstIndexInChunk: index,
  /** Of the whole oplog. */
  lastIndex: index,
});
export type OplogPageJson = z.infer<typeof oplogPageSchema>;

/** Entries that one page holds at most. */
export const oplogPageMax = 100;
