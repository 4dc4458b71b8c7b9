/** Entries of oplogs in the JSON that clients read (spec/service.md §9). */
import { formatDuration, typeToJson, valueToJson } from "@emet/contract";
import type { PublicLogLevel, OplogEntryJson, PublicValue } from "@emet/contract";
import type { EntryKind, OplogRegion, PluginDescription, TraceParent } from "../durability/oplog/entry-types.ts";
import { publicKinds } from "../durability/oplog/public-kinds.ts";
import type { PublicKind } from "../durability/oplog/public-kinds.ts";
import type { NamedValue, ShownEntry, TypedValue } from "../durability/oplog/shown-entry.ts";
import { accountId } from "../host/golem-api/oplog-entry.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { handleUrn } from "./invocation-json.ts";

const nothing: TypedValue = { type: { kind: "tuple", items: [] }, value: [] };

type EntryOf<K extends EntryKind> = Extract<ShownEntry, { readonly kind: K }>;
type PublicOf<K extends EntryKind> = Extract<OplogEntryJson, { type: PublicKind<K> }>;

/** One function for each kind: what its entries have besides their type and time. */
type Views = {
  readonly [K in EntryKind]: (entry: EntryOf<K>, worker: WorkerId) => Omit<PublicOf<K>, "type" | "timestamp">;
};

const bare = (): object => ({});

const views: Views = {
  create: ({ fields }) => ({
    worker_id: fields.workerId,
    component_version: fields.componentVersion,
    args: [...fields.args],
    env: Object.fromEntries(fields.env),
    account_id: accountId.value,
    parent: fields.parent ?? null,
    component_size: fields.componentSize,
    initial_total_linear_memory_size: fields.initialMemorySize,
    initial_active_plugins: (fields.activePlugins ?? []).map((plugin) => publicPlugin(plugin)),
  }),
  "imported-function-invoked": (entry, worker) => ({
    function_name: entry.functionName,
    request: publicValue(entry.request, worker),
    response: publicValue(entry.response, worker),
    wrapped_function_type: functionType(entry),
  }),
  "exported-function-invoked": ({ functionName, idempotencyKey, request, trace }, worker) => ({
    function_name: functionName,
    request: publicValues(request ?? [], worker),
    idempotency_key: idempotencyKey,
    ...publicTrace(trace),
  }),
  "exported-function-completed": ({ response, consumedFuel }, worker) => ({
    response: publicValue(response ?? nothing, worker),
    consumed_fuel: consumedFuel,
  }),
  suspend: bare,
  error: ({ fields }) => ({ error: fields.message }),
  "no-op": bare,
  jump: ({ fields }) => ({ jump: publicRegion(fields.region) }),
  interrupted: bare,
  exited: bare,
  "change-retry-policy": ({ fields: { policy } }) => ({
    new_policy: {
      max_attempts: policy.maxAttempts,
      min_delay: formatDuration(BigInt(policy.minDelayNs)),
      max_delay: formatDuration(BigInt(policy.maxDelayNs)),
      multiplier: policy.multiplier,
      max_jitter_factor: policy.maxJitterFactor ?? null,
    },
  }),
  "begin-atomic-region": bare,
  "end-atomic-region": ({ fields }) => ({ begin_index: fields.beginIndex }),
  "begin-remote-write": bare,
  "end-remote-write": ({ fields }) => ({ begin_index: fields.beginIndex }),
  "pending-worker-invocation": ({ invocation }, worker) => ({ invocation: publicInvocation(invocation, worker) }),
  "cancel-pending-invocation": ({ fields }) => ({ idempotency_key: fields.idempotencyKey }),
  "pending-update": ({ fields: { targetVersion, description } }) => ({
    target_version: targetVersion,
    description:
      description.tag === "automatic"
        ? { type: "Automatic" }
        : { type: "SnapshotBased", payload: [...description.val] },
  }),
  "successful-update": ({ fields }) => ({
    target_version: fields.targetVersion,
    new_component_size: fields.componentSize,
    new_active_plugins: (fields.activePlugins ?? []).map((plugin) => publicPlugin(plugin)),
  }),
  "failed-update": ({ fields }) => ({ target_version: fields.targetVersion, details: fields.details ?? null }),
  "grow-memory": ({ fields }) => ({ delta: fields.delta }),
  "create-resource": ({ fields }) => ({ id: fields.resourceId }),
  "drop-resource": ({ fields }) => ({ id: fields.resourceId }),
  "describe-resource": ({ fields: { resourceId, resourceName, parameters } }, worker) => ({
    id: resourceId,
    resource_name: resourceName,
    resource_params: publicValues(
      parameters.map((value) => ({ type: { kind: "string" }, value })),
      worker,
    ),
  }),
  log: ({ fields: { level, context, message } }) => ({
    level: `${level.charAt(0).toUpperCase()}${level.slice(1)}` as PublicLogLevel,
    context,
    message,
  }),
  restart: bare,
  revert: ({ fields }) => ({ dropped_region: publicRegion(fields.region) }),
  "start-span": ({ fields: { spanId, parentId, attributes } }) => ({
    span_id: spanId,
    parent_id: parentId,
    linked_context: null,
    attributes: Object.fromEntries(attributes.map(([key, value]) => [key, { type: "String", value }] as const)),
  }),
  "finish-span": ({ fields }) => ({ span_id: fields.spanId }),
  "set-span-attribute": ({ fields: { spanId, key, value } }) => ({
    span_id: spanId,
    key,
    value: { type: "String", value },
  }),
  "activate-plugin": ({ fields }) => ({ plugin: publicPlugin(fields.plugin) }),
  "deactivate-plugin": ({ fields }) => ({ plugin: publicPlugin(fields.plugin) }),
  resumed: bare,
};

