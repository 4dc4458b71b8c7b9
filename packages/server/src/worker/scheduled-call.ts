/** Calls made at a later time: each is a timer of the worker that is to be called, with the call as its payload. */
import { list, record, string, tuple } from "../durability/codec/schema.ts";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import { witValue } from "../host/golem-rpc/wit-value.ts";
import type { Creator, RemoteCall } from "../host/interface.ts";
import type { InvokeCommand } from "./messages.ts";
import type { Timer } from "./stores.ts";

const workerId = record({ componentId: string, workerName: string });

const scheduledCall = record({
  functionName: string,
  parameters: list(witValue),
  creator: record({ args: list(string), env: list(tuple(string, string)), parent: workerId }),
});

type ScheduledCall = NonNullable<(typeof scheduledCall)["value"]>;

const namePrefix = "call:";

/** The timer of a call; its name is the call's key, so that scheduling it twice makes one timer. */
export function scheduledTimer(call: RemoteCall, dueMs: number, creator: Creator): Timer {
  const { worker, functionName, parameters, idempotencyKey } = call;
  const payload = encodeValue<ScheduledCall>(scheduledCall.type, { functionName, parameters, creator });
  return { worker, name: scheduledTimerName(idempotencyKey), dueMs, payload };
}

export function scheduledTimerName(idempotencyKey: string): string {
  return namePrefix + idempotencyKey;
}

/** What is to be invoked when the timer is due; undefined when it is the timer of something else. */
export function scheduledInvocation(timer: Timer): Omit<InvokeCommand, "kind" | "latestVersion"> | undefined {
  const { worker, name, payload } = timer;
  if (!name.startsWith(namePrefix) || payload === undefined) return undefined;
  const { functionName, parameters, creator } = decodeValue<ScheduledCall>(scheduledCall.type, payload);
  const idempotencyKey = name.slice(namePrefix.length);
  return { worker, functionName, input: parameters, idempotencyKey, awaitResult: false, creator };
}
