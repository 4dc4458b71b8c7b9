/**
 * Contents of objects as files. A content is written to a temporary file, synced, and gets its name in the folder of
 * unfinished files. Then the database is told of it; only after that it moves to the others. So every file among the
 * others belongs to an object or is listed as ended, and at a start only the unfinished ones are to be looked at.
 */
import { join } from "node:path";
import type { ObjectFiles, ObjectReader, ObjectWriter } from "../durability/object-store.ts";
import type { DataFiles } from "../platform/data-files.ts";
import { systemDataFiles } from "../platform/data-files.ts";
import { hasErrorCode } from "../platform/disk.ts";
import { systemEntropy } from "../platform/entropy.ts";
import { StoreError } from "../platform/store-error.ts";

const entropy = systemEntropy();

/** Of files that are being written and have no name yet. */
const temporarySuffix = ".tmp";

/** Where the files of a data directory lie. */
export interface ObjectFolders {
  readonly finished: string;
  readonly unfinished: string;
}

export function objectFolders(dataDirectory: string): ObjectFolders {
  return { finished: join(dataDirectory, "objects"), unfinished: join(dataDirectory, "objects-unfinished") };
}

function failure(error: unknown, action: string): StoreError {
  if (error instanceof StoreError) return error;
  const full = hasErrorCode(error, "ENOSPC") || hasErrorCode(error, "EDQUOT");
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(full ? "full" : "failed", `cannot ${action} an object: ${reason}`, { cause: error });
}

async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failure(error, action);
  }
}

export interface FileObjectOptions {
  readonly files: DataFiles;
  readonly dataDirectory: string;
  readonly newName: () => string;
}

export class FileObjects implements ObjectFiles {
  readonly #files: DataFiles;
  readonly #folders: ObjectFolders;
  readonly #newName: () => string;

  constructor({ files, dataDirectory, newName }: FileObjectOptions) {
    this.#files = files;
    this.#folders = objectFolders(dataDirectory);
    this.#newName = newName;
  }

  readonly create = (): ObjectWriter => {
    const { unfinished } = this.#folders;
    const path = join(unfinished, `${this.#newName()}${temporarySuffix}`);
    let file: ReturnType<DataFiles["create"]>;
    try {
      file = this.#files.create(path);
    } catch (error) {
      throw failure(error, "write");
    }
    return {
      append: (bytes) => {
        try {
          file.append(bytes);
        } catch (error) {
          throw failure(error, "write");
        }
      },
      publish: () =>
        attempt("write", async () => {
          await file.sync();
          const name = this.#newName();
          await this.#files.link(path, join(unfinished, name));
          await this.#files.syncDirectory(unfinished);
          return name;
        }),
      close: () => {
        file.close();
        // What can't be removed now is removed at the next start.
        this.#files.remove(path).catch(() => undefined);
      },
    };
  };

  readonly open = (file: string): Promise<ObjectReader | undefined> =>
    attempt("read", async () => {
      const { finished, unfinished } = this.#folders;
      // It moves from one to the other: not found in both, it may have moved in between.
      return (
        (await this.#files.open(join(finished, file))) ??
        (await this.#files.open(join(unfinished, file))) ??
        (await this.#files.open(join(finished, file)))
      );
    });

  /** The database has the file. Should it be lost before it has moved, the next start moves it. */
  async settle(file: string): Promise<void> {
    const { finished, unfinished } = this.#folders;
    await this.#files.rename(join(unfinished, file), join(finished, file));
  }

  /** A file that the database didn't take. */
  async discard(file: string): Promise<void> {
    await this.#files.remove(join(this.#folders.unfinished, file));
  }

  /** Removes files that nothing needs; durable when it resolves. */
  async remove(files: readonly string[]): Promise<void> {
    const { finished, unfinished } = this.#folders;
    for (const file of files) {
      // It may be moving from one to the other.
      for (const folder of [finished, unfinished, finished]) await this.#files.remove(join(folder, file));
    }
    await this.#files.syncDirectory(finished);
  }

  /** Before any other use: moves or removes what writers left when they were cut off. */
  async recover(isUsed: (file: string) => Promise<boolean>): Promise<void> {
    const { finished, unfinished } = this.#folders;
    await this.#files.makeDirectory(finished);
    await this.#files.makeDirectory(unfinished);
    let moved = false;
    for (const name of await this.#files.list(unfinished)) {
      if (!name.endsWith(temporarySuffix) && (await isUsed(name))) {
        await this.settle(name);
        moved = true;
      } else await this.discard(name);
    }
    if (moved) await this.#files.syncDirectory(finished);
  }
}

/** The files of a data directory, in any thread. */
export function fileObjects(dataDirectory: string): FileObjects {
  return new FileObjects({ files: systemDataFiles, dataDirectory, newName: () => entropy.uuid() });
}
