/**
 * wasi:keyvalue/handle-watch, the other way round: a component that exports it has its workers told of the changes in
 * the buckets that they have opened. Each telling is an invocation of a virtual function with the names of bucket and key,
 * which makes the resources that the guest's own function takes.
 */
import type { Value } from "@emet/component";
import { option, bytes, record, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WatchEvent } from "../../durability/watch-event.ts";
import type { HostContext } from "../interface.ts";
import { Bucket, IncomingValue } from "./values.ts";

export const handleWatchInterface = "golem:keyvalue/handle-watch";

/** The interface that guests export. */
export const guestWatchInterface = "wasi:keyvalue/handle-watch";

export const watchFunctions = ["on-set", "on-delete"] as const;

export const watchParameters = record({ bucket: string, key: string });

const valueFunction = durableFunction({
  name: "golem keyvalue::handle_watch::value",
  class: "remote-read",
  request: watchParameters,
  response: option(bytes),
});

export const handleWatchDurable = [valueFunction] as const;

const spacePrefix = new Bucket("").space;

/** The parameters of the virtual function. */
export function watchArguments({ space, key }: WatchEvent): readonly [bucket: string, key: string] {
  return [space.slice(spacePrefix.length), key];
}

/**
 * What the guest's function takes, and what is to be dropped when it has returned. The value is the one of now, which
 * may have changed once more since; undefined when there is none any more, and so nothing to tell.
 */
export async function guestWatchArguments(
  { durable, keyValues, resources }: HostContext,
  kind: WatchEvent["kind"],
  bucketName: string,
  key: string,
): Promise<{ readonly values: readonly Value[]; readonly drop: () => void } | undefined> {
  if (kind === "on-delete") return { values: [resources.add(new Bucket(bucketName)), key], drop: () => undefined };
  const { space } = new Bucket(bucketName);
  const value = await durable.callWaiting(valueFunction, { bucket: bucketName, key }, async () => {
    const [found] = await keyValues.get(space, [key]);
    return found;
  });
  if (value === undefined) return undefined;
  const incoming = resources.add(new IncomingValue(value));
  const bucket = resources.add(new Bucket(bucketName));
  return { values: [bucket, key, incoming], drop: () => resources.remove(incoming) };
}
