/**
 * golem:api/host in its two incompatible versions. They differ in the retry policy's fields and in `get-self-uri`; one
 * set of functions serves both (spec/host-interfaces.md §1.2, §2.1 to §2.3).
 */
import { unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { PersistenceLevel } from "../../durability/durable-execution.ts";
import { RestartSignal } from "../../durability/errors.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { GolemApiHost as GolemApiHost02 } from "../generated/golem-api-0.2/host.ts";
import type { GolemApiHost as GolemApiHost11 } from "../generated/golem-api-1.1/host.ts";
import type { HostContext, HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { deriveIdempotencyKey } from "./idempotency-key.ts";
import { promiseFunctions, promiseRecords } from "./promises.ts";
import { otherWorkersFunctions, otherWorkersRecords } from "./other-workers.ts";
import { selfMetadata, selfMetadataFunction } from "./worker-metadata.ts";
import { fromWitRetryPolicy, fromWitWorkerId, toWitRetryPolicy, toWitUuid, uuid } from "./types.ts";
import type { WitRetryPolicy, WitWorkerId } from "./types.ts";

const generateKey = durableFunction({
  name: "golem api::generate_idempotency_key",
  // Declared a remote write by Golem; it changes nothing outside, and derives the same key again if its record is lost.
  class: "local-read",
  request: unit,
  response: uuid,
});

const records = {
  ...promiseRecords,
  ...otherWorkersRecords,
  "get-oplog-index": "no-op",
  "set-oplog-index": "jump",
  "mark-begin-operation": "begin-atomic-region",
  "mark-end-operation": "end-atomic-region",
  "set-retry-policy": "change-retry-policy",
  "generate-idempotency-key": generateKey,
  "get-self-metadata": selfMetadataFunction,
} as const;

function oplogFunctions({ durable }: HostContext) {
  return {
    "get-oplog-index": sync(() => BigInt(durable.mark("no-op", {}))),
    "set-oplog-index": suspending(async (index: bigint) => {
      if (!durable.live) return;
      await durable.jumpTo(Number(index));
      throw new RestartSignal();
    }),
    // One store, no replicas beyond it: what is committed is as safe as it gets.
    "oplog-commit": suspending((_replicas: number) => durable.commit()),
    "mark-begin-operation": suspending(async () => BigInt(await durable.beginAtomicRegion())),
    "mark-end-operation": sync((begin: bigint) => {
      durable.endAtomicRegion(Number(begin));
    }),
  };
}

function modeFunctions({ durable }: HostContext) {
  return {
    "get-oplog-persistence-level": sync(() => ({ tag: durable.persistenceLevel })),
    "set-oplog-persistence-level": suspending((level: { readonly tag: PersistenceLevel }) =>
      durable.setPersistenceLevel(level.tag),
    ),
    "get-idempotence-mode": sync(() => durable.idempotenceMode),
    "set-idempotence-mode": sync((idempotent: boolean) => {
      durable.idempotenceMode = idempotent;
    }),
  };
}

function workerFunctions(context: HostContext) {
  const { durable, facts, entropy } = context;
  return {
    "get-retry-policy": sync(() => toWitRetryPolicy(facts().retryPolicy)),
    "set-retry-policy": sync((policy: WitRetryPolicy) => {
      durable.mark("change-retry-policy", { policy: fromWitRetryPolicy(policy) });
    }),
    "generate-idempotency-key": sync(() =>
      durable.call(generateKey, [], () =>
        toWitUuid(deriveIdempotencyKey(facts().idempotencyKey ?? entropy.uuid(), durable.currentIndex - 1)),
      ),
    ),
    "get-self-metadata": sync(() => selfMetadata(context)),
    "worker-uri": sync((id: WitWorkerId) => ({ value: workerUri(fromWitWorkerId(id)) })),
    "get-self-uri": sync((functionName: string) => {
      return { value: `${workerUri(facts().id)}/${functionName}` };
    }),
  };
}

/** Its name is form-url-encoded. */
function workerUri({ componentId, workerName }: WorkerId): string {
  return `urn:worker:${componentId}/${encodeURIComponent(workerName).replaceAll("%20", "+")}`;
}

/** The functions of both versions; each takes those it has. */
function bind(context: HostContext) {
  return {
    functions: {
      ...promiseFunctions(context),
      ...oplogFunctions(context),
      ...modeFunctions(context),
      ...workerFunctions(context),
      ...otherWorkersFunctions(context),
    },
    resources: { "get-workers": resource((representation) => context.resources.remove(representation)) },
  };
}

const host02: HostInterface<GolemApiHost02> = { name: "golem:api/host@0.2.0", durable: records, bind };
const host11: HostInterface<GolemApiHost11> = { name: "golem:api/host@1.1.7", durable: records, bind };

export const golemHosts: readonly HostInterface[] = [host02, host11];
