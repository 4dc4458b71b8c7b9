/** Recorded calls on the key-value store: its errors are results, recorded like any other. */
import type { Schema } from "../../durability/codec/schema.ts";
import { result, string } from "../../durability/codec/schema.ts";
import type { DurableFunction, FunctionClass } from "../../durability/durable-function.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { isStoreError } from "../../platform/store-error.ts";
import type { HostContext, MaybePromise } from "../interface.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { KeyValueRefusal, mapMaybe, toGuest } from "./values.ts";
import type { Refused } from "./values.ts";

export type StoreFunction<Request, T> = DurableFunction<Request, Refused<T>>;

/** Without `response`, nothing comes back. */
export function storeFunction<Request, T = undefined>(
  name: string,
  functionClass: FunctionClass,
  request: Schema<Request>,
  response?: Schema<T>,
): StoreFunction<Request, T> {
  return durableFunction({ name, class: functionClass, request, response: result(response, string) });
}

/** A former owner's change isn't the guest's error: its worker runs elsewhere. */
async function attempt<T>(perform: () => Promise<T>): Promise<Refused<T>> {
  try {
    return ok(await perform());
  } catch (error) {
    if (error instanceof KeyValueRefusal) return err(error.message);
    if (isStoreError(error) && (error.code === "failed" || error.code === "full")) return err(error.message);
    throw error;
  }
}

export interface StoreCall<Request, T, G> {
  readonly function: StoreFunction<Request, T>;
  readonly request: Request;
  /** What is wrong with the guest's arguments: then nothing is called, nor recorded. */
  readonly problem?: string | undefined;
  readonly perform: () => Promise<T>;
  readonly map: (value: T) => G;
}

/** Makes the call. */
export function refusable<Request, T>(
  context: HostContext,
  call: Omit<StoreCall<Request, T, unknown>, "map">,
): MaybePromise<Refused<T>> {
  if (call.problem !== undefined) return err(call.problem);
  return context.durable.callWaiting(call.function, call.request, () => attempt(call.perform));
}

/** Makes the call and gives the guest's result; errors become error resources. */
export function callStore<Request, T, G>(
  context: HostContext,
  call: StoreCall<Request, T, G>,
): MaybePromise<Result<G, number>> {
  return mapMaybe(refusable(context, call), (value) => toGuest(context, value, call.map));
}
