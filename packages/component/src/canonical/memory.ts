/** Access to a guest's linear memory. */
import { liftBytesMax } from "./layout.ts";
import { trap } from "./trap.ts";
import type { CoreMemory } from "./webassembly.ts";

/** The part of Node's Buffer that is faster than the standard text functions. */
export interface TextBuffer {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  utf8Write(text: string, offset: number, length: number): number;
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

/** Makes text buffers. */
export interface TextBuffers {
  from(buffer: ArrayBufferLike): TextBuffer;
  byteLength(text: string): number;
}

/** Node's Buffer where the host has one; feature-detected, so that the package runs in any JavaScript host. */
const hostBuffers: TextBuffers | undefined = detectBuffers();

function detectBuffers(): TextBuffers | undefined {
  const candidate = (globalThis as { Buffer?: { prototype?: Partial<TextBuffer> } }).Buffer;
  const methods = ["utf8Slice", "latin1Slice", "ucs2Slice", "utf8Write", "latin1Write", "ucs2Write"] as const;
  const complete = methods.every((name) => typeof candidate?.prototype?.[name] === "function");
  return complete ? (candidate as unknown as TextBuffers) : undefined;
}

const noMemory = new ArrayBuffer(0);

/**
 * Views of one linear memory. Growing the memory detaches them, which shows as `bytes.length === 0`; comparing
 * `memory.buffer` would cost five times more. Whoever has just run guest code calls `check` before the next access.
 */
export class GuestMemory {
  readonly memory: CoreMemory | undefined;
  /** The host's fast text functions; undefined where only the standard ones are to be used. */
  readonly buffers: TextBuffers | undefined;
  bytes: Uint8Array;
  view: DataView;
  text: TextBuffer | undefined;
  /** Bytes that the lift under way may still take. */
  #budget = liftBytesMax;

  constructor(memory: CoreMemory | undefined, buffers: TextBuffers | undefined = hostBuffers) {
    this.memory = memory;
    this.buffers = buffers;
    const buffer = memory?.buffer ?? noMemory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.text = this.buffers?.from(buffer);
  }

  /** Renews the views if the memory has grown. Stands before every lift, and begins its budget. */
  check(): void {
    this.#budget = liftBytesMax;
    if (this.bytes.length === 0) this.#renew();
  }

  /** Takes the cost of a lifted string or list out of the budget. */
  charge(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) trap("values are too large: the host lifts at most 256 MiB at once");
  }

  #renew(): void {
    const buffer = this.memory?.buffer ?? noMemory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.text = this.buffers?.from(buffer);
  }
}
