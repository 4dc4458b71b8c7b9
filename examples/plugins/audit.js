const lines = [];

class Processor {
  process(worker, _metadata, firstIndex, entries) {
    entries.forEach(({ tag, val }, offset) => {
      if (tag === "exported-function-invoked") {
        lines.push(`${worker.workerName} #${firstIndex + BigInt(offset)}: ${val.functionName}`);
      }
    });
  }
}

export const oplogProcessor = { Processor };

export const log = () => lines;
