/** The virtual exported functions of components that watch buckets of the key-value store. */
import type { Instance, Value } from "@emet/component";
import type { FunctionName } from "@emet/contract";
import type { ComponentImage, ExportedFunctionInfo } from "../component/component-image.ts";
import { encodeValue } from "../durability/codec/value-codec.ts";
import { HostTrap } from "../durability/errors.ts";
import type { WatchEvent } from "../durability/watch-event.ts";
import { watchEventOf } from "../durability/watch-event.ts";
import type { HostContext } from "../host/interface.ts";
import {
  guestWatchArguments,
  guestWatchInterface,
  handleWatchInterface,
  watchArguments,
  watchFunctions,
} from "../host/wasi-keyvalue/handle-watch.ts";
import type { Questions } from "./questions.ts";
import type { Timer } from "./stores.ts";

const parameters = [
  { name: "bucket", type: { kind: "string" as const } },
  { name: "key", type: { kind: "string" as const } },
];

function guestFunction(image: ComponentImage, name: string): ExportedFunctionInfo | undefined {
  return image.functions.find(
    (item) => item.interface?.startsWith(`${guestWatchInterface}@0.1.`) === true && item.name === name,
  );
}

/** Whether its workers are to be told of changes. */
export function watchesBuckets(image: ComponentImage): boolean {
  return watchFunctions.some((name) => guestFunction(image, name) !== undefined);
}

/** The virtual function of this name, if the component has it. */
export function watchFunction(image: ComponentImage, name: FunctionName): ExportedFunctionInfo | undefined {
  const reference = name.function;
  if (name.interface !== handleWatchInterface || reference.kind !== "function") return undefined;
  if (guestFunction(image, reference.name) === undefined) return undefined;
  return { interface: handleWatchInterface, name: reference.name, type: { parameters } };
}

export function isWatchFunction(info: ExportedFunctionInfo): boolean {
  return info.interface === handleWatchInterface;
}

/** Tells the guest of a change. */
export async function callWatchFunction(
  guest: { readonly image: ComponentImage; readonly instance: Instance; readonly context: HostContext },
  info: ExportedFunctionInfo,
  [bucket, key]: readonly Value[],
): Promise<void> {
  const { image, instance, context } = guest;
  const found = guestFunction(image, info.name);
  const exported = found === undefined ? undefined : instance.function(found.interface, found.name);
  if (exported === undefined) throw new HostTrap(`the component does not export ${guestWatchInterface}`);
  const given = await guestWatchArguments(context, info.name as WatchEvent["kind"], bucket as string, key as string);
  if (given === undefined) return;
  await exported.call(given.values);
  given.drop();
}

/** What is to be invoked for the timer of an event; undefined for timers of other things. */
export function watchInvocation(timer: Timer): Questions["invoke"]["asked"] | undefined {
  const event = watchEventOf(timer);
  if (event === undefined) return undefined;
  return {
    worker: timer.worker,
    functionName: `${handleWatchInterface}.{${event.kind}}`,
    input: encodeValue<Value>({ kind: "tuple", items: parameters.map(({ type }) => type) }, watchArguments(event)),
    idempotencyKey: timer.name,
    awaitResult: false,
  };
}
