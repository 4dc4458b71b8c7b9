import { GetWorkers, getSelfMetadata, getWorkerMetadata, updateWorker } from "golem:api/host@0.2.0";

let total = 0;
const seen = [];

const idOf = (workerName) => ({ componentId: getSelfMetadata().workerId.componentId, workerName });

export function add(amount) {
  total += amount;
  return total;
}

export function find(ending) {
  const name = { tag: "name", val: { comparator: "like", value: ending } };
  const fresh = { tag: "version", val: { comparator: "greater-equal", value: 0n } };
  const filter = { filters: [{ filters: [name, fresh] }] };
  const pages = new GetWorkers(idOf("").componentId, filter, true);
  const found = [];
  for (let page = pages.getNext(); page !== undefined; page = pages.getNext()) {
    for (const { workerId, status } of page) found.push(`${workerId.workerName} ${status}`);
  }
  seen.push(...found);
  return found.sort();
}

export function metadata(worker) {
  const found = getWorkerMetadata(idOf(worker));
  if (found === undefined) return undefined;
  const text = `${found.workerId.workerName} ${found.status} ${found.componentVersion} ${found.retryCount}`;
  seen.push(text);
  return text;
}

export function update(worker, version) {
  updateWorker(idOf(worker), version, "automatic");
  seen.push(`update to ${version}`);
}

export function observe() {
  return seen;
}
