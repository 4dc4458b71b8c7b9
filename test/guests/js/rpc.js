import { WasmRpc, extractValue, extractType, parseUuid, uuidToString } from "golem:rpc/types@0.2.2";
import { getSelfMetadata } from "golem:api/host@1.1.7";
import { poll } from "wasi:io/poll@0.2.0";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";
import { now } from "wasi:clocks/wall-clock@0.2.0";

let sum = 0n;
const answers = [];

const number = (tag, val) => ({ nodes: [{ tag, val }] });
const componentId = () => getSelfMetadata().workerId.componentId;
const rpcTo = (workerName) => new WasmRpc({ componentId: componentId(), workerName });
const amount = (sleepMs) => [number("prim-u64", 1n), number("prim-u32", sleepMs)];
// The tuple of results holds one number.
const resultOf = ({ nodes }) => nodes[nodes[0].val[0]].val;

export function add(by, sleepMs) {
  if (sleepMs > 0) subscribeDuration(BigInt(sleepMs) * 1_000_000n).block();
  sum += by;
  return sum;
}

export function total() {
  return sum;
}

export function fail() {
  throw new Error("it fails");
}

export function callInTurn(other, times, sleepMs) {
  const rpc = rpcTo(other);
  const results = [];
  for (let time = 0; time < times; time++) results.push(resultOf(rpc.invokeAndAwait("add", amount(sleepMs))));
  answers.push(results.join());
  return BigUint64Array.from(results);
}

export function callAtOnce(other, workers, sleepMs) {
  const futures = [];
  for (let index = 0; index < workers; index++) {
    futures.push(rpcTo(`${other}-${index}`).asyncInvokeAndAwait("add", amount(sleepMs)));
  }
  let result = 0n;
  let open = futures;
  while (open.length > 0) {
    const ready = poll(open.map((future) => future.subscribe()));
    const done = open.filter((_future, index) => ready.includes(index));
    for (const future of done) result += resultOf(future.get().val);
    open = open.filter((future) => !done.includes(future));
  }
  answers.push(`${result}`);
  return result;
}

export function send(other, times) {
  const rpc = rpcTo(other);
  for (let time = 0; time < times; time++) rpc.invoke("add", amount(0));
  answers.push("sent");
}

export function schedule(other, afterMs) {
  const rpc = rpcTo(other);
  const { seconds, nanoseconds } = now();
  const at = (ms) => {
    const time = BigInt(nanoseconds) + BigInt(ms) * 1_000_000n;
    return { seconds: seconds + time / 1_000_000_000n, nanoseconds: Number(time % 1_000_000_000n) };
  };
  rpc.scheduleInvocation(at(afterMs), "add", amount(0));
  const done = rpc.scheduleCancelableInvocation(at(afterMs), "add", amount(0));
  const token = rpc.scheduleCancelableInvocation(at(afterMs + 60_000), "add", amount(0));
  token.cancel();
  token.cancel();
  answers.push(`scheduled ${typeof done}`);
}

function tagOf(call) {
  try {
    call();
    return "no error";
  } catch (error) {
    return error.payload?.tag ?? String(error);
  }
}

export function errors(other) {
  const nowhere = { uuid: { highBits: 1n, lowBits: 2n } };
  const self = getSelfMetadata().workerId.workerName;
  return [
    tagOf(() => new WasmRpc({ componentId: nowhere, workerName: "w" }).invokeAndAwait("add", amount(0))),
    tagOf(() => rpcTo(other).invokeAndAwait("no-such-function", [])),
    tagOf(() => rpcTo(other).invokeAndAwait("add", [])),
    tagOf(() => rpcTo(other).invokeAndAwait("add", [number("prim-string", "1"), number("prim-u32", 0)])),
    tagOf(() => rpcTo(`${other}-failing`).invokeAndAwait("fail", [])),
    tagOf(() => rpcTo(self).invokeAndAwait("add", amount(0))),
    tagOf(() => rpcTo(other).invoke("no-such-function", [])),
    tagOf(() => rpcTo("a name that clients can't use").invoke("add", amount(0))),
  ];
}

const texts = (values) => ({
  nodes: [
    { tag: "list-value", val: values.map((_value, index) => index + 1) },
    ...values.map((value) => ({ tag: "prim-string", val: value })),
  ],
});

export function relay([next, ...rest]) {
  if (next === undefined) {
    answers.push("arrived");
    return "arrived";
  }
  let answer;
  try {
    answer = resultOf(rpcTo(next).invokeAndAwait("relay", [texts(rest)]));
  } catch (error) {
    answer = `${error.payload?.tag}: ${error.payload?.val}`;
  }
  answers.push(answer);
  return answer;
}

let beside;

export function relayBeside([next, ...rest]) {
  beside = rpcTo(next).asyncInvokeAndAwait("relay", [texts(rest)]);
}

export function relayed() {
  beside.subscribe().block();
  return resultOf(beside.get().val);
}

export function consume(other) {
  const future = rpcTo(other).asyncInvokeAndAwait("add", amount(0));
  future.subscribe().block();
  const looks = [future.get(), future.get()].map((result) =>
    result === undefined ? "none" : `${resultOf(result.val)}`,
  );
  // It is ready as before.
  future.subscribe().block();
  return looks;
}

export function ids() {
  const text = "9c19b15a-c83d-46f7-9bc3-ead7923733f4";
  const typed = { value: number("prim-u8", 1), typ: { nodes: [{ tag: "prim-u8-type" }] } };
  const ephemeral = WasmRpc.ephemeral(componentId());
  return [
    uuidToString(parseUuid(text)),
    tagOf(() => parseUuid("no uuid")),
    extractValue(typed).nodes[0].tag,
    extractType(typed).nodes[0].tag,
    `${resultOf(ephemeral.invokeAndAwait("add", amount(0)))}`,
  ];
}

export function observe() {
  return answers;
}
