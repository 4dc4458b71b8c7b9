/** Shown entries in golem:api's form. */
import type { ValueType } from "@emet/component";
import type { PluginDescription } from "../../durability/oplog/entry-types.ts";
import type { ShownEntry, TypedValue } from "../../durability/oplog/shown-entry.ts";
import type {
  OplogEntry,
  PluginInstallationDescription,
  WitValue,
  WrappedFunctionType,
} from "../generated/golem-api-1.1/oplog.ts";
import { toWitValue } from "../golem-rpc/wit-value.ts";
import type { WitHandles } from "../golem-rpc/wit-value.ts";
import { toWitRetryPolicy, toWitUuid, toWitWorkerId } from "./types.ts";

const handles: WitHandles = {
  toUri: (id) => ({ uri: "", id: BigInt(id) }),
  fromUri: () => undefined,
};

const emptyOption: TypedValue = { type: { kind: "option", some: { kind: "bool" } }, value: undefined };

const noPayload = (type: ValueType): boolean => type.kind === "tuple" && type.items.length === 0;

/** Payloads of functions without parameters or result are an empty option. */
function wit(given: TypedValue | undefined): WitValue {
  const { type, value } = given === undefined || noPayload(given.type) ? emptyOption : given;
  return toWitValue(type, value, handles);
}

function toWitPlugin({ installationId, name, version, parameters }: PluginDescription): PluginInstallationDescription {
  return { installationId: toWitUuid(installationId), name, version, parameters };
}

const functionTypes = {
  "local-read": "read-local",
  "local-write": "write-local",
  "remote-read": "read-remote",
  "remote-write": "write-remote",
} as const;

type Imported = Extract<ShownEntry, { readonly kind: "imported-function-invoked" }>;

function functionType({ functionClass, beginIndex }: Imported): WrappedFunctionType {
  if (functionClass !== "batched-remote-write") return { tag: functionTypes[functionClass] };
  return { tag: "write-remote-batched", val: beginIndex === undefined ? undefined : BigInt(beginIndex) };
}

/** There are no accounts: Golem's server has one of this name. */
export const accountId = { value: "-1" };

export function datetime(timestampMs: number): { readonly seconds: bigint; readonly nanoseconds: number } {
  return { seconds: BigInt(Math.floor(timestampMs / 1000)), nanoseconds: Math.round((timestampMs % 1000) * 1e6) };
}

export function toWitEntry(entry: ShownEntry): OplogEntry {
  const timestamp = datetime(entry.timestampMs);
  switch (entry.kind) {
    case "create": {
      const { componentVersion, workerId, args, env, parent, componentSize, initialMemorySize } = entry.fields;
      const { activePlugins = [] } = entry.fields;
      const val = {
        timestamp,
        workerId: toWitWorkerId(workerId),
        componentVersion: BigInt(componentVersion),
        args,
        env,
        accountId,
        parent: parent === undefined ? undefined : toWitWorkerId(parent),
        componentSize: BigInt(componentSize),
        initialTotalLinearMemorySize: BigInt(initialMemorySize),
        initialActivePlugins: activePlugins.map((plugin) => toWitPlugin(plugin)),
      };
      return { tag: entry.kind, val };
    }
    case "imported-function-invoked":
    case "exported-function-invoked":
    case "exported-function-completed":
    case "pending-worker-invocation":
      return toWitCall(entry);
    case "suspend":
    case "no-op":
    case "interrupted":
    case "exited":
    case "begin-atomic-region":
    case "begin-remote-write":
    case "restart":
      return { tag: entry.kind, val: timestamp };
    // How an interrupted worker went on is no entry of golem:api's.
    case "resumed":
      return { tag: "restart", val: timestamp };
    case "error":
      return { tag: entry.kind, val: { timestamp, error: entry.fields.message } };
    case "jump":
    case "revert": {
      const { start, end } = entry.fields.region;
      return { tag: entry.kind, val: { timestamp, start: BigInt(start), end: BigInt(end) } };
    }
    case "change-retry-policy": {
      const { maxJitterFactor, ...policy } = toWitRetryPolicy(entry.fields.policy);
      return { tag: entry.kind, val: { timestamp, retryPolicy: { ...policy, maxJitterFactor } } };
    }
    case "end-atomic-region":
    case "end-remote-write":
      return { tag: entry.kind, val: { timestamp, beginIndex: BigInt(entry.fields.beginIndex) } };
    case "cancel-pending-invocation":
      return { tag: "cancel-invocation", val: { timestamp, idempotencyKey: entry.fields.idempotencyKey } };
    default:
      return toWitChange(entry);
  }
}

/** Kinds that came with version 1.1.6. */
const laterTags: ReadonlySet<OplogEntry["tag"]> = new Set([
  "revert",
  "cancel-invocation",
  "start-span",
  "finish-span",
  "set-span-attribute",
  "change-persistence-level",
] as const);

/** For guests built with an earlier version, which have no name for some kinds of entries. */
export function withoutLaterKinds(entry: OplogEntry, timestampMs: number): OplogEntry {
  return laterTags.has(entry.tag) ? { tag: "no-op", val: datetime(timestampMs) } : entry;
}

