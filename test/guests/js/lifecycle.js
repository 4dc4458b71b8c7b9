import * as host from "golem:api/host@1.1.7";
import { subscribeDuration } from "wasi:clocks/monotonic-clock@0.2.0";

const versionNumber = 1;

let total = 0;
let came = "fresh";
const seen = [];

const note = (text) => {
  seen.push(text);
  return text;
};
const idOf = (workerName) => ({ componentId: host.getSelfMetadata().workerId.componentId, workerName });

export const saveSnapshot = {
  save() {
    return new TextEncoder().encode(`${total}`);
  },
};

export const loadSnapshot = {
  load(bytes) {
    const text = new TextDecoder().decode(bytes);
    if (text === "13") throw "thirteen is not accepted";
    total = Number(text);
    came = `snapshot of ${text}`;
  },
};

export const version = () => versionNumber;
export const origin = () => came;

export function add(amount) {
  total += amount;
  return total;
}

export function fail() {
  total += 1000;
  throw new Error("it fails for good");
}

export const index = () => host.getOplogIndex();

export function slowAdd(amount, ms) {
  subscribeDuration(BigInt(ms) * 1_000_000n).block();
  return add(amount);
}

export function update(worker, target, automatic) {
  host.updateWorker(idOf(worker), target, automatic ? "automatic" : "snapshot-based");
  note(`update ${target}`);
}

export function revert(worker, invocations) {
  host.revertWorker(idOf(worker), { tag: "revert-last-invocations", val: invocations });
  note("reverted");
}

export function revertTo(worker, index) {
  host.revertWorker(idOf(worker), { tag: "revert-to-oplog-index", val: index });
}

export function forkWorker(source, target, cutOff) {
  host.forkWorker(idOf(source), idOf(target), cutOff);
  note("forked a worker");
}

export const fork = (name) => note(host.fork(name));

export function find(name, status) {
  const { componentId } = idOf("");
  const filters = [{ tag: "name", val: { comparator: "like", value: name } }];
  if (status !== "") filters.push({ tag: "status", val: { comparator: "equal", value: status } });
  const workers = new host.GetWorkers(componentId, { filters: [{ filters }] }, true);
  const found = [];
  for (let page = workers.getNext(); page !== undefined; page = workers.getNext()) {
    found.push(`page of ${page.length}`, ...page.map(({ workerId }) => workerId.workerName));
  }
  return found.map(note);
}

export function metadata(worker) {
  const found = host.getWorkerMetadata(idOf(worker));
  if (found === undefined) return undefined;
  const { workerId, status, componentVersion, retryCount, args, env } = found;
  return note([workerId.workerName, status, componentVersion, retryCount, args, env.flat()].join());
}

export function resolve(component, worker) {
  const shown = (value) => (value === undefined ? "none" : (value.workerName ?? "found"));
  return [
    shown(host.resolveComponentId(component)),
    shown(host.resolveComponentId(`${component}-not`)),
    shown(host.resolveWorkerId(component, worker)),
    shown(host.resolveWorkerIdStrict(component, worker)),
    shown(host.resolveWorkerIdStrict(component, `${worker}-not`)),
    host.workerUri(idOf("a b")).value.split("/").at(-1),
  ].map(note);
}

export const observe = () => seen;
