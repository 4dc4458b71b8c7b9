/** The key-value store of one thread: rows through the storage thread, long values in files of its own. */
import type { KeyValueChange, KeyValueStore } from "../durability/key-value-store.ts";
import { compact } from "../platform/bytes.ts";
import { StoreError } from "../platform/store-error.ts";
import type { StoredChange, StoredValue } from "./key-value-table.ts";
import type { CallStorage } from "./calls.ts";
import type { ObjectSweeper } from "./object-client.ts";
import type { FileObjects } from "./object-files.ts";

/** Longer values lie in files: a row of this size keeps other writers waiting for less than a millisecond. */
const inlineBytesMax = 64 * 1024;

const callBytes = 256;

/** A value that is replaced again and again while it is read: so often it is asked for anew. */
const readsMax = 100;

async function publish(files: FileObjects, value: Uint8Array): Promise<StoredValue> {
  const writer = files.create();
  try {
    writer.append(value);
    return { file: await writer.publish(), size: value.length };
  } finally {
    writer.close();
  }
}

/** The change as it is stored, the files that it has, and how many bytes go to the storage thread. */
async function prepare(
  change: KeyValueChange,
  files: FileObjects,
): Promise<{ readonly stored: StoredChange; readonly files: readonly string[]; readonly bytes: number }> {
  if (change.kind !== "set") return { stored: change, files: [], bytes: callBytes };
  const entries: (readonly [string, StoredValue])[] = [];
  const published: string[] = [];
  let bytes = callBytes;
  for (const [key, value] of change.entries) {
    const stored = value.length > inlineBytesMax ? await publish(files, value) : compact(value);
    entries.push([key, stored]);
    if ("file" in stored) published.push(stored.file);
    else bytes += key.length + stored.length;
  }
  return { stored: { ...change, entries }, files: published, bytes };
}

async function readFile(files: FileObjects, { file, size }: { readonly file: string; readonly size: number }) {
  const reader = await files.open(file);
  if (reader === undefined) return undefined;
  try {
    return await reader.read(0, size);
  } finally {
    reader.close();
  }
}

export interface KeyValueStoreOptions {
  readonly call: CallStorage;
  readonly files: FileObjects;
  readonly sweeper: ObjectSweeper;
  /** Timers were set that are due: workers are to be told of a change. */
  readonly onWatched: (dueMs: number) => void;
}

export function keyValueStore({ call, files, sweeper, onWatched }: KeyValueStoreOptions): KeyValueStore {
  const valueOf = async (stored: StoredValue | undefined, again: () => Promise<StoredValue | undefined>) => {
    let found = stored;
    for (let reads = 0; reads < readsMax; reads += 1) {
      if (found === undefined || !("file" in found)) return found;
      const value = await readFile(files, found);
      if (value?.length === found.size) return value;
      // It was replaced since.
      found = await again();
    }
    throw new StoreError("failed", "cannot read a value: it changes all the time");
  };
  /** Files that the database has are settled; a repeated operation has others. */
  const settle = async (published: readonly string[]): Promise<void> => {
    for (const file of published) {
      if (await call(callBytes, "object.isUsed", file)) await files.settle(file);
      else await files.discard(file);
    }
  };
  return {
    get: async (space, keys, nowMs) => {
      const stored = await call(callBytes, "keyValue.get", space, keys, nowMs);
      if (!stored.some((value) => value !== undefined && "file" in value)) return stored as (Uint8Array | undefined)[];
      const values: (Uint8Array | undefined)[] = [];
      for (const [index, key] of keys.entries()) {
        const again = async (): Promise<StoredValue | undefined> =>
          (await call(callBytes, "keyValue.get", space, [key], nowMs))[0];
        values.push(await valueOf(stored[index], again));
      }
      return values;
    },
    exists: (space, key, nowMs) => call(callBytes, "keyValue.exists", space, key, nowMs),
    keys: (space, after, nowMs) => call(callBytes, "keyValue.keys", space, after, nowMs),
    write: async (change, origin, nowMs) => {
      const prepared = await prepare(change, files);
      const written = await call(prepared.bytes, "keyValue.write", prepared.stored, origin, nowMs);
      if (prepared.files.length > 0) settle(prepared.files).catch(() => undefined);
      if (written.ended) void sweeper.sweep();
      if (written.watched) onWatched(nowMs);
      return written.result;
    },
    watch: (space, worker) => call(callBytes, "keyValue.watch", space, worker),
    forget: (worker) => call(callBytes, "operation.forget", worker),
  };
}
