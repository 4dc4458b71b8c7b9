/** Memory snapshots in memory. Like files that aren't synced they may outlive a crash or not; here they do. */
import { formatWorkerId } from "../../platform/worker-id.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { MemorySnapshotStore, SnapshotGeneration } from "../../worker/stores.ts";

export type SnapshotData = Map<string, Uint8Array>;

export function memorySnapshotStore(data: SnapshotData): MemorySnapshotStore {
  const key = (worker: WorkerId, generation: SnapshotGeneration): string => `${generation} ${formatWorkerId(worker)}`;
  return {
    put: async (worker, snapshot) => {
      const latest = data.get(key(worker, "latest"));
      if (latest !== undefined) data.set(key(worker, "previous"), latest);
      data.set(key(worker, "latest"), new Uint8Array(snapshot));
      return snapshot.length;
    },
    get: async (worker, generation) => data.get(key(worker, generation)),
    delete: async (worker) => {
      data.delete(key(worker, "latest"));
      data.delete(key(worker, "previous"));
    },
  };
}