type CallEntry = Extract<
  ShownEntry,
  {
    readonly kind:
      | "imported-function-invoked"
      | "exported-function-invoked"
      | "exported-function-completed"
      | "pending-worker-invocation";
  }
>;

function toWitCall(entry: CallEntry): OplogEntry {
  const timestamp = datetime(entry.timestampMs);
  switch (entry.kind) {
    case "imported-function-invoked": {
      const { functionName, request, response } = entry;
      const wrappedFunctionType = functionType(entry);
      return {
        tag: entry.kind,
        val: { timestamp, functionName, request: wit(request), response: wit(response), wrappedFunctionType },
      };
    }
    case "exported-function-invoked": {
      const { functionName, idempotencyKey, request = [] } = entry;
      const { trace } = entry;
      const context = {
        traceId: trace?.traceId ?? "",
        traceStates: trace?.states ?? [],
        invocationContext:
          trace === undefined ? [] : [[{ tag: "external-span" as const, val: { spanId: trace.parentId } }]],
      };
      const values = request.map((value) => wit(value));
      return { tag: entry.kind, val: { timestamp, functionName, request: values, idempotencyKey, ...context } };
    }
    case "exported-function-completed": {
      const { response, consumedFuel } = entry;
      return { tag: entry.kind, val: { timestamp, response: wit(response), consumedFuel: BigInt(consumedFuel) } };
    }
    case "pending-worker-invocation": {
      const { invocation } = entry;
      if ("targetVersion" in invocation) {
        const val = { tag: "manual-update" as const, val: BigInt(invocation.targetVersion) };
        return { tag: entry.kind, val: { timestamp, invocation: val } };
      }
      const { functionName, idempotencyKey, request } = invocation;
      const input = request?.map((value) => wit(value));
      const val = { tag: "exported-function" as const, val: { idempotencyKey, functionName, input } };
      return { tag: entry.kind, val: { timestamp, invocation: val } };
    }
  }
}

type ChangeEntry = Extract<
  ShownEntry,
  {
    readonly kind:
      | "pending-update"
      | "successful-update"
      | "failed-update"
      | "grow-memory"
      | "create-resource"
      | "drop-resource"
      | "describe-resource"
      | "activate-plugin"
      | "deactivate-plugin"
      | "log"
      | "start-span"
      | "finish-span"
      | "set-span-attribute";
  }
>;

function toWitChange(entry: ChangeEntry): OplogEntry {
  const timestamp = datetime(entry.timestampMs);
  switch (entry.kind) {
    case "pending-update": {
      const { targetVersion, description } = entry.fields;
      const updateDescription =
        description.tag === "automatic"
          ? { tag: "auto-update" as const }
          : { tag: "snapshot-based" as const, val: description.val };
      return { tag: entry.kind, val: { timestamp, targetVersion: BigInt(targetVersion), updateDescription } };
    }
    case "successful-update": {
      const { targetVersion, componentSize, activePlugins = [] } = entry.fields;
      const sizes = { targetVersion: BigInt(targetVersion), newComponentSize: BigInt(componentSize) };
      const newActivePlugins = activePlugins.map((plugin) => toWitPlugin(plugin));
      return { tag: entry.kind, val: { timestamp, ...sizes, newActivePlugins } };
    }
    case "failed-update": {
      const { targetVersion, details } = entry.fields;
      return { tag: entry.kind, val: { timestamp, targetVersion: BigInt(targetVersion), details } };
    }
    case "grow-memory":
      return { tag: entry.kind, val: { timestamp, delta: BigInt(entry.fields.delta) } };
    case "create-resource":
    case "drop-resource":
      return { tag: entry.kind, val: { timestamp, resourceId: BigInt(entry.fields.resourceId) } };
    case "describe-resource": {
      const { resourceId, resourceName, parameters } = entry.fields;
      const resourceParams = parameters.map((value) => wit({ type: { kind: "string" }, value }));
      return { tag: entry.kind, val: { timestamp, resourceId: BigInt(resourceId), resourceName, resourceParams } };
    }
    case "activate-plugin":
    case "deactivate-plugin":
      return { tag: entry.kind, val: { timestamp, plugin: toWitPlugin(entry.fields.plugin) } };
    case "start-span": {
      const { spanId, parentId, attributes } = entry.fields;
      const witAttributes = attributes.map(([key, val]) => ({ key, value: { tag: "string" as const, val } }));
      const val = { timestamp, spanId, parent: parentId, linkedContext: undefined, attributes: witAttributes };
      return { tag: entry.kind, val };
    }
    case "finish-span":
      return { tag: entry.kind, val: { timestamp, spanId: entry.fields.spanId } };
    case "set-span-attribute": {
      const { spanId, key, value } = entry.fields;
      return { tag: entry.kind, val: { timestamp, spanId, key, value: { tag: "string", val: value } } };
    }
    case "log": {
      const { level, context, message } = entry.fields;
      return { tag: entry.kind, val: { timestamp, level: level as "stdout", context, message } };
    }
  }
}
