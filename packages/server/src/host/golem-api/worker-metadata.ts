import { enumeration, list, record, string, tuple, u64, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WorkerDetail } from "../../durability/row.ts";
import type { WorkerRow, WorkerStatus } from "../../durability/worker-row.ts";
import type { WorkerId } from "../../platform/worker-id.ts";
import type { HostContext } from "../interface.ts";
import { toWitWorkerId, workerId } from "./types.ts";

/** golem:api's worker-metadata. */
export const metadata = record({
  workerId,
  args: list(string),
  env: list(tuple(string, string)),
  status: enumeration("running", "idle", "suspended", "interrupted", "retrying", "failed", "exited"),
  componentVersion: u64,
  retryCount: u64,
});

export type Metadata = NonNullable<(typeof metadata)["value"]>;

/** Recorded, unlike in Golem: a guest that branches on its retry count must take the same branch at replay. */
export const selfMetadataFunction = durableFunction({
  name: "golem::api::get_self_metadata",
  class: "local-read",
  request: unit,
  response: metadata,
});

/** Called from inside an invocation, so that the status is always running. */
export function selfMetadata({ durable, facts }: HostContext): Metadata {
  return durable.call(selfMetadataFunction, [], () => {
    const { id, args, env, componentVersion, retryCount } = facts();
    return {
      workerId: toWitWorkerId(id),
      args,
      env,
      status: "running",
      componentVersion: BigInt(componentVersion),
      retryCount: BigInt(retryCount),
    };
  });
}

/** A worker as the index knows it. */
export function toWitMetadata(
  id: WorkerId,
  { row, detail }: { readonly row: WorkerRow; readonly detail: WorkerDetail },
): Metadata {
  return {
    workerId: toWitWorkerId(id),
    args: detail.args,
    env: row.env,
    status: toWitStatus(row.status),
    componentVersion: BigInt(row.componentVersion),
    retryCount: BigInt(detail.retryCount),
  };
}

function toWitStatus(status: WorkerStatus): Metadata["status"] {
  return status.toLowerCase() as Metadata["status"];
}
