/**
 * The file operations that storage needs, as a port: `simulated-disk.ts` has the twin that fails and crashes on
 * request. Errors carry the codes of Node (`ENOSPC`, `EIO`, …). SQLite does its own input and output.
 */
import { readFileSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export interface Disk {
  /** The whole file, undefined if there is none. */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
  readonly readSync: (path: string) => Uint8Array | undefined;
  /** Creates or replaces a file and syncs its content. Its name is durable only after `syncDirectory`. */
  readonly write: (path: string, data: Uint8Array) => Promise<void>;
  /** Replaces `to`. Durable after `syncDirectory` of the directory of `to`. */
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Removes a file or a whole directory; nothing happens if there is none. */
  readonly remove: (path: string) => Promise<void>;
  /** Names in a directory, none if there is no such directory. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Makes a directory and those above it, durably. */
  readonly makeDirectory: (path: string) => Promise<void>;
  readonly syncDirectory: (path: string) => Promise<void>;
}

/** Whether a Node error carries this code. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}

async function absentIfMissing<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function write(path: string, data: Uint8Array): Promise<void> {
  await using file = await open(path, "w");
  await file.writeFile(data);
  await file.sync();
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, "r");
  await directory.sync();
}

async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  // Each new directory is an entry of the one above it: sync from the deepest up to the parent of the first made.
  for (let made = path; ; made = dirname(made)) {
    await syncDirectory(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/** The disk of the operating system. */
export const systemDisk: Disk = {
  read: (path) => absentIfMissing(readFile(path)),
  readSync: (path) => {
    try {
      return readFileSync(path);
    } catch (error) {
      if (hasErrorCode(error, "ENOENT")) return undefined;
      throw error;
    }
  },
  write,
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  list: async (path) => (await absentIfMissing(readdir(path))) ?? [],
  makeDirectory,
  syncDirectory,
};
