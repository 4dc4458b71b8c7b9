/** Writes the oplogs of many workers straight into a store: each holds what a sample worker's holds, under its own name. */
import { allShards } from "../../packages/server/src/cluster/shards.ts";
import { decodeEntry, framesOf } from "../../packages/server/src/durability/oplog/decode-entry.ts";
import type { OplogEntry } from "../../packages/server/src/durability/oplog/entry-types.ts";
import type { WorkerId } from "../../packages/server/src/platform/worker-id.ts";
import { shardOf } from "../../packages/server/src/platform/worker-shards.ts";
import { openStorage } from "../../packages/server/src/storage/storage.ts";
import { servicesForTests } from "../../packages/server/src/worker/guest-for-tests.ts";
import { OwnedShards } from "../../packages/server/src/worker/owned-shards.ts";
import { newOplog, readOplog } from "../../packages/server/src/worker/oplog-session.ts";

const inFlight = 256;

/** No server may use the directory. Returns workers written per second. */
export async function seedWorkers(
  dataDirectory: string,
  sample: WorkerId,
  names: { readonly count: number; readonly name: (index: number) => string },
): Promise<number> {
  const onFatal = (error: Error): void => {
    throw error;
  };
  const storage = await openStorage({ dataDirectory, onFatal });
  const { oplogs, blobs, close } = storage.client(storage.connect());
  const shards = new OwnedShards(allShards, await oplogs.acquireEpoch(allShards));
  const services = servicesForTests({ oplogs, blobs, shardOf, shards });
  const entries: OplogEntry[] = (await readOplog(sample, services)).flatMap((chunk) =>
    [...framesOf(chunk)].map((frame) => decodeEntry(frame, blobs.getSync)),
  );
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < names.count) {
      const worker = { componentId: sample.componentId, workerName: names.name(next++) };
      const { writer } = newOplog(worker, services);
      for (const entry of entries) {
        if (entry.kind === "create") writer.append("create", { ...entry.fields, workerId: worker });
        else writer.append(entry.kind, entry.fields);
      }
      await writer.commit();
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, write));
  const seconds = (performance.now() - started) / 1000;
  close();
  await storage.close();
  return names.count / seconds;
}
