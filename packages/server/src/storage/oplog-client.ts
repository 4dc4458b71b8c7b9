/** The oplogs of all partitions, for one thread. */
import type { OplogStore } from "../durability/oplog-store.ts";
import { StoreError } from "../platform/store-error.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { ArchiveReader } from "./archiver.ts";
import { readChunks, selectChunks } from "./chunk-list.ts";
import type { Partitions } from "./partitions.ts";
import type { WorkerEnds } from "./worker-ends.ts";

interface Reading {
  readonly worker: WorkerId;
  readonly fromIndex: number;
  readonly bytesMax: number;
}

/** Tries again when an archive is gone: its worker is, or another one has its name by now. */
async function readOplog(
  partitions: Partitions,
  archives: ArchiveReader,
  { worker, fromIndex, bytesMax }: Reading,
): ReturnType<OplogStore["read"]> {
  const channel = partitions.of(worker);
  let missing: number | undefined;
  for (;;) {
    const page = await channel.call("oplog.read", formatWorkerId(worker), fromIndex, bytesMax);
    if (page.kind === "page") {
      const list = Buffer.from(page.chunks.buffer, page.chunks.byteOffset, page.chunks.length);
      return { chunks: readChunks(list, page.firstIndex), nextIndex: page.nextIndex };
    }
    const { run, lastIndex } = page;
    const list = await archives.read(run, partitions.numberOf(worker));
    if (list !== undefined) {
      const range = selectChunks(list, { start: 0, firstIndex: run.firstIndex }, fromIndex, bytesMax);
      const chunks = readChunks(list.subarray(range.start, range.end), range.firstIndex);
      return { chunks, nextIndex: range.nextIndex <= lastIndex ? range.nextIndex : undefined };
    }
    if (missing === run.key) {
      throw new StoreError("failed", `cannot read the oplog of ${formatWorkerId(worker)}: an archive is missing`);
    }
    missing = run.key;
  }
}

/**
 * The first partition numbers epochs: it has those of all shards, as effects of all workers come to it. The others follow
 * before anybody learns of the number, and a crash in between leaves numbers that nobody writes under.
 */
async function acquireEpoch({ first, others }: Partitions, shards: readonly number[]): Promise<number> {
  const epoch = await first.call("oplog.acquireEpoch", shards);
  await Promise.all(others.map((partition) => partition.call("oplog.raiseEpoch", shards, epoch)));
  return epoch;
}

export function oplogStore(partitions: Partitions, archives: ArchiveReader, ends: WorkerEnds): OplogStore {
  return {
    append: (append) => partitions.of(append.worker).append(append),
    read: (worker, fromIndex, bytesMax) => readOplog(partitions, archives, { worker, fromIndex, bytesMax }),
    lastIndex: (worker) => partitions.of(worker).call("oplog.lastIndex", formatWorkerId(worker)),
    delete: (worker, shard, epoch) => {
      const end = (): Promise<void> => partitions.of(worker).call("oplog.delete", formatWorkerId(worker), shard, epoch);
      return partitions.count === 1 ? end() : ends.last(worker, end);
    },
    inOrder: (first, then) => partitions.of(first) === partitions.of(then),
    acquireEpoch: (shards) => acquireEpoch(partitions, shards),
  };
}
