/** The object store of one thread: rows through the storage thread, files by itself. */
import type { ObjectChange, ObjectStore } from "../durability/object-store.ts";
import type { CallStorage } from "./calls.ts";
import type { FileObjects } from "./object-files.ts";

const callBytes = 512;

/** Removes what changes leave behind, one sweep at a time. */
export class ObjectSweeper {
  readonly #call: CallStorage;
  readonly #files: FileObjects;
  #sweeping: Promise<void> | undefined;
  #again = false;

  constructor(call: CallStorage, files: FileObjects) {
    this.#call = call;
    this.#files = files;
  }

  /** Never rejects: what isn't removed now is removed by a later sweep, or at the next start. */
  sweep(): Promise<void> {
    if (this.#sweeping === undefined) this.#sweeping = this.#run();
    else this.#again = true;
    return this.#sweeping;
  }

  async #run(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#removeAll();
      } while (this.#again);
    } catch {
      // The rows are still there.
    } finally {
      this.#sweeping = undefined;
    }
  }

  async #removeAll(): Promise<void> {
    let removed: readonly string[] = [];
    for (;;) {
      const { files, more } = await this.#call(callBytes, "object.sweep", removed);
      if (!more) return;
      await this.#files.remove(files);
      removed = files;
    }
  }
}

function changeBytes(change: ObjectChange): number {
  return change.kind === "put" && change.content.kind === "bytes" ? callBytes + change.content.bytes.length : callBytes;
}

export function objectStore(call: CallStorage, files: FileObjects, sweeper: ObjectSweeper): ObjectStore {
  return {
    container: (name) => call(callBytes, "object.container", name),
    info: (place) => call(callBytes, "object.info", place),
    get: (place) => call(callBytes, "object.get", place),
    names: (container, after, count) => call(callBytes, "object.names", container, after, count),
    write: async (change, origin, nowMs) => {
      const given = change.kind === "put" && change.content.kind === "file" ? change.content.file : undefined;
      const result = await call(changeBytes(change), "object.write", change, origin, nowMs);
      if (given !== undefined) {
        // A repeated put keeps the file of the first.
        const settling = result === given ? files.settle(given) : files.discard(given);
        settling.catch(() => undefined);
      }
      if (change.kind !== "create-container") void sweeper.sweep();
      return result;
    },
    files,
  };
}
