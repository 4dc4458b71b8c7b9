/**
 * A body on its way out: the guest writes, a connection reads. What is written is not recorded, as the guest writes it
 * again when it is replayed.
 */
import type { HttpBody, HttpHeader } from "../../platform/http/http-client.ts";
import { Change } from "./change.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { HttpError, plainError } from "./error-code.ts";

/** Kept while a connection reads; beyond it the guest has to wait. */
const bufferBytesMax = 1024 * 1024;

/** Guests write in small pieces; what goes out costs by the piece. */
const chunkBytesMax = 64 * 1024;

/** Kept before there is a reader: a guest may write all of it first, and would wait for ever if there were no room. */
export const unreadBytesMax = 64 * 1024 * 1024;

type Mode =
  /** Nobody reads yet. */
  | "unread"
  | "read"
  /** Nobody will read: what is written is dropped. */
  | "discarded";

export class BodyPipe {
  /** There may be more room, or an end. */
  readonly changed: Change = new Change();
  readonly #arrived = new Change();
  readonly #ended = new AbortController();
  readonly #chunks = new ChunkQueue();
  #mode: Mode = "unread";
  #trailers: readonly HttpHeader[] | undefined;
  #broken: HttpError | undefined;
  #overflowed = false;

  /** How many bytes may be written now. */
  get room(): number {
    return this.#mode === "read" ? Math.max(bufferBytesMax - this.#chunks.bytes, 0) : bufferBytesMax;
  }

  /** Why it will not come to a proper end. */
  get broken(): HttpError | undefined {
    return this.#broken;
  }

  /** Something was dropped that a reader would need. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  get finished(): boolean {
    return this.#trailers !== undefined;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#mode === "discarded" || this.#broken !== undefined) return;
    this.#chunks.push(bytes);
    if (this.#mode === "unread" && this.#chunks.bytes > unreadBytesMax) {
      this.#overflowed = true;
      this.discard();
    }
    this.#arrived.notify();
  }

  finish(trailers: readonly HttpHeader[]): void {
    this.#trailers = trailers;
    this.#arrived.notify();
  }

  /** There will be no proper end. */
  break(error: HttpError): void {
    if (this.finished) return;
    this.#broken ??= error;
    this.#arrived.notify();
    this.changed.notify();
  }

  discard(): void {
    this.#mode = "discarded";
    this.#chunks.clear();
    this.#ended.abort();
    this.changed.notify();
  }

  /** The one reader. */
  read(): HttpBody {
    this.#mode = "read";
    const known = this.#trailers?.length === 0 && !this.#overflowed;
    return {
      length: known ? this.#chunks.bytes : undefined,
      next: () => this.#next(),
      trailers: () => this.#trailers ?? [],
    };
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken;
      if (this.#overflowed) throw new HttpError({ tag: "HTTP-request-body-size", val: undefined });
      if (this.#mode === "discarded") throw new HttpError(plainError("connection-terminated"));
      if (this.#chunks.bytes > 0) {
        const chunk = this.#chunks.take(chunkBytesMax);
        this.changed.notify();
        return chunk;
      }
      if (this.#trailers !== undefined) return undefined;
      await this.#arrived.wait(this.#ended.signal);
    }
  }
}
