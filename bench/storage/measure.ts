/** Small helpers of the storage benchmarks. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OplogAppend } from "../../packages/server/src/durability/oplog-store.ts";
import type { StorageLimits } from "../../packages/server/src/storage/limits.ts";
import { openStorage } from "../../packages/server/src/storage/storage.ts";
import type { Storage } from "../../packages/server/src/storage/storage.ts";
import type { StorageClient } from "../../packages/server/src/storage/storage-client.ts";

export interface Opened extends AsyncDisposable {
  readonly directory: string;
  readonly storage: Storage;
  readonly client: StorageClient;
}

/** A fresh storage in a temporary directory, removed at the end. */
export async function openFresh(limits: Partial<StorageLimits> = {}, partitions = 1): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), "emet-bench-"));
  const storage = await openStorage({
    dataDirectory: directory,
    partitions,
    limits,
    onFatal: (error) => {
      throw error;
    },
  });
  const client = storage.client(storage.connect());
  return {
    directory,
    storage,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await storage.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Transactions so far, of all partitions; each ends with a sync. */
export async function commitsOf({ storage }: Opened): Promise<number> {
  let commits = 0;
  for (const families of await storage.metrics()) {
    for (const family of families as readonly Family[]) {
      if (family.name !== "emet_storage_commit_duration_seconds") continue;
      for (const { metricName, value } of family.values) if (metricName?.endsWith("_count") === true) commits += value;
    }
  }
  return commits;
}

interface Family {
  readonly name: string;
  readonly values: readonly { readonly metricName?: string; readonly value: number }[];
}

/** Bytes that this process has handed to the disk so far; undefined where the system doesn't tell. */
export function writtenBytes(): number | undefined {
  try {
    const match = /^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

const env = [
  ["GOLEM_WORKER_NAME", "worker"],
  ["GOLEM_COMPONENT_VERSION", "0"],
] as const;
const detail = new Uint8Array(96).fill(7);

export const componentId = "0b7f2a5e-0d5f-4c8c-9f6e-1f2d3c4b5a69";

export interface ChunkShape {
  readonly count: number;
  readonly recordBytes: number;
}

/** The append that a worker makes at `firstIndex`. */
export function appendOf(workerName: string, firstIndex: number, shape: ChunkShape): OplogAppend {
  const records = new Uint8Array(1 + shape.count * shape.recordBytes).fill(firstIndex & 0xff);
  return {
    worker: { componentId, workerName },
    shard: 1,
    epoch: 1,
    chunk: { firstIndex, count: shape.count, records },
    row: { status: "Running", componentVersion: 0, createdAtMs: 1_700_000_000_000, env, needsRecovery: true, detail },
  };
}
