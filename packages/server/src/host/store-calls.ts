/** Recorded calls on the stores that workers share: their errors are results, recorded like any other. */
import type { Schema } from "../durability/codec/schema.ts";
import { result, string } from "../durability/codec/schema.ts";
import type { DurableFunction, FunctionClass } from "../durability/durable-function.ts";
import { durableFunction } from "../durability/durable-function.ts";
import { isStoreError } from "../platform/store-error.ts";
import type { HostContext, MaybePromise } from "./interface.ts";
import { err, ok } from "./results.ts";
import type { Result } from "./results.ts";

/** An operation that the guest is told of as an error. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

export type Refused<T> = Result<T, string>;

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
    if (error instanceof Refusal) return err(error.message);
    if (isStoreError(error) && (error.code === "failed" || error.code === "full")) return err(error.message);
    throw error;
  }
}

export interface StoreCall<Request, T> {
  readonly function: StoreFunction<Request, T>;
  readonly request: Request;
  /** What is wrong with the guest's arguments: then nothing is called, nor recorded. */
  readonly problem?: string | undefined;
  readonly perform: () => Promise<T>;
}

/** Makes the call, or tells why not. */
export function callStore<Request, T>(context: HostContext, call: StoreCall<Request, T>): MaybePromise<Refused<T>> {
  if (call.problem !== undefined) return err(call.problem);
  return context.durable.callWaiting(call.function, call.request, () => attempt(call.perform));
}

export function mapMaybe<T, G>(value: MaybePromise<T>, map: (value: T) => G): MaybePromise<G> {
  return value instanceof Promise ? value.then(map) : map(value);
}

export function mapOk<T, G>(outcome: MaybePromise<Refused<T>>, map: (value: T) => G): MaybePromise<Refused<G>> {
  return mapMaybe(outcome, (settled) => (settled.tag === "ok" ? ok(map(settled.val)) : settled));
}

/** Bytes of a name: of a bucket, a key, a container, an object. */
export const nameBytesMax = 4096;

/** What is wrong with a name, if anything. */
export function nameProblem(what: string, name: string): string | undefined {
  // A UTF-16 unit is at most three bytes.
  if (name.length * 3 <= nameBytesMax || Buffer.byteLength(name) <= nameBytesMax) return undefined;
  return `the ${what} is longer than ${nameBytesMax} bytes`;
}
