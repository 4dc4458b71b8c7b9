/** The object store in memory. */
import type { EffectOrigin } from "../../durability/effect.ts";
import type {
  ObjectChange,
  ObjectChangeResult,
  ObjectContent,
  ObjectFiles,
  ObjectInfo,
  ObjectPlace,
  ObjectStore,
} from "../../durability/object-store.ts";
import { noContainer, noObject } from "../../durability/object-store.ts";
import { StoreError } from "../../platform/store-error.ts";
import { compareCodePoints } from "../code-points.ts";
import { namesPageCount } from "../object-table.ts";
import type { OperationData } from "./memory-operations.ts";
import { memoryOnce } from "./memory-operations.ts";
import type { WriteQueue } from "./write-queue.ts";

type StoredObject = ObjectInfo & { readonly content: ObjectContent };

interface Container {
  readonly createdAtMs: number;
  readonly objects: Map<string, StoredObject>;
}

export interface ObjectData {
  readonly containers: Map<string, Container>;
  readonly files: Map<string, Uint8Array>;
}

interface MemoryObjectOptions {
  readonly data: ObjectData;
  readonly operations: OperationData;
  readonly queue: WriteQueue;
  /** Throws for a worker's former owner. */
  readonly checkEpoch: (origin: EffectOrigin) => void;
}

function required(data: ObjectData, name: string): Container {
  const container = data.containers.get(name);
  if (container === undefined) throw new StoreError("failed", noContainer);
  return container;
}

function find(data: ObjectData, { container, object }: ObjectPlace): StoredObject | undefined {
  return required(data, container).objects.get(object);
}

function apply(data: ObjectData, change: ObjectChange, nowMs: number): ObjectChangeResult {
  const { containers } = data;
  switch (change.kind) {
    case "create-container": {
      const known = containers.get(change.container) ?? { createdAtMs: nowMs, objects: new Map() };
      containers.set(change.container, known);
      return known.createdAtMs;
    }
    case "delete-container":
      containers.delete(change.container);
      return undefined;
    case "clear":
      required(data, change.container).objects.clear();
      return undefined;
    case "put": {
      const { place, size, content } = change;
      required(data, place.container).objects.set(place.object, { createdAtMs: nowMs, size, content });
      return content.kind === "file" ? content.file : undefined;
    }
    case "delete":
      for (const object of change.objects) required(data, change.container).objects.delete(object);
      return undefined;
    case "copy":
    case "move": {
      const found = find(data, change.from);
      const to = required(data, change.to.container).objects;
      if (found === undefined) throw new StoreError("failed", noObject);
      const { container, object } = change.from;
      if (container === change.to.container && object === change.to.object) return undefined;
      to.set(change.to.object, change.kind === "move" ? found : { ...found, createdAtMs: nowMs });
      if (change.kind === "move") required(data, container).objects.delete(object);
      return undefined;
    }
  }
}

function memoryFiles(files: Map<string, Uint8Array>, queue: WriteQueue): ObjectFiles {
  return {
    create: () => {
      const parts: Uint8Array[] = [];
      return {
        append: (bytes) => {
          parts.push(bytes);
        },
        publish: () => {
          const name = `file-${files.size}`;
          const whole = new Uint8Array(Buffer.concat(parts));
          return queue.add(() => {
            files.set(name, whole);
            return name;
          });
        },
        close: () => undefined,
      };
    },
    open: (file) =>
      queue.read(() => {
        const bytes = files.get(file);
        if (bytes === undefined) return undefined;
        return {
          read: (offset, length) => queue.read(() => bytes.slice(offset, offset + length)),
          close: () => undefined,
        };
      }),
  };
}

export function memoryObjectStore({ data, operations, queue, checkEpoch }: MemoryObjectOptions): ObjectStore {
  return {
    container: (name) => queue.read(() => data.containers.get(name)?.createdAtMs),
    info: (place) =>
      queue.read(() => {
        const found = find(data, place);
        return found === undefined ? undefined : { createdAtMs: found.createdAtMs, size: found.size };
      }),
    get: (place) => queue.read(() => find(data, place)),
    names: (container, after, count) =>
      queue.read(() =>
        [...required(data, container).objects.keys()]
          .filter((name) => after === undefined || compareCodePoints(name, after) > 0)
          .sort(compareCodePoints)
          .slice(0, Math.min(count, namesPageCount)),
      ),
    write: (change, origin, nowMs) =>
      queue.add(() => {
        checkEpoch(origin);
        return memoryOnce(operations, origin, () => apply(data, change, nowMs));
      }),
    files: memoryFiles(data.files, queue),
  };
}
