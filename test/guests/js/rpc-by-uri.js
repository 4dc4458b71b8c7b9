import { WasmRpc, extractType, extractValue } from "golem:rpc/types@0.1.3";
import { getSelfUri } from "golem:api/host@0.2.0";
import { now } from "wasi:clocks/wall-clock@0.2.0";

let sum = 0n;
const answers = [];

const number = (tag, val) => ({ nodes: [{ tag, val }] });
const by = (amount) => [number("prim-u64", amount)];
// The tuple of results holds one number.
const resultOf = ({ nodes }) => nodes[nodes[0].val[0]].val;

export function add(amount) {
  sum += amount;
  return sum;
}

export function total() {
  return sum;
}

export function call(other) {
  const [, component] = /^urn:worker:([^/]+)\//.exec(getSelfUri("add").value);
  const rpc = new WasmRpc({ value: `urn:worker:${component}/${other}` });
  answers.push(resultOf(rpc.invokeAndAwait("add", by(1n))));
  rpc.invoke("add", by(10n));
  const future = rpc.asyncInvokeAndAwait("add", by(100n));
  future.subscribe().block();
  answers.push(resultOf(future.get().val));
  rpc.scheduleInvocation(now(), "add", by(1_000n));
  const { seconds } = now();
  const token = rpc.scheduleCancelableInvocation({ seconds: seconds + 3600n, nanoseconds: 0 }, "add", by(10_000n));
  token.cancel();
  return BigUint64Array.from(answers);
}

export function values() {
  const typed = { value: number("prim-u8", 1), typ: { nodes: [{ tag: "prim-u8-type" }] } };
  return [extractValue(typed).nodes[0].tag, extractType(typed).nodes[0].tag];
}

export function observe() {
  return BigUint64Array.from(answers);
}
