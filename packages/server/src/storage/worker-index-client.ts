/** The index of workers, put together from the parts that the partitions have. */
import { formatWorkerId } from "../platform/worker-id.ts";
import type { WorkerIndex, WorkerQuery } from "../worker/worker-index.ts";
import { compareCodePoints, compareIds } from "./code-points.ts";
import type { Partitions } from "./partitions.ts";
import type { PackedPage } from "./worker-index.ts";
import type { PackedRow } from "./worker-rows.ts";
import { unpackRow } from "./worker-rows.ts";

type Page = Awaited<ReturnType<WorkerIndex["list"]>>;

function pageOf({ componentId }: WorkerQuery, { rows, nextName, nextPosition }: PackedPage): Page {
  const workers = rows.map((row) => ({ id: { componentId, workerName: row.name }, row: unpackRow(row) }));
  return { workers, nextName, nextPosition };
}

/**
 * One page in order of names: each partition has given as many rows, so that none is missing among the first `count` of
 * all. A position is a key of the one partition with the number of that partition in it, which never change.
 */
export function mergePages(pages: readonly PackedPage[], count: number): PackedPage {
  const found: { readonly row: PackedRow; readonly partition: number }[] = [];
  for (const [partition, { rows }] of pages.entries()) for (const row of rows) found.push({ row, partition });
  found.sort((left, right) => compareCodePoints(left.row.name, right.row.name));
  const last = found[count - 1];
  const more = found.length > count || pages.some(({ nextName }) => nextName !== undefined);
  const rows = found.slice(0, count).map(({ row }) => row);
  if (!more || last === undefined) return { rows, nextName: undefined, nextPosition: undefined };
  return { rows, nextName: last.row.name, nextPosition: last.row.key * pages.length + last.partition };
}

export function workerIndex(partitions: Partitions, pageCountMax: number): WorkerIndex {
  const { all, first, count: partitionCount } = partitions;
  return {
    get: async (worker) => {
      const row = await partitions.of(worker).call("worker.get", formatWorkerId(worker));
      return row === undefined ? undefined : unpackRow(row);
    },
    list: async (query) => {
      if (partitionCount === 1) return pageOf(query, await first.call("worker.list", query));
      const pages = await Promise.all(all.map((partition) => partition.call("worker.list", query)));
      return pageOf(query, mergePages(pages, Math.max(1, Math.min(query.count, pageCountMax))));
    },
    nameAt: async (componentId, position) => {
      const partition = all[position % partitionCount];
      return await partition?.call("worker.nameAt", componentId, Math.floor(position / partitionCount));
    },
    needingRecovery: async (after, count) => {
      const pages = await Promise.all(all.map((partition) => partition.call("worker.needingRecovery", after, count)));
      const found = pages.flat();
      if (partitionCount > 1) found.sort((left, right) => compareIds(left.id, right.id));
      return found.slice(0, count).map(({ id, row }) => ({ id, row: unpackRow(row) }));
    },
  };
}
