/** Reading oplogs: what was archived, then what was moved to segments, then what is still pending in memory. */
import { StoreError } from "../platform/store-error.ts";
import type { ArchivedRun, ArchiveTable } from "./archive-table.ts";
import type { ChunkRange } from "./chunk-list.ts";
import { chunkHeaderBytes, selectChunks, writeChunk } from "./chunk-list.ts";
import type { Segments } from "./segments.ts";
import { segmentHeaderBytes } from "./segments.ts";
import type { WorkerState, WorkerStates } from "./worker-states.ts";

/** Chunks as bytes (`chunk-list.ts`) in a buffer that can be transferred. */
export interface OplogPage {
  readonly kind: "page";
  readonly chunks: Uint8Array<ArrayBuffer>;
  readonly firstIndex: number;
  readonly nextIndex: number | undefined;
}

/** What was asked for lies in an archive, which the client reads by itself. */
export interface ArchivedPage {
  readonly kind: "archived";
  readonly run: ArchivedRun;
  readonly lastIndex: number;
}

/** Made anew each time: a page's buffer is gone once it was sent. */
function emptyPage(): OplogPage {
  return { kind: "page", chunks: new Uint8Array(0), firstIndex: 1, nextIndex: undefined };
}

/** Collects parts of chunk lists until they are enough. */
class PageBuilder {
  readonly #parts: Buffer[] = [];
  #bytes = 0;
  #firstIndex: number | undefined;
  nextIndex: number;
  bytesLeft: number;

  constructor(fromIndex: number, bytesMax: number) {
    this.nextIndex = fromIndex;
    this.bytesLeft = bytesMax;
  }

  /** False when the page is full. */
  get open(): boolean {
    return this.bytesLeft > 0;
  }

  add(list: Buffer, range: ChunkRange): void {
    this.#firstIndex ??= range.firstIndex;
    this.nextIndex = range.nextIndex;
    const bytes = range.end - range.start;
    this.#parts.push(list.subarray(range.start, range.end));
    this.#bytes += bytes;
    // A list that was cut ends the page, whatever room is left.
    this.bytesLeft = range.end < list.length ? 0 : this.bytesLeft - bytes;
  }

  finish(lastIndex: number): OplogPage {
    const chunks = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      chunks.set(part, at);
      at += part.length;
    }
    const nextIndex = this.nextIndex <= lastIndex ? this.nextIndex : undefined;
    return { kind: "page", chunks, firstIndex: this.#firstIndex ?? 1, nextIndex };
  }
}

function addPending(page: PageBuilder, state: WorkerState): void {
  for (const entry of state.pending) {
    if (entry.nextIndex <= page.nextIndex) continue;
    if (!page.open) return;
    const list = Buffer.allocUnsafe(chunkHeaderBytes + entry.recordsBytes);
    writeChunk(list, 0, entry.count, entry.buffer.subarray(entry.recordsStart, entry.detailStart));
    const { firstIndex, nextIndex } = entry;
    page.add(list, { start: 0, end: list.length, firstIndex, nextIndex });
  }
}

/** Reads as `OplogStore.read` says. */
export function readOplog(
  parts: { readonly states: WorkerStates; readonly segments: Segments; readonly archives: ArchiveTable },
  id: string,
  fromIndex: number,
  bytesMax: number,
): OplogPage | ArchivedPage {
  const state = parts.states.find(id);
  if (state === undefined || fromIndex > state.lastIndex) return emptyPage();
  const run = fromIndex <= state.movedIndex ? parts.archives.find(state.key, fromIndex) : undefined;
  if (run !== undefined) return { kind: "archived", run, lastIndex: state.lastIndex };
  const page = new PageBuilder(fromIndex, bytesMax);
  if (fromIndex <= state.movedIndex) {
    for (const { data, firstIndex } of parts.segments.read(state.key, fromIndex)) {
      const begin = { start: segmentHeaderBytes, firstIndex };
      const range = selectChunks(data, begin, page.nextIndex, page.bytesLeft);
      const expected = page.nextIndex;
      if (range.firstIndex > expected || range.nextIndex <= expected) {
        throw new StoreError("failed", `cannot read the oplog of ${id}: index ${expected} is missing`);
      }
      page.add(data, range);
      if (!page.open) break;
    }
  }
  if (page.open) addPending(page, state);
  return page.finish(state.lastIndex);
}
