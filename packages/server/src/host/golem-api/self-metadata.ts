import { enumeration, list, record, string, tuple, u64, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { HostContext } from "../interface.ts";
import { toWitWorkerId, workerId } from "./types.ts";

const metadata = record({
  workerId,
  args: list(string),
  env: list(tuple(string, string)),
  status: enumeration("running", "idle", "suspended", "interrupted", "retrying", "failed", "exited"),
  componentVersion: u64,
  retryCount: u64,
});

type Metadata = NonNullable<(typeof metadata)["value"]>;

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
