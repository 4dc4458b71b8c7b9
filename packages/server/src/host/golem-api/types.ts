/** golem:api's records and their forms in the server. */
import { record, string, u64 } from "../../durability/codec/schema.ts";
import type { RetryPolicy } from "../../durability/oplog/entry-types.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { PromiseReference } from "../interface.ts";

export const uuid = record({ highBits: u64, lowBits: u64 });
export const workerId = record({ componentId: record({ uuid }), workerName: string });
export const promiseId = record({ workerId, oplogIdx: u64 });

export type WitUuid = NonNullable<(typeof uuid)["value"]>;
export type WitWorkerId = NonNullable<(typeof workerId)["value"]>;
export type WitPromiseId = NonNullable<(typeof promiseId)["value"]>;

/** As in golem:api/host@1.1; version 0.2 has no jitter. Durations are nanoseconds. */
export interface WitRetryPolicy {
  readonly maxAttempts: number;
  readonly minDelay: bigint;
  readonly maxDelay: bigint;
  readonly multiplier: number;
  readonly maxJitterFactor?: number | undefined;
}

/** The two big-endian halves of a UUID's 16 bytes. */
export function toWitUuid(text: string): WitUuid {
  const digits = text.replaceAll("-", "");
  return { highBits: BigInt(`0x${digits.slice(0, 16)}`), lowBits: BigInt(`0x${digits.slice(16)}`) };
}

export function fromWitUuid(value: WitUuid): string {
  const hex = (bits: bigint): string => bits.toString(16).padStart(16, "0");
  const digits = hex(value.highBits) + hex(value.lowBits);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)];
  return parts.join("-");
}

export function toWitWorkerId(id: WorkerId): WitWorkerId {
  return { componentId: { uuid: toWitUuid(id.componentId) }, workerName: id.workerName };
}

export function fromWitWorkerId(id: WitWorkerId): WorkerId {
  return { componentId: fromWitUuid(id.componentId.uuid), workerName: id.workerName };
}

export function fromWitPromiseId(id: WitPromiseId): PromiseReference {
  return { worker: fromWitWorkerId(id.workerId), oplogIndex: Number(id.oplogIdx) };
}

export function toWitRetryPolicy(policy: RetryPolicy): Required<WitRetryPolicy> {
  return {
    maxAttempts: policy.maxAttempts,
    minDelay: BigInt(Math.round(policy.minDelayNs)),
    maxDelay: BigInt(Math.round(policy.maxDelayNs)),
    multiplier: policy.multiplier,
    maxJitterFactor: policy.maxJitterFactor,
  };
}

export function fromWitRetryPolicy(policy: WitRetryPolicy): RetryPolicy {
  return {
    maxAttempts: policy.maxAttempts,
    minDelayNs: Number(policy.minDelay),
    maxDelayNs: Number(policy.maxDelay),
    multiplier: policy.multiplier,
    maxJitterFactor: policy.maxJitterFactor,
  };
}
