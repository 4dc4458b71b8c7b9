/**
 * A file's bytes in pages: writing at the end of a large file copies nothing, and holes take no memory. Below the pages
 * lies what the file began with, which may be shared: a page of it is copied when it is written to.
 */
import { FileError } from "./file-error.ts";

const pageBytes = 65_536;

/** Offsets beyond this aren't exact in JavaScript's numbers; no real file comes near. */
const sizeMax = 2 ** 43;

/** Counts the bytes of all files of a worker against its limit. */
export class Quota {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Throws `FileError` "insufficient-space": at the same point in every replay. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) throw new FileError("insufficient-space");
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** What was taken and not given back. */
  get taken(): number {
    return this.#bytes;
  }

  /** Goes on counting from what another one had counted, even if that is more than may be taken now. */
  restore(taken: number): void {
    this.#bytes = taken;
  }
}

/** A file's bytes as plain data. */
export interface SavedContent {
  readonly size: number;
  /** How much is left of what it began with, and what that is; undefined for nothing. */
  readonly shared: { readonly source: string; readonly length: number } | undefined;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

export class FileContent {
  readonly #quota: Quota;
  readonly #pages = new Map<number, Uint8Array>();
  #shared: Uint8Array;
  #size: number;

  constructor(quota: Quota, shared: Uint8Array = new Uint8Array(0)) {
    this.#quota = quota;
    this.#shared = shared;
    this.#size = shared.length;
  }

  get size(): number {
    return this.#size;
  }

  /** `sourceOf` names what a file can begin with. */
  save(sourceOf: (shared: Uint8Array) => string): SavedContent {
    const { length } = this.#shared;
    const shared = length === 0 ? undefined : { source: sourceOf(this.#shared), length };
    return { size: this.#size, shared, pages: this.#pages };
  }

  /** Makes a new file's content what was saved. */
  restore({ size, shared, pages }: SavedContent, contentOf: (source: string) => Uint8Array): void {
    this.#size = size;
    if (shared !== undefined) this.#shared = contentOf(shared.source).subarray(0, shared.length);
    // A page must not hold on to all that came with it.
    for (const [number, page] of pages) this.#pages.set(number, new Uint8Array(page));
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.#size);
    const result = new Uint8Array(Math.max(end - offset, 0));
    for (let at = offset; at < end;) {
      const within = at % pageBytes;
      const count = Math.min(pageBytes - within, end - at);
      const page = this.#pages.get(Math.floor(at / pageBytes));
      const bytes = page?.subarray(within, within + count) ?? this.#shared.subarray(at, at + count);
      result.set(bytes, at - offset);
      at += count;
    }
    return result;
  }

  write(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > sizeMax) throw new FileError("file-too-large");
    if (bytes.length > 0) this.#addPages(offset, offset + bytes.length - 1);
    for (let at = 0; at < bytes.length;) {
      const within = (offset + at) % pageBytes;
      const count = Math.min(pageBytes - within, bytes.length - at);
      this.#pages.get(Math.floor((offset + at) / pageBytes))?.set(bytes.subarray(at, at + count), within);
      at += count;
    }
    if (bytes.length > 0) this.#size = Math.max(this.#size, offset + bytes.length);
  }

  resize(size: number): void {
    if (size > sizeMax) throw new FileError("file-too-large");
    if (size < this.#size) this.#truncate(size);
    this.#size = size;
  }

  /** The last name and the last descriptor are gone. */
  free(): void {
    this.#truncate(0);
    this.#size = 0;
  }

  #truncate(size: number): void {
    const keep = Math.ceil(size / pageBytes);
    for (const number of this.#pages.keys()) {
      if (number < keep) continue;
      this.#pages.delete(number);
      this.#quota.give(pageBytes);
    }
    // What lies behind the new end must read as zero if the file grows again.
    this.#shared = this.#shared.subarray(0, size);
    this.#pages.get(keep - 1)?.fill(0, size - (keep - 1) * pageBytes);
  }

  /** Makes the pages from one offset to another that aren't there, all or, where the quota ends, none. */
  #addPages(first: number, last: number): void {
    const missing: number[] = [];
    const end = Math.floor(last / pageBytes);
    for (let number = Math.floor(first / pageBytes); number <= end; number += 1) {
      if (!this.#pages.has(number)) missing.push(number);
    }
    this.#quota.take(missing.length * pageBytes);
    for (const number of missing) {
      const page = new Uint8Array(pageBytes);
      page.set(this.#shared.subarray(number * pageBytes, (number + 1) * pageBytes));
      this.#pages.set(number, page);
    }
  }
}
