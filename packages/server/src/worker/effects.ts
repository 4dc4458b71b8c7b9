/** Stores outside the oplog as one worker's hosts use them: each change carries on whose behalf it is made, and happens once. */
import type { DurableExecution } from "../durability/durable-execution.ts";
import type { EffectOrigin } from "../durability/effect.ts";
import type { KeyValueAccess } from "../durability/key-value-store.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import type { WorkerServices } from "./services.ts";

type EffectServices = Pick<WorkerServices, "keyValues" | "clock" | "shardOf" | "epoch"> & {
  readonly limits: Pick<WorkerServices["limits"], "keyValueBytesMax">;
};

function originOf(
  worker: WorkerId,
  durable: Pick<DurableExecution, "operationId">,
  { shardOf, epoch }: Pick<WorkerServices, "shardOf" | "epoch">,
): () => EffectOrigin {
  const shard = shardOf(worker);
  return () => ({ worker, shard, epoch, operation: durable.operationId });
}

export function keyValueAccess(
  worker: WorkerId,
  durable: Pick<DurableExecution, "operationId">,
  services: EffectServices,
): KeyValueAccess {
  const { keyValues, clock, limits } = services;
  const origin = originOf(worker, durable, services);
  return {
    get: (space, keys) => keyValues.get(space, keys, clock.now()),
    exists: (space, key) => keyValues.exists(space, key, clock.now()),
    keys: (space, after) => keyValues.keys(space, after, clock.now()),
    write: (change) => keyValues.write(change, origin(), clock.now()),
    writeAgain: (change) => keyValues.write(change, { ...origin(), operation: undefined }, clock.now()),
    valueBytesMax: limits.keyValueBytesMax,
  };
}
