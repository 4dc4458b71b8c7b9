/**
 * Memory snapshots as files, compressed. They aren't synced: one that a crash of the machine has damaged is found out by
 * its checksum, and the oplog has everything.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib";
import { hasErrorCode } from "../platform/disk.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import type { MemorySnapshotStore, SnapshotGeneration } from "../worker/stores.ts";

const compress = promisify(zstdCompress);

/** The fastest level: most of what is saved are zeros and what lies beside them. */
const parameters = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_checksumFlag]: 1,
};

function decompress(stored: Uint8Array): Uint8Array | undefined {
  try {
    return zstdDecompressSync(stored);
  } catch {
    return undefined;
  }
}

/** Only one thread at a time owns a worker, and writes its files one after the other. */
export function snapshotFiles(dataDirectory: string): MemorySnapshotStore {
  const lock = new KeyedLock();
  const path = (worker: WorkerId, generation: SnapshotGeneration | "unfinished"): string => {
    const name = createHash("sha256").update(formatWorkerId(worker)).digest("hex").slice(0, 40);
    return join(dataDirectory, "memory-snapshots", name.slice(0, 2), `${name}.${generation}`);
  };
  return {
    put: (worker, snapshot) =>
      lock.run(formatWorkerId(worker), async () => {
        const unfinished = path(worker, "unfinished");
        const compressed = await compress(snapshot, { params: parameters });
        await write(unfinished, compressed);
        await renameIfThere(path(worker, "latest"), path(worker, "previous"));
        await rename(unfinished, path(worker, "latest"));
        return compressed.length;
      }),
    // Short and mostly in the page cache: a way over other threads would take longer than the read.
    get: async (worker, generation) => {
      const stored = readIfThere(path(worker, generation));
      return stored === undefined ? undefined : decompress(stored);
    },
    delete: (worker) =>
      lock.run(formatWorkerId(worker), async () => {
        for (const generation of ["latest", "previous", "unfinished"] as const) {
          await rm(path(worker, generation), { force: true });
        }
      }),
  };
}

async function write(path: string, data: Uint8Array): Promise<void> {
  try {
    await writeFile(path, data);
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  // Most workers have none, and what an error is made of takes ten times as long as the look.
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
