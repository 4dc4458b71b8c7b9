/** Stores outside the oplog as one worker's hosts use them: each change carries on whose behalf it is made, and happens once. */
import type { DurableExecution } from "../durability/durable-execution.ts";
import type { EffectOrigin } from "../durability/effect.ts";
import type { KeyValueAccess } from "../durability/key-value-store.ts";
import type { ObjectAccess } from "../durability/object-store.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { ObjectFiles } from "../durability/object-store.ts";
import { StoreError } from "../platform/store-error.ts";
import type { WorkerServices } from "./services.ts";

/** Files that one worker may write, and read, at a time: the process has only so many for all of them. */
const openFilesMax = 100;

type EffectServices = Pick<WorkerServices, "keyValues" | "objects" | "clock" | "shardOf" | "shards"> & {
  readonly limits: Pick<WorkerServices["limits"], "keyValueBytesMax" | "objectBytesMax">;
};

/** Counts what is open; written and read files apart, since a replay writes again but doesn't read. */
class OpenFiles {
  readonly #what: string;
  #count = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** Returns what is to be called when the file is closed. Throws when there are too many. */
  take(): () => void {
    if (this.#count >= openFilesMax) {
      throw new StoreError("failed", `${openFilesMax} long objects are being ${this.#what} already`);
    }
    this.#count += 1;
    let closed = false;
    return () => {
      if (!closed) this.#count -= 1;
      closed = true;
    };
  }
}

function limitedFiles(files: ObjectFiles): ObjectFiles {
  const written = new OpenFiles("written");
  const read = new OpenFiles("read");
  return {
    create: () => {
      const release = written.take();
      try {
        const writer = files.create();
        const close = (): void => {
          release();
          writer.close();
        };
        return { ...writer, close };
      } catch (error) {
        release();
        throw error;
      }
    },
    open: async (file) => {
      const release = read.take();
      const reader = await files.open(file).catch((error: unknown) => {
        release();
        throw error;
      });
      if (reader === undefined) {
        release();
        return undefined;
      }
      const close = (): void => {
        release();
        reader.close();
      };
      return { ...reader, close };
    },
  };
}

export interface Effects {
  readonly keyValues: KeyValueAccess;
  readonly objects: ObjectAccess;
}

export function workerEffects(
  worker: WorkerId,
  durable: Pick<DurableExecution, "operationId">,
  services: EffectServices,
  watchesBuckets: boolean,
): Effects {
  const { keyValues, objects, clock, limits, shardOf, shards } = services;
  const shard = shardOf(worker);
  const epoch = shards.epochOf(shard);
  const origin = (): EffectOrigin => ({ worker, shard, epoch, operation: durable.operationId });
  return {
    keyValues: {
      get: (space, keys) => keyValues.get(space, keys, clock.now()),
      exists: (space, key) => keyValues.exists(space, key, clock.now()),
      keys: (space, after) => keyValues.keys(space, after, clock.now()),
      write: (change) => keyValues.write(change, origin(), clock.now()),
      writeAgain: (change) => keyValues.write(change, { ...origin(), operation: undefined }, clock.now()),
      watch: watchesBuckets ? (space) => keyValues.watch(space, worker) : undefined,
      valueBytesMax: limits.keyValueBytesMax,
    },
    objects: {
      ...objects,
      files: limitedFiles(objects.files),
      write: (change) => objects.write(change, origin(), clock.now()),
      sizeMax: limits.objectBytesMax,
    },
  };
}
