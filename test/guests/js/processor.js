const calls = [];
const notes = [];
let refused = "";

function note({ tag, val }) {
  const plugins = (list) => list.map(({ name, parameters }) => `${name} ${parameters.join()}`).join(" ");
  if (tag === "create") notes.push(`create ${plugins(val.initialActivePlugins)}`);
  if (tag === "successful-update") notes.push(`updated ${val.targetVersion} ${plugins(val.newActivePlugins)}`);
  if (tag === "activate-plugin" || tag === "deactivate-plugin") notes.push(`${tag} ${plugins([val.plugin])}`);
  if (tag === "exported-function-invoked") notes.push(`invoked ${val.functionName} ${val.idempotencyKey}`);
  if (tag === "exported-function-completed") {
    const result = val.response.nodes.at(-1);
    notes.push(`completed ${result.tag} ${result.val}`);
  }
}

class Processor {
  #config;

  constructor(_account, _component, config) {
    this.#config = config.map(([key, value]) => `${key}=${value}`).join();
  }

  process(worker, metadata, firstIndex, entries) {
    if (worker.workerName === refused) throw new Error("refused");
    if (metadata.workerId.workerName !== worker.workerName) throw "metadata of another worker";
    calls.push(`${this.#config} ${worker.workerName} ${firstIndex} ${entries.map(({ tag }) => tag).join()}`);
    for (const entry of entries) note(entry);
    // It has taken them in nevertheless.
    if (worker.workerName === "disliked") throw "no good";
  }
}

export const oplogProcessor = { Processor };

export function seen() {
  return calls;
}

export function details() {
  return notes;
}

export function refuse(worker) {
  refused = worker;
}
