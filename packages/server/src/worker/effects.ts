/** Stores outside the oplog as one worker's hosts use them: each change carries on whose behalf it is made, and happens once. */
import type { DurableExecution } from "../durability/durable-execution.ts";
import type { EffectOrigin } from "../durability/effect.ts";
import type { KeyValueAccess } from "../durability/key-value-store.ts";
import type { ObjectAccess } from "../durability/object-store.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerServices } from "./services.ts";

type EffectServices = Pick<WorkerServices, "keyValues" | "objects" | "clock" | "shardOf" | "epoch"> & {
  readonly limits: Pick<WorkerServices["limits"], "keyValueBytesMax" | "objectBytesMax">;
};

export interface Effects {
  readonly keyValues: KeyValueAccess;
  readonly objects: ObjectAccess;
}

export function workerEffects(
  worker: WorkerId,
  durable: Pick<DurableExecution, "operationId">,
  services: EffectServices,
): Effects {
  const { keyValues, objects, clock, limits, shardOf, epoch } = services;
  const shard = shardOf(worker);
  const origin = (): EffectOrigin => ({ worker, shard, epoch, operation: durable.operationId });
  return {
    keyValues: {
      get: (space, keys) => keyValues.get(space, keys, clock.now()),
      exists: (space, key) => keyValues.exists(space, key, clock.now()),
      keys: (space, after) => keyValues.keys(space, after, clock.now()),
      write: (change) => keyValues.write(change, origin(), clock.now()),
      writeAgain: (change) => keyValues.write(change, { ...origin(), operation: undefined }, clock.now()),
      valueBytesMax: limits.keyValueBytesMax,
    },
    objects: {
      ...objects,
      write: (change) => objects.write(change, origin(), clock.now()),
      sizeMax: limits.objectBytesMax,
    },
  };
}
