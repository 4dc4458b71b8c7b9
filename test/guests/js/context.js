import { startSpan, currentContext, allowForwardingTraceContextHeaders } from "golem:api/context@1.1.7";
import { getSelfMetadata } from "golem:api/host@1.1.7";
import { WasmRpc } from "golem:rpc/types@0.2.2";
import { handle } from "wasi:http/outgoing-handler@0.2.0";
import { Fields, OutgoingRequest } from "wasi:http/types@0.2.0";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";

const seen = [];
const text = (val) => ({ tag: "string", val });
const noted = (values) => {
  seen.push(...values);
  return values;
};
const wait = (ms) => subscribeDuration(BigInt(ms) * 1_000_000n).block();

export function spans(ms) {
  const outer = startSpan("outer");
  outer.setAttribute("color", text("red"));
  outer.setAttributes([{ key: "size", value: text("big") }]);
  wait(ms);
  const inner = startSpan("inner");
  inner.setAttribute("color", text("blue"));
  wait(ms);
  const context = currentContext();
  const found = [
    `${context.getAttribute("color", false).val} ${context.getAttribute("size", false)} ${context.getAttribute("size", true).val}`,
    context
      .getAttributeChain("color")
      .map(({ val }) => val)
      .join(),
    context
      .getAttributeChains()
      .map(({ key, values }) => `${key}=${values.map(({ val }) => val)}`)
      .sort()[0],
    context
      .getAttributes(false)
      .map(({ key }) => key)
      .join(),
    `${context.getAttributes(true).length}`,
    context.parent().getAttribute("color", false).val,
    `${inner.startedAt().seconds >= outer.startedAt().seconds}`,
    `${context.spanId().length} ${context.traceId().length}`,
  ];
  inner.finish();
  inner.finish();
  found.push(currentContext().getAttribute("color", false).val);
  outer[Symbol.dispose]();
  found.push(currentContext().getAttribute("function_name", false).val);
  seen.push(context.spanId());
  return noted(found);
}

export function ids() {
  const context = currentContext();
  return noted([context.traceId(), context.parent()?.spanId() ?? "none", ...context.traceContextHeaders().flat()]);
}

export function remoteIds(workerName) {
  const { componentId } = getSelfMetadata().workerId;
  const { nodes } = new WasmRpc({ componentId, workerName }).invokeAndAwait("ids", []);
  return nodes
    .filter(({ tag }) => tag === "prim-string")
    .map(({ val }) => val)
    .slice(0, 2)
    .join();
}

export function request(authority, forward) {
  allowForwardingTraceContextHeaders(forward);
  const outgoing = new OutgoingRequest(new Fields());
  outgoing.setScheme({ tag: "HTTP" });
  outgoing.setAuthority(authority);
  const future = handle(outgoing, undefined);
  future.subscribe().block();
  return future.get().val.val.status();
}

export const observe = () => seen;
