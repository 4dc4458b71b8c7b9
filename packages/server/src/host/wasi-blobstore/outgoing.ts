/** What is written to objects: gathered in memory while it is short, in a file from then on. */
import { HostTrap } from "../../durability/errors.ts";
import type { ObjectContent, ObjectFiles, ObjectWriter } from "../../durability/object-store.ts";
import { joined } from "../../platform/bytes.ts";
import { isStoreError } from "../../platform/store-error.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { OutputStream, StreamClosed, StreamFailure } from "../wasi-io/streams.ts";

/** Longer contents lie in files. */
export const inlineBytesMax = 64 * 1024;

const savedValue = savedKind(
  "blobstore-outgoing-value",
  ({ bytes, sealed }: { readonly bytes: Uint8Array; readonly sealed: boolean }, { context: { objects } }) => {
    const value = new OutgoingValue(objects.files, objects.sizeMax);
    value.append(bytes);
    if (sealed) value.seal();
    return value;
  },
);
const savedBody = savedKind<number>(
  "blobstore-outgoing-body",
  (value, restorer) => new OutgoingBody(restorer.object(value, OutgoingValue)),
);

export class OutgoingValue extends HostObject {
  readonly #files: ObjectFiles;
  readonly #sizeMax: number;
  #parts: Uint8Array[] = [];
  #writer: ObjectWriter | undefined;
  #size = 0;
  #sealed = false;

  constructor(files: ObjectFiles, sizeMax: number) {
    super();
    this.#files = files;
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * What the guest writes is written again when it is replayed. A disk that refuses ends the call instead of telling the
   * guest, which would be told otherwise at replay.
   */
  append(bytes: Uint8Array): void {
    if (this.#sealed) throw new StreamClosed();
    if (this.#size + bytes.length > this.#sizeMax) {
      throw new StreamFailure(`the object is longer than ${this.#sizeMax} bytes`);
    }
    try {
      this.#append(bytes);
    } catch (error) {
      if (isStoreError(error)) throw new HostTrap(error.message, { cause: error });
      throw error;
    }
    this.#size += bytes.length;
  }

  #append(bytes: Uint8Array): void {
    if (this.#writer === undefined && this.#size + bytes.length <= inlineBytesMax) {
      if (bytes.length > 0) this.#parts.push(bytes);
      return;
    }
    if (this.#writer === undefined) {
      this.#writer = this.#files.create();
      this.#writer.append(joined(this.#parts));
      this.#parts = [];
    }
    this.#writer.append(bytes);
  }

  /** Written to an object, it is complete. */
  seal(): void {
    this.#sealed = true;
  }

  /** Durable when it resolves, apart from the object that it becomes. */
  async content(): Promise<ObjectContent> {
    if (this.#writer !== undefined) return { kind: "file", file: await this.#writer.publish() };
    return { kind: "bytes", bytes: joined(this.#parts) };
  }

  override close(): void {
    this.#writer?.close();
  }

  override save(_saver: Saver): SavedObject | undefined {
    // Longer contents lie in a file that ends with the instance.
    return this.#writer === undefined ? savedValue({ bytes: joined(this.#parts), sealed: this.#sealed }) : undefined;
  }
}

export class OutgoingBody extends OutputStream {
  readonly #value: OutgoingValue;

  constructor(value: OutgoingValue) {
    super();
    this.#value = value;
  }

  override write(bytes: Uint8Array): void {
    this.#value.append(bytes);
  }

  override save(saver: Saver): SavedObject {
    return savedBody(saver.object(this.#value));
  }
}
