/** Calls made at a later time: each is a timer of the worker that is to be called, with the call as its payload. */
import { lateOption, list, record, string, tuple } from "../durability/codec/schema.ts";
import { decodeValue, encodeValue } from "../durability/codec/value-codec.ts";
import { witValue } from "../host/golem-rpc/wit-value.ts";
import type { Creator, RemoteCall } from "../host/interface.ts";
import type { InvokeCommand } from "./messages.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { Timer } from "./stores.ts";

const workerId = record({ componentId: string, workerName: string });

const scheduledCall = record({
  functionName: string,
  parameters: list(witValue),
  creator: record({ args: list(string), env: list(tuple(string, string)), parent: workerId }),
  /** JSON text of the request's body, for a client's call: it has no parameters and no creator then. */
  body: lateOption(string),
});

type ScheduledCall = NonNullable<(typeof scheduledCall)["value"]>;

const namePrefix = "call:";

/** The timer of a call; its name is the call's key, so that scheduling it twice makes one timer. */
export function scheduledTimer(call: RemoteCall, dueMs: number, creator: Creator): Timer {
  const { worker, functionName, parameters, idempotencyKey } = call;
  const payload = encodeValue<ScheduledCall>(scheduledCall.type, {
    functionName,
    parameters,
    creator,
    body: undefined,
  });
  return { worker, name: scheduledTimerName(idempotencyKey), dueMs, payload };
}

/** A call that a client has scheduled. */
export interface ClientCall {
  readonly worker: WorkerId;
  readonly functionName: string;
  readonly idempotencyKey: string;
  /** JSON text of the request's body. */
  readonly body: string;
}

/** `scheduledTimer` for a client. */
export function clientTimer({ worker, functionName, idempotencyKey, body }: ClientCall, dueMs: number): Timer {
  const creator = { args: [], env: [], parent: worker };
  const payload = encodeValue<ScheduledCall>(scheduledCall.type, { functionName, parameters: [], creator, body });
  return { worker, name: scheduledTimerName(idempotencyKey), dueMs, payload };
}

export function scheduledTimerName(idempotencyKey: string): string {
  return namePrefix + idempotencyKey;
}

/** What is to be invoked when the timer is due; undefined when it is the timer of something else. */
export function scheduledInvocation(timer: Timer): Omit<InvokeCommand, "kind" | "latestVersion"> | undefined {
  const { worker, name, payload } = timer;
  if (!name.startsWith(namePrefix) || payload === undefined) return undefined;
  const { functionName, parameters, creator, body } = decodeValue<ScheduledCall>(scheduledCall.type, payload);
  const call = { worker, functionName, idempotencyKey: name.slice(namePrefix.length), awaitResult: false };
  return body === undefined ? { ...call, input: parameters, creator } : { ...call, input: body };
}
