// The same as guest.wat in JavaScript.
import { getSelfMetadata, oplogCommit } from "golem:api/host@1.1.7";
import { WasmRpc } from "golem:rpc/types@0.2.2";
import { getRandomU64 } from "wasi:random/random@0.2.0";

let sum = 0n;
let rpc;

const draw = () => getRandomU64() & 0xffff_ffffn;

export function add(amount) {
  sum += amount;
  return sum;
}

export function steps() {
  let total = 0n;
  for (let step = 0; step < 3; step++) {
    total += draw();
    oplogCommit(1);
  }
  return total;
}

export function stepsAtOnce() {
  return draw() + draw() + draw();
}

export function call(other, amount) {
  rpc ??= new WasmRpc({ componentId: getSelfMetadata().workerId.componentId, workerName: other });
  const { nodes } = rpc.invokeAndAwait("add", [{ nodes: [{ tag: "prim-u64", val: amount }] }]);
  return nodes[nodes[0].val[0]].val;
}
