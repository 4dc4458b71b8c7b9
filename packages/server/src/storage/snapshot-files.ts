/**
 * Memory snapshots as files, compressed. They aren't synced: one that a crash of the machine has damaged is found out by
 * its checksum, and the oplog has everything. For the same reason nothing that the disk refuses may harm a worker: what
 * can't be read isn't there, and what can't be removed stays.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { constants, crc32, zstdCompress, zstdDecompressSync } from "node:zlib";
import { hasErrorCode } from "../platform/disk.ts";
import { KeyedLock } from "../platform/keyed-lock.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { formatWorkerId } from "../platform/worker-id.ts";
import { memorySnapshotSkipped } from "../worker/channels.ts";
import type { MemorySnapshotSkipped } from "../worker/channels.ts";
import type { MemorySnapshotStore, SnapshotGeneration } from "../worker/stores.ts";

const compress = promisify(zstdCompress);

/** Before the content: how many bytes it has, and their checksum. */
const headerBytes = 8;
/** What is larger than this must above all be read fast: it is compressed lightly, or not at all. */
const largeBytes = 2 * 1024 * 1024;
/** Most of what is saved of memories are zeros and what lies beside them. Level 1 takes five times as long as the other. */
const [smallLevel, largeLevel] = [1, -50];

/** Keys of invocations can't be compressed: then it isn't worth its time. */
const worthwhileShare = 0.75;

/** A damaged header may say anything. */
const pieceBytesMax = 64 * 1024 * 1024;

/** What a file holds, one after the other. */
async function encode(content: Uint8Array): Promise<readonly [header: Uint8Array, body: Uint8Array]> {
  const level = content.length > largeBytes ? largeLevel : smallLevel;
  const compressed = await compress(content, { params: { [constants.ZSTD_c_compressionLevel]: level } });
  const body = compressed.length < content.length * worthwhileShare ? compressed : content;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(content.length, 0);
  header.writeUInt32LE(crc32(content), 4);
  return [header, body];
}

function decode(stored: Buffer): Uint8Array | undefined {
  if (stored.length < headerBytes) return undefined;
  const length = stored.readUInt32LE(0);
  const body = stored.subarray(headerBytes);
  const content = body.length === length ? body : decompress(body, length);
  return content?.length === length && crc32(content) === stored.readUInt32LE(4) ? content : undefined;
}

function decompress(body: Uint8Array, length: number): Uint8Array | undefined {
  try {
    // In one piece, and with room to see the end by: in small ones, which are then put together, it takes twice as long.
    return zstdDecompressSync(body, { chunkSize: Math.min(length, pieceBytesMax) + 64 });
  } catch {
    return undefined;
  }
}

/** Where the snapshots lie, and those that are being written: below, since the folder may be on another disk. */
function foldersOf(dataDirectory: string): { readonly finished: string; readonly unfinished: string } {
  const finished = join(dataDirectory, "memory-snapshots");
  return { finished, unfinished: join(finished, "unfinished") };
}

function nameOf(worker: WorkerId): string {
  return createHash("sha256").update(formatWorkerId(worker)).digest("hex").slice(0, 40);
}

/** Removes what writers left behind when they were cut off, if the disk allows. To be called before anything is put. */
export async function removeUnfinishedSnapshots(dataDirectory: string): Promise<void> {
  await rm(foldersOf(dataDirectory).unfinished, { recursive: true, force: true }).catch(() => undefined);
}

/** Only one thread at a time owns a worker, and writes its files one after the other. */
export function snapshotFiles(dataDirectory: string): MemorySnapshotStore {
  const lock = new KeyedLock();
  const { finished, unfinished } = foldersOf(dataDirectory);
  const path = (worker: WorkerId, generation: SnapshotGeneration): string => {
    const name = nameOf(worker);
    return join(finished, name.slice(0, 2), `${name}.${generation}`);
  };
  return {
    put: (worker, snapshot) =>
      lock.run(formatWorkerId(worker), async () => {
        const parts = await encode(snapshot);
        const [written, latest] = [join(unfinished, nameOf(worker)), path(worker, "latest")];
        try {
          await inDirectory(written, () => writeFile(written, parts));
          await renameIfThere(latest, path(worker, "previous"));
          await inDirectory(latest, () => replace(written, latest));
        } catch (error) {
          // The failure to be told is the first one. What can't be removed now is removed at the next start.
          await rm(written, { force: true }).catch(() => undefined);
          throw error;
        }
        return parts.reduce((sum, { length }) => sum + length, 0);
      }),
    // Short and mostly in the page cache: a way over other threads would take longer than the read.
    get: async (worker, generation) => {
      const stored = await attempt(worker, "load", () => readIfThere(path(worker, generation)));
      return stored === undefined ? undefined : decode(stored);
    },
    delete: (worker) =>
      lock.run(formatWorkerId(worker), async () => {
        for (const generation of ["latest", "previous"] as const) {
          await attempt(worker, "delete", () => rm(path(worker, generation), { recursive: true, force: true }));
        }
      }),
  };
}

/** Makes the directory of a file if that is what is missing. */
async function inDirectory(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
    await mkdir(dirname(path), { recursive: true });
    await work();
  }
}

/** Whatever lies in its place gives way. */
async function replace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) throw error;
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await replace(from, to);
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
}

/** What fails is told and no more; undefined then. */
async function attempt<T>(
  worker: WorkerId,
  step: MemorySnapshotSkipped["step"],
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (hasErrorCode(error, "ENOENT") || hasErrorCode(error, "ENOTDIR")) return undefined;
    memorySnapshotSkipped.publish({ worker, step, reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/** Most workers have none, and what an error is made of takes ten times as long as the look. */
function readIfThere(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}
