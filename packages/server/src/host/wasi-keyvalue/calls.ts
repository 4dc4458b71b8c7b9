import type { HostContext, MaybePromise } from "../interface.ts";
import type { Result } from "../results.ts";
import { callStore, mapMaybe } from "../store-calls.ts";
import type { StoreCall } from "../store-calls.ts";
import { toGuest } from "./values.ts";

export interface GuestCall<Request, T, G> extends StoreCall<Request, T> {
  readonly map: (value: T) => G;
}

/** Makes the call and gives the guest's result; errors become error resources. */
export function callForGuest<Request, T, G>(
  context: HostContext,
  call: GuestCall<Request, T, G>,
): MaybePromise<Result<G, number>> {
  return mapMaybe(callStore(context, call), (outcome) => toGuest(context, outcome, call.map));
}