/** `worker` is the one that the entry is of. */
export function publicEntry(entry: ShownEntry, worker: WorkerId): OplogEntryJson {
  const { type } = publicKinds[entry.kind];
  const view = views[entry.kind] as (entry: ShownEntry, worker: WorkerId) => object;
  return { type, timestamp: new Date(entry.timestampMs).toISOString(), ...view(entry, worker) } as OplogEntryJson;
}

function publicValue({ type, value }: TypedValue, worker: WorkerId): PublicValue {
  const handles = { urn: (resourceId: number): string => handleUrn(worker, resourceId) };
  return { typ: typeToJson(type), value: valueToJson(type, value, handles) };
}

function publicValues(values: readonly TypedValue[], worker: WorkerId): PublicValue[] {
  return values.map((value) => publicValue(value, worker));
}

function publicRegion({ start, end }: OplogRegion): { start: number; end: number } {
  return { start, end };
}

function publicPlugin(plugin: PluginDescription): PublicOf<"activate-plugin">["plugin"] {
  const { installationId, name, version, parameters } = plugin;
  return {
    installation_id: installationId,
    plugin_name: name,
    plugin_version: version,
    parameters: Object.fromEntries(parameters),
  };
}

type PublicTrace = Pick<PublicOf<"exported-function-invoked">, "trace_id" | "trace_states" | "invocation_context">;

function publicTrace(trace: TraceParent | undefined): PublicTrace {
  if (trace === undefined) return { trace_id: "", trace_states: [], invocation_context: [] };
  const { traceId, parentId, states } = trace;
  return {
    trace_id: traceId,
    trace_states: [...states],
    invocation_context: [[{ type: "ExternalSpan", span_id: parentId }]],
  };
}

function publicInvocation(
  invocation: EntryOf<"pending-worker-invocation">["invocation"],
  worker: WorkerId,
): PublicOf<"pending-worker-invocation">["invocation"] {
  if ("targetVersion" in invocation) return { type: "ManualUpdate", target_version: invocation.targetVersion };
  const { functionName, idempotencyKey, request, trace } = invocation;
  return {
    type: "ExportedFunction",
    idempotency_key: idempotencyKey,
    full_function_name: functionName,
    function_input: request === undefined ? null : publicValues(request satisfies readonly NamedValue[], worker),
    ...publicTrace(trace),
  };
}

const functionTypes = {
  "local-read": "ReadLocal",
  "local-write": "WriteLocal",
  "remote-read": "ReadRemote",
  "remote-write": "WriteRemote",
} as const;

function functionType({
  functionClass,
  beginIndex,
}: EntryOf<"imported-function-invoked">): PublicOf<"imported-function-invoked">["wrapped_function_type"] {
  return functionClass === "batched-remote-write"
    ? { type: "WriteRemoteBatched", index: beginIndex ?? null }
    : { type: functionTypes[functionClass] };
}
