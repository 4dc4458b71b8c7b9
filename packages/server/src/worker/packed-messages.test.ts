import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExecutorToMain, InvokeCommand, MainToExecutor } from "./messages.ts";
import { packReplies, packRequests, unpackReplies, unpackRequests } from "./packed-messages.ts";

const plain: InvokeCommand = {
  kind: "invoke",
  worker: { componentId: "c", workerName: "w" },
  latestVersion: 3,
  functionName: "f",
  input: '{"params":[]}',
  idempotencyKey: "k",
  awaitResult: true,
};

describe("packed messages", () => {
  it("come out as they went in, in order", () => {
    const requests: readonly MainToExecutor[] = [
      { kind: "request", call: 0, request: plain },
      { kind: "request", call: 1, request: { ...plain, exchange: 0 } },
      { kind: "abandon", call: 0 },
      { kind: "request", call: 2, request: { ...plain, input: new Uint8Array([1]) } },
      { kind: "request", call: 3, request: { ...plain, trace: { traceId: "t", parentId: "p", states: [] } } },
      { kind: "request", call: 4, request: { ...plain, callers: [] } },
      { kind: "request", call: 5, request: { kind: "ping" } },
      { kind: "request", call: 6, request: { ...plain, awaitResult: false } },
    ];
    const received: MainToExecutor[] = [];
    unpackRequests(structuredClone(packRequests(requests)), (message) => received.push(message));
    assert.deepEqual(received, requests);
    const replies: readonly ExecutorToMain[] = [
      { kind: "ready" },
      { kind: "reply", call: 0, value: "text" },
      { kind: "reply", call: 1, value: undefined },
      { kind: "error", call: 2, error: { kind: "not-found", message: "nothing" } },
      { kind: "reply", call: 3, value: new Uint8Array([0]) },
    ];
    const answered: ExecutorToMain[] = [];
    unpackReplies(structuredClone(packReplies(replies)), (message) => answered.push(message));
    assert.deepEqual(answered, replies);
  });
});
