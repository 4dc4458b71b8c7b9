/** What the tests of storage share. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OplogAppend, OplogChunk } from "../durability/oplog-store.ts";
import type { WorkerRow } from "../durability/worker-row.ts";
import type { Disk } from "../platform/disk.ts";
import type { StoreError } from "../platform/store-error.ts";
import type { StorageLimits } from "./limits.ts";
import type { StorageClient } from "./storage-client.ts";
import type { Storage } from "./storage.ts";
import { openStorage } from "./storage.ts";

export const componentA = "11111111-1111-4111-8111-111111111111";
export const componentB = "22222222-2222-4222-8222-222222222222";

/** Without the room that is reserved for speed. */
export const testLimits: Partial<StorageLimits> = { logBytesMin: 0 };

export function rowOf(change: Partial<WorkerRow> = {}): WorkerRow {
  return {
    status: "Idle",
    componentVersion: 0,
    createdAtMs: 1_700_000_000_000,
    env: [],
    needsRecovery: false,
    detail: new Uint8Array([1, 2, 3]),
    ...change,
  };
}

/** Bytes that say which worker and index they belong to. */
export function recordsOf(workerName: string, firstIndex: number, count: number): Uint8Array {
  return Buffer.from(`${workerName}:${firstIndex}+${count};`.repeat(count));
}

export function appendOf(
  workerName: string,
  firstIndex: number,
  change: Partial<OplogAppend> & { count?: number } = {},
): OplogAppend {
  const { count = 1, ...rest } = change;
  return {
    worker: { componentId: componentA, workerName },
    shard: 7,
    epoch: 1,
    chunk: { firstIndex, count, records: recordsOf(workerName, firstIndex, count) },
    row: rowOf(),
    ...rest,
  };
}

/** Everything from an index on, over pages of this size. */
export async function readAll(
  stores: Pick<StorageClient, "oplogs">,
  workerName: string,
  options: { readonly fromIndex?: number; readonly bytesMax?: number; readonly componentId?: string } = {},
): Promise<OplogChunk[]> {
  const { fromIndex = 1, bytesMax = 1000, componentId = componentA } = options;
  const chunks: OplogChunk[] = [];
  let next: number | undefined = fromIndex;
  while (next !== undefined) {
    const page = await stores.oplogs.read({ componentId, workerName }, next, bytesMax);
    chunks.push(...page.chunks);
    next = page.nextIndex;
  }
  return chunks;
}

/** Chunks as plain data, for comparison. */
export function plain(chunks: readonly OplogChunk[]): { firstIndex: number; count: number; text: string }[] {
  return chunks.map(({ firstIndex, count, records }) => ({ firstIndex, count, text: Buffer.from(records).toString() }));
}

export interface OpenStorage extends AsyncDisposable {
  readonly storage: Storage;
  readonly client: StorageClient;
  readonly fatal: readonly StoreError[];
}

/** Opens the storage of a directory with one client. */
export async function openForTest(
  dataDirectory: string,
  options: { readonly limits?: Partial<StorageLimits>; readonly disk?: Disk; readonly partitions?: number } = {},
): Promise<OpenStorage> {
  const fatal: StoreError[] = [];
  const storage = await openStorage({
    dataDirectory,
    ...options,
    limits: { ...testLimits, ...options.limits },
    onFatal: (error) => {
      fatal.push(error);
    },
  });
  const client = storage.client(storage.connect());
  return {
    storage,
    client,
    fatal,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await storage.close();
    },
  };
}

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), "emet-storage-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
