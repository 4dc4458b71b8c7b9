/**
 * Blobs as files. A blob is written to a temporary file, synced, renamed to its name, and the directory is synced: after
 * a crash it is whole or absent, and temporary files that are left over are removed at the next start.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Disk } from "../platform/disk.ts";
import { hasErrorCode } from "../platform/disk.ts";
import { StoreError } from "../platform/store-error.ts";
import type { BlobStore } from "../worker/stores.ts";

/** Longer file names are cut and end in a hash: most file systems allow 255 bytes. */
const fileNameBytesMax = 200;

/**
 * The file name for one segment of a blob's name: anything but lower-case letters, digits, `-`, `_` and inner dots is
 * escaped, so that no name leads out of the directory and names stay distinct where file systems ignore case.
 */
function fileName(segment: string): string {
  let name = "";
  for (const byte of Buffer.from(segment)) {
    const character = String.fromCharCode(byte);
    const plain = /[a-z0-9_-]/.test(character) || (character === "." && name !== "");
    name += plain ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }
  if (name.length <= fileNameBytesMax) return name;
  const hash = createHash("sha256").update(segment).digest("hex");
  return `${name.slice(0, fileNameBytesMax - hash.length)}%~${hash}`;
}

const knownDirectoriesMax = 4096;

function checkName(name: string): void {
  const segments = name.split("/");
  const bad = segments.some(
    (segment) => segment === "" || segment === "." || segment === ".." || segment.includes("\0"),
  );
  if (!bad && name.isWellFormed()) return;
  throw new StoreError("failed", `cannot use "${name}" as the name of a blob: it must be segments separated by "/"`);
}

function toStoreError(error: unknown, action: string): StoreError {
  if (error instanceof StoreError) return error;
  const full = hasErrorCode(error, "ENOSPC") || hasErrorCode(error, "EDQUOT");
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(full ? "full" : "failed", `cannot ${action}: ${reason}`, { cause: error });
}

/** Where the blobs and the unfinished ones lie in a data directory. */
function directoriesOf(dataDirectory: string): { readonly blobs: string; readonly temporary: string } {
  return { blobs: join(dataDirectory, "blobs"), temporary: join(dataDirectory, "blobs-unfinished") };
}

/** Removes what writers left behind when they were cut off. To be called before any store is open. */
export async function removeUnfinishedBlobs(disk: Disk, dataDirectory: string): Promise<void> {
  const { blobs, temporary } = directoriesOf(dataDirectory);
  await disk.makeDirectory(blobs);
  await disk.makeDirectory(temporary);
  for (const name of await disk.list(temporary)) await disk.remove(join(temporary, name));
}

/** What lies in a directory of blobs, by file name; for names that need no escapes. */
export function listBlobDirectories(disk: Disk, dataDirectory: string, directory: string): Promise<readonly string[]> {
  return disk.list(join(directoriesOf(dataDirectory).blobs, directory));
}

export interface BlobStoreOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** Distinguishes the temporary files of this store from those of others on the same directory. */
  readonly writer: string;
}

class FileBlobStore {
  readonly #disk: Disk;
  readonly #blobs: string;
  readonly #temporary: string;
  readonly #writer: string;
  /** Directories whose entries, up to the root of all blobs, were synced. */
  readonly #durableDirectories = new Set<string>();
  #count = 0;

  constructor(options: BlobStoreOptions) {
    const { blobs, temporary } = directoriesOf(options.dataDirectory);
    this.#disk = options.disk;
    this.#blobs = blobs;
    this.#temporary = temporary;
    this.#writer = options.writer;
  }

  /** Where the blobs lie whose names begin with `prefix`. */
  directory(prefix: string): string {
    checkName(prefix);
    return join(this.#blobs, ...prefix.split("/").map((segment) => fileName(segment)));
  }

  /** The file of a blob; its ending keeps a blob "a" apart from the directory of "a/b". */
  path(name: string): string {
    return `${this.directory(name)}=`;
  }

  /** Runs `action`; what it throws becomes a `StoreError`. */
  async attempt<T>(verb: string, name: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw toStoreError(error, `${verb} the blob "${name}"`);
    }
  }

  async put(path: string, data: Uint8Array): Promise<void> {
    this.#count += 1;
    const temporary = join(this.#temporary, `${this.#writer}-${this.#count}`);
    try {
      await this.#disk.write(temporary, data);
      await this.#rename(temporary, path);
    } catch (error) {
      // The failure to be told is the first one. What can't be removed now is removed at the next start.
      await this.#disk.remove(temporary).catch(() => undefined);
      throw error;
    }
    await this.#disk.syncDirectory(dirname(path));
  }

  async #rename(from: string, to: string): Promise<void> {
    const directory = dirname(to);
    await this.#ensureDirectory(directory);
    try {
      await this.#disk.rename(from, to);
    } catch (error) {
      if (!hasErrorCode(error, "ENOENT")) throw error;
      // `deleteAll` removed the directory in between, perhaps in another thread.
      this.#durableDirectories.delete(directory);
      await this.#ensureDirectory(directory);
      await this.#disk.rename(from, to);
    }
  }

  /** A directory that is there may have been made a moment ago by another writer that hasn't synced it yet. */
  async #ensureDirectory(directory: string): Promise<void> {
    if (this.#durableDirectories.has(directory)) return;
    await this.#disk.makeDirectory(directory);
    for (let made = directory; made !== this.#blobs; made = dirname(made))
      await this.#disk.syncDirectory(dirname(made));
    if (this.#durableDirectories.size >= knownDirectoriesMax) this.#durableDirectories.clear();
    this.#durableDirectories.add(directory);
  }

  async remove(path: string): Promise<void> {
    await this.#disk.remove(path);
    try {
      await this.#disk.syncDirectory(dirname(path));
    } catch (error) {
      // Without a directory there was no such blob, or it went with the directory, which that removal syncs.
      if (!hasErrorCode(error, "ENOENT")) throw error;
    }
  }

  async removeAll(prefix: string): Promise<void> {
    const directory = this.directory(prefix);
    for (const known of this.#durableDirectories) {
      if (known === directory || known.startsWith(`${directory}/`)) this.#durableDirectories.delete(known);
    }
    await this.remove(directory);
  }
}

/** Opens the blobs of a data directory, in any thread. */
export function createBlobStore(options: BlobStoreOptions): BlobStore {
  const store = new FileBlobStore(options);
  const { disk } = options;
  return {
    put: (name, data) => store.attempt("write", name, () => store.put(store.path(name), data)),
    get: (name) => store.attempt("read", name, () => disk.read(store.path(name))),
    getSync: (name) => {
      try {
        return disk.readSync(store.path(name));
      } catch (error) {
        throw toStoreError(error, `read the blob "${name}"`);
      }
    },
    delete: (name) => store.attempt("delete", name, () => store.remove(store.path(name))),
    deleteAll: (prefix) => store.attempt("delete", prefix, () => store.removeAll(prefix)),
  };
}
