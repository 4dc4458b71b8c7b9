/** Files that are written and read piece by piece. Errors carry the codes of Node. */
import { closeSync, open as openCallback, openSync, read as readCallback, writeSync } from "node:fs";
import { link, open, readdir, rename, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { hasErrorCode, systemDisk } from "./disk.ts";

export interface DataFiles {
  /** Creates a file that isn't there. */
  readonly create: (path: string) => AppendedFile;
  /** Undefined when there is none. */
  readonly open: (path: string) => Promise<ReadFile | undefined>;
  /** Gives a file a second name. */
  readonly link: (from: string, to: string) => Promise<void>;
  /** Nothing happens if it has that name already, or is gone. */
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  readonly list: (directory: string) => Promise<readonly string[]>;
  readonly makeDirectory: (path: string) => Promise<void>;
  readonly syncDirectory: (path: string) => Promise<void>;
}

export interface AppendedFile {
  readonly append: (bytes: Uint8Array) => void;
  readonly sync: () => Promise<void>;
  readonly close: () => void;
}

export interface ReadFile {
  /** Fewer bytes at the end only. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  readonly close: () => void;
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.datasync();
}

function create(path: string): AppendedFile {
  const descriptor = openSync(path, "wx");
  let closed = false;
  return {
    append: (bytes) => {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(descriptor, bytes, written, bytes.length - written);
      }
    },
    sync: () => syncFile(path),
    close: () => {
      if (!closed) closeSync(descriptor);
      closed = true;
    },
  };
}

const openDescriptor = promisify(openCallback);
const readDescriptor = promisify(readCallback);

/** With a bare descriptor: a forgotten handle object would end the process when it is collected. */
async function openToRead(path: string): Promise<ReadFile | undefined> {
  let descriptor: number;
  try {
    descriptor = await openDescriptor(path, "r");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
  let reads = 0;
  let closed = false;
  const closeUnused = (): void => {
    // The number may be another file's as soon as it is closed: never under a read.
    if (closed && reads === 0) closeSync(descriptor);
  };
  return {
    read: async (offset, length) => {
      if (closed) throw new Error("the file is closed");
      const bytes = Buffer.allocUnsafeSlow(length);
      reads += 1;
      try {
        let end = 0;
        while (end < length) {
          const { bytesRead } = await readDescriptor(descriptor, bytes, end, length - end, offset + end);
          if (bytesRead === 0) break;
          end += bytesRead;
        }
        return new Uint8Array(bytes.buffer, 0, end);
      } finally {
        reads -= 1;
        closeUnused();
      }
    },
    close: () => {
      if (closed) return;
      closed = true;
      closeUnused();
    },
  };
}

async function unlessMissing(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
}

export const systemDataFiles: DataFiles = {
  create,
  open: openToRead,
  link,
  rename: (from, to) => unlessMissing(rename(from, to)),
  remove: (path) => rm(path, { force: true }),
  list: (directory) => readdir(directory),
  makeDirectory: systemDisk.makeDirectory,
  syncDirectory: systemDisk.syncDirectory,
};
