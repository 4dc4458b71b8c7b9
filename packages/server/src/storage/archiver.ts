/**
 * Moves old records of workers with many segments into compressed blobs, one at a time, beside everything else: the
 * storage thread only reads and forgets what is moved. A crash at any moment leaves the records in segments or in the
 * blob, or in both.
 */
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { StoreError } from "../platform/store-error.ts";
import type { BlobStore } from "../worker/stores.ts";
import type { ArchivedRun } from "./archive-table.ts";
import { archiveBlobName, archivesOf, keyOfArchives } from "./archive-table.ts";
import type { CallStorage } from "./calls.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const callBytes = 256;

export interface ArchiverOptions {
  /** The one whose workers' records it moves, and the calls of that one. */
  readonly partition: number;
  readonly call: CallStorage;
  readonly blobs: BlobStore;
  /** Names of the directories below `archive/` in the blob store, of all partitions. */
  readonly directories: () => Promise<readonly string[]>;
}

export class Archiver {
  readonly #options: ArchiverOptions;
  #running: Promise<number> | undefined;
  #stopped = false;

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  /** Archives all that is to be, and removes archives of workers that are gone. Resolves with how many runs it moved. */
  run(): Promise<number> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.catch(() => undefined);
  }

  async #run(): Promise<number> {
    const { call } = this.#options;
    await this.#removeEnded();
    let moved = 0;
    let after: number | undefined = 0;
    while (after !== undefined && !this.#stopped) {
      const page: { readonly keys: readonly number[]; readonly next: number | undefined } = await call(
        callBytes,
        "archive.candidates",
        after,
      );
      for (const key of page.keys) moved += await this.#archiveLife(key);
      after = page.next;
    }
    return moved;
  }

  async #archiveLife(key: number): Promise<number> {
    const { call, blobs, partition } = this.#options;
    for (let moved = 0; ; moved += 1) {
      if (this.#stopped) return moved;
      const unit = await call(callBytes, "archive.unit", key);
      if (unit === undefined) return moved;
      const { chunks, ...run } = unit;
      const data = await compress(chunks, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
      await blobs.put(archiveBlobName(run, partition), data);
      if (await call(callBytes, "archive.store", run, data.length)) continue;
      await blobs.deleteAll(archivesOf(key, partition));
      return moved;
    }
  }

  async #removeEnded(): Promise<void> {
    const { call, blobs, directories, partition } = this.#options;
    const keys = (await directories()).map((name) => keyOfArchives(name, partition)).filter((key) => key !== undefined);
    for (const key of await call(callBytes, "archive.ended", keys)) {
      await blobs.deleteAll(archivesOf(key, partition));
    }
  }
}

/** Reads runs back. Oplogs are read from one end to the other: the run that was read last is kept. */
export class ArchiveReader {
  readonly #blobs: BlobStore;
  #last: { readonly name: string; readonly chunks: Buffer } | undefined;

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Chunks as in `chunk-list.ts`; undefined when the blob is gone, as the worker is. Rejects when it is damaged. */
  async read(run: ArchivedRun, partition: number): Promise<Buffer | undefined> {
    const name = archiveBlobName(run, partition);
    if (this.#last?.name === name) return this.#last.chunks;
    const data = await this.#blobs.get(name);
    if (data === undefined) return undefined;
    const chunks = await decompress(data).catch((error: unknown) => {
      throw new StoreError("failed", `cannot read the archive "${name}": it is damaged`, { cause: error });
    });
    this.#last = { name, chunks };
    return chunks;
  }
}
