/** Other workers as a host interface sees them. */
import { decodeDetail } from "../durability/row.ts";
import type { WorkersAccess } from "../host/interface.ts";
import type { WorkerServices } from "./services.ts";

export function workersAccess({
  workers,
  oplogs,
  blobs,
  ask,
}: Pick<WorkerServices, "workers" | "oplogs" | "blobs" | "ask">): WorkersAccess {
  return {
    get: async (worker) => {
      const row = await workers.get(worker);
      return row === undefined ? undefined : { row, detail: decodeDetail(row) };
    },
    list: workers.list,
    readOplog: oplogs.read,
    payload: blobs.getSync,
    update: (worker, targetVersion, mode, operation) =>
      ask("command", { kind: "update", worker, targetVersion, mode, operation }),
    revert: (worker, target, operation) => ask("command", { kind: "revert", worker, target, operation }),
    fork: ({ target, ...fork }) => ask("command", { kind: "fork", worker: target, self: undefined, ...fork }),
  };
}
