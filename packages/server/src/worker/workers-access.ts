/** Other workers as a host interface sees them. */
import type { ComponentImage } from "../component/component-image.ts";
import type { Signature } from "../durability/oplog/shown-entry.ts";
import { decodeDetail } from "../durability/row.ts";
import type { WorkersAccess } from "../host/interface.ts";
import { invocationTarget } from "./invocation-target.ts";
import { WorkerError } from "./worker-error.ts";
import type { WorkerServices } from "./services.ts";

export function workersAccess({
  workers,
  oplogs,
  blobs,
  ask,
  image,
  yieldTurn,
}: Pick<WorkerServices, "workers" | "oplogs" | "blobs" | "ask" | "image" | "yieldTurn">): WorkersAccess {
  return {
    get: async (worker) => {
      const row = await workers.get(worker);
      return row === undefined ? undefined : { row, detail: decodeDetail(row) };
    },
    list: workers.list,
    readOplog: oplogs.read,
    pause: yieldTurn,
    payload: blobs.getSync,
    signature: async (componentId, version, functionName) => {
      const found = await image(componentId, version);
      return found === undefined ? undefined : signatureOf(found, functionName);
    },
    update: (worker, targetVersion, mode, operation) =>
      ask("command", { kind: "update", worker, targetVersion, mode, operation }),
    revert: (worker, target, operation) => ask("command", { kind: "revert", worker, target, operation }),
    fork: ({ target, ...fork }) => ask("command", { kind: "fork", worker: target, self: undefined, ...fork }),
  };
}

function signatureOf(image: ComponentImage, functionName: string): Signature | undefined {
  try {
    const { parameters, resultsType } = invocationTarget(image, functionName);
    return { parameters, results: resultsType };
  } catch (error) {
    if (error instanceof WorkerError) return undefined;
    throw error;
  }
}
