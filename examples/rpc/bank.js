import { getSelfMetadata } from "golem:api/host@1.1.7";
import { WasmRpc } from "golem:rpc/types@0.2.2";

let balance = 0n;

/** A worker of this component; it is created by its first call. */
function account(workerName) {
  const { componentId } = getSelfMetadata().workerId;
  return new WasmRpc({ componentId, workerName });
}

const number = (val) => ({ nodes: [{ tag: "prim-s64", val }] });

export function change(amount) {
  balance += amount;
  return balance;
}

export function transfer(to, amount) {
  // Both calls happen once, whatever crashes in between: the keys that they carry are the same when this code runs again.
  balance -= amount;
  account(to).invokeAndAwait("change", [number(amount)]);
  return balance;
}

export function notify(to, amount) {
  account(to).invoke("change", [number(amount)]);
}
