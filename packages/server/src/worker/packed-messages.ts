/**
 * Messages in the form in which they cross threads. An invocation and its reply go as plain values, one after the other
 * in one array: objects would be cloned with the names of all their fields, which costs several times as much.
 */
import type { ExecutorToMain, InvokeCommand, MainToExecutor, ReplyValue } from "./messages.ts";

/** What the values that follow are. */
const whole = 0;
const invocation = 1;
const reply = 2;

export type Packed = readonly unknown[];

/** Has nothing beyond what most invocations have. */
type PlainInvocation = InvokeCommand & { readonly input: string };

function isPlain(request: InvokeCommand): request is PlainInvocation {
  const { input, exchange, creator, trace, callers } = request;
  const extra = exchange ?? creator ?? trace ?? callers;
  return typeof input === "string" && extra === undefined;
}

export function packRequests(messages: readonly MainToExecutor[]): Packed {
  const packed: unknown[] = [];
  for (const message of messages) {
    if (message.kind === "request" && message.request.kind === "invoke" && isPlain(message.request)) {
      const { worker, latestVersion, functionName, input, idempotencyKey, awaitResult } = message.request;
      const { componentId, workerName } = worker;
      packed.push(invocation, message.call, componentId, workerName, latestVersion, functionName, input);
      packed.push(idempotencyKey, awaitResult);
    } else packed.push(whole, message);
  }
  return packed;
}

/** Calls `receive` with each message, in order. */
export function unpackRequests(packed: Packed, receive: (message: MainToExecutor) => void): void {
  for (let at = 0; at < packed.length;) {
    if (packed[at] === whole) {
      receive(packed[at + 1] as MainToExecutor);
      at += 2;
      continue;
    }
    const request: PlainInvocation = {
      kind: "invoke",
      worker: { componentId: packed[at + 2] as string, workerName: packed[at + 3] as string },
      latestVersion: packed[at + 4] as number,
      functionName: packed[at + 5] as string,
      input: packed[at + 6] as string,
      idempotencyKey: packed[at + 7] as string,
      awaitResult: packed[at + 8] as boolean,
    };
    receive({ kind: "request", call: packed[at + 1] as number, request });
    at += 9;
  }
}

export function packReplies(messages: readonly ExecutorToMain[]): Packed {
  const packed: unknown[] = [];
  for (const message of messages) {
    if (message.kind === "reply") packed.push(reply, message.call, message.value);
    else packed.push(whole, message);
  }
  return packed;
}

/** Calls `receive` with each message, in order. */
export function unpackReplies(packed: Packed, receive: (message: ExecutorToMain) => void): void {
  for (let at = 0; at < packed.length;) {
    if (packed[at] === whole) {
      receive(packed[at + 1] as ExecutorToMain);
      at += 2;
    } else {
      receive({ kind: "reply", call: packed[at + 1] as number, value: packed[at + 2] as ReplyValue });
      at += 3;
    }
  }
}
