/** First pages of the worker index. */
import type { WorkerStatus } from "../../packages/server/src/durability/worker-row.ts";
import { workerStatuses } from "../../packages/server/src/durability/worker-row.ts";
import type { WorkerFilter } from "../../packages/server/src/worker/worker-index.ts";
import type { Opened } from "./measure.ts";
import { appendOf, componentId } from "./measure.ts";

const firstCreatedAtMs = 1_700_000_000_000;

/** Creates workers with names in order of creation, of all statuses, and of versions 0 to 9. */
export async function createWorkers(opened: Opened, count: number): Promise<number> {
  const started = performance.now();
  const inFlight = 256;
  let next = 0;
  const create = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const append = appendOf(`worker-${String(index).padStart(7, "0")}`, 1, { count: 1, recordBytes: 150 });
      const row = {
        ...append.row,
        status: workerStatuses[(index * 7919) % workerStatuses.length] as WorkerStatus,
        componentVersion: (index * 104_729) % 10,
        createdAtMs: firstCreatedAtMs + index * 10,
        needsRecovery: index % 1000 === 0,
      };
      await opened.client.oplogs.append({ ...append, row });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, create));
  return count / ((performance.now() - started) / 1000);
}

/** Filters with the part of all workers that they match. */
export function filtersFor(count: number): readonly (readonly [name: string, filter: WorkerFilter | undefined])[] {
  const createdAt = (part: number): number => firstCreatedAtMs + Math.floor(count * part) * 10;
  return [
    ["none", undefined],
    ["name =", { type: "Name", comparator: "Equal", value: `worker-${String(count - 7).padStart(7, "0")}` }],
    ["status =", { type: "Status", comparator: "Equal", value: "Failed" }],
    ["status >", { type: "Status", comparator: "Greater", value: "Suspended" }],
    ["version =", { type: "Version", comparator: "Equal", value: 9 }],
    ["version >=", { type: "Version", comparator: "GreaterEqual", value: 3 }],
    ["created <= (all)", { type: "CreatedAt", comparator: "LessEqual", valueMs: createdAt(1) }],
    ["created >= (last half)", { type: "CreatedAt", comparator: "GreaterEqual", valueMs: createdAt(0.5) }],
    ["created >= (last 5 %)", { type: "CreatedAt", comparator: "GreaterEqual", valueMs: createdAt(0.95) }],
    ["created >= (last 100)", { type: "CreatedAt", comparator: "GreaterEqual", valueMs: createdAt(1) - 1000 }],
    [
      "status = and created >= (last half)",
      {
        type: "And",
        filters: [
          { type: "Status", comparator: "Equal", value: "Idle" },
          { type: "CreatedAt", comparator: "GreaterEqual", valueMs: createdAt(0.5) },
        ],
      },
    ],
    [
      "status = and version =",
      {
        type: "And",
        filters: [
          { type: "Status", comparator: "Equal", value: "Idle" },
          { type: "Version", comparator: "Equal", value: 9 },
        ],
      },
    ],
    ["name like (not indexed, no match)", { type: "Name", comparator: "Like", value: "nothing" }],
    ["env = (not indexed, no match)", { type: "Env", name: "x", comparator: "Equal", value: "nothing" }],
  ];
}

/** Milliseconds for the first page of 50, in each round. */
export async function firstPage(
  opened: Opened,
  filter: WorkerFilter | undefined,
  rounds: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await opened.client.workers.list({ componentId, count: 50, ...(filter === undefined ? {} : { filter }) });
    times.push(performance.now() - started);
  }
  return times;
}
