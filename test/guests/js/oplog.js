import * as host from "golem:api/host@1.1.7";
import { GetOplog, SearchOplog } from "golem:api/oplog@1.1.7";
import {
  beginDurableFunction,
  currentDurableExecutionState,
  endDurableFunction,
  persistDurableFunctionInvocation,
  readPersistedDurableFunctionInvocation,
} from "golem:durability/durability@1.2.1";
import { now } from "wasi:clocks/wall-clock@0.2.0";
import { log } from "wasi:logging/logging";

const seen = [];
const idOf = (workerName) => ({ componentId: host.getSelfMetadata().workerId.componentId, workerName });
const noted = (values) => {
  seen.push(...values);
  return values;
};

export function recordOwn() {
  const type = { tag: "write-remote" };
  const begin = beginDurableFunction(type);
  if (currentDurableExecutionState().isLive) {
    persistDurableFunctionInvocation("guest::own call", new Uint8Array([1, 2]), new Uint8Array([3]), type);
  } else readPersistedDurableFunctionInvocation();
  endDurableFunction(type, begin, false);
}

export function work(text, amount) {
  const begin = host.markBeginOperation();
  for (let time = 0; time < amount; time++) now();
  host.markEndOperation(begin);
  host.setRetryPolicy({ maxAttempts: 2, minDelay: 1n, maxDelay: 2n, multiplier: 1, maxJitterFactor: 0.5 });
  log("info", "here", `logged ${text}`);
  host.generateIdempotencyKey();
  return text.toUpperCase();
}

export function tags(worker, start) {
  const found = [];
  const cursor = new GetOplog(idOf(worker), start);
  for (let page = cursor.getNext(); page !== undefined; page = cursor.getNext()) {
    found.push(`page of ${page.length}`, ...page.map(({ tag }) => tag));
  }
  return noted(found);
}

export function search(worker, text) {
  const found = [];
  const cursor = new SearchOplog(idOf(worker), text);
  for (let page = cursor.getNext(); page !== undefined; page = cursor.getNext()) {
    found.push(...page.map(([index, { tag }]) => `${tag}`));
  }
  return noted(found);
}

const strings = ({ nodes }) => nodes.filter(({ tag }) => tag === "prim-string").map(({ val }) => val);

export function details(worker) {
  const found = [];
  const cursor = new GetOplog(idOf(worker), 1n);
  for (let page = cursor.getNext(); page !== undefined; page = cursor.getNext()) {
    for (const { tag, val } of page) {
      if (tag === "create") found.push(`${val.workerId.workerName} ${val.componentVersion} ${val.env.flat()}`);
      if (tag === "exported-function-invoked") {
        found.push(`${val.functionName} ${val.idempotencyKey} ${val.request.flatMap(strings)}`);
      }
      if (tag === "exported-function-completed") found.push(`${strings(val.response)}`);
      if (tag === "log") found.push(`${val.level} ${val.context} ${val.message}`);
      if (tag === "change-retry-policy")
        found.push(`${val.retryPolicy.maxAttempts} ${val.retryPolicy.maxJitterFactor}`);
      if (tag === "imported-function-invoked" && val.functionName.startsWith("guest::")) {
        found.push(`${val.functionName} ${val.request.nodes.length} ${val.response.nodes.length}`);
      }
      if (tag === "imported-function-invoked" && val.functionName.includes("idempotency")) {
        found.push(`${val.functionName} ${val.wrappedFunctionType.tag} ${val.response.nodes[0].tag}`);
      }
    }
  }
  return noted(found);
}

export const observe = () => seen;
