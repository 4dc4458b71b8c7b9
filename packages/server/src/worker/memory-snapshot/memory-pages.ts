/** Linear memories as the pages in which they differ from what a fresh instance has. */
import type { CoreMemory } from "@emet/component";

/** Small, because a call changes few bytes here and there. */
const pageBytes = 4096;
/** How much is compared at a time, as most of a memory hasn't changed; what memories grow by. */
const blockBytes = 65_536;
const zeros = Buffer.alloc(blockBytes);

/** A memory; pages that aren't there are as in the image of a fresh instance, or zero behind its end. */
export interface SavedMemory {
  readonly bytes: number;
  /** Numbers of the pages in `content`, one after the other. */
  readonly pages: Uint32Array;
  readonly content: Uint8Array;
}

/** The bytes of `image` from `start` on, zeros behind its end. `length` is within one block. */
function imageBytes(image: Uint8Array, start: number, length: number): Uint8Array {
  return start < image.length ? image.subarray(start, start + length) : zeros.subarray(0, length);
}

/** Numbers of the pages of `memory` that aren't as in `image`. Both are whole blocks. */
function changedPages(memory: Buffer, image: Uint8Array): readonly number[] {
  const changed: number[] = [];
  for (let block = 0; block < memory.length; block += blockBytes) {
    const now = memory.subarray(block, block + blockBytes);
    if (now.equals(imageBytes(image, block, blockBytes))) continue;
    for (let start = block; start < block + blockBytes; start += pageBytes) {
      const page = memory.subarray(start, start + pageBytes);
      if (!page.equals(imageBytes(image, start, pageBytes))) changed.push(start / pageBytes);
    }
  }
  return changed;
}

export function saveMemory(memory: CoreMemory, image: Uint8Array): SavedMemory {
  const view = Buffer.from(memory.buffer);
  const pages = changedPages(view, image);
  const content = new Uint8Array(pages.length * pageBytes);
  for (const [position, page] of pages.entries()) {
    content.set(view.subarray(page * pageBytes, (page + 1) * pageBytes), position * pageBytes);
  }
  return { bytes: view.length, pages: Uint32Array.from(pages), content };
}

/** Makes a fresh memory what was saved. `image` is that of the saving; a memory that differs from it is made like it. */
export function restoreMemory(memory: CoreMemory, saved: SavedMemory, image: Uint8Array): void {
  const missing = (saved.bytes - memory.buffer.byteLength) / blockBytes;
  if (missing < 0) throw new Error("a fresh memory is larger than the saved one");
  if (missing > 0) memory.grow(missing);
  const view = Buffer.from(memory.buffer);
  for (const page of changedPages(view, image)) {
    const start = page * pageBytes;
    view.set(imageBytes(image, start, pageBytes), start);
  }
  for (const [position, page] of saved.pages.entries()) {
    view.set(saved.content.subarray(position * pageBytes, (position + 1) * pageBytes), page * pageBytes);
  }
}

/** What is in a memory, without the zeros behind it. */
export function imageOf(memory: CoreMemory): Uint8Array {
  const view = Buffer.from(memory.buffer);
  let end = view.length;
  while (end > 0 && view.subarray(end - blockBytes, end).equals(zeros)) end -= blockBytes;
  return new Uint8Array(view.subarray(0, end));
}
