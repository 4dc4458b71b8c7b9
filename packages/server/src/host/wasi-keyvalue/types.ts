/** wasi:keyvalue/types and wasi-keyvalue-error (spec/host-interfaces.md §20): all of it local. */
import type { WasiKeyvalueTypes } from "../generated/wasi-keyvalue/types.ts";
import type { WasiKeyvalueWasiKeyvalueError } from "../generated/wasi-keyvalue/wasi-keyvalue-error.ts";
import type { FunctionsOf, HostContext, HostInterface, MaybePromise } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { nameProblem, Refusal } from "../store-calls.ts";
import { Bucket, IncomingBody, IncomingValue, KeyValueError, OutgoingBody, OutgoingValue } from "./values.ts";

type Outgoing = Extract<keyof WasiKeyvalueTypes["functions"], `${string}outgoing-value.${string}`>;
type Incoming = Extract<keyof WasiKeyvalueTypes["functions"], `${string}incoming-value.${string}`>;

function outgoingFunctions(context: HostContext): FunctionsOf<WasiKeyvalueTypes, Outgoing> {
  const { resources, keyValues } = context;
  const value = (self: number): OutgoingValue => resources.get(self, OutgoingValue);
  return {
    "[static]outgoing-value.new-outgoing-value": sync(() => resources.add(new OutgoingValue(keyValues.valueBytesMax))),
    "[method]outgoing-value.outgoing-value-write-body-async": sync((self: number) =>
      ok(resources.add(new OutgoingBody(context, value(self)))),
    ),
    "[method]outgoing-value.outgoing-value-write-body-sync": sync(
      (self: number, bytes: Uint8Array): Result<undefined, number> => {
        try {
          value(self).append(bytes);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return err(resources.add(new KeyValueError(error.message)));
        }
        value(self).finish();
        return ok(undefined);
      },
    ),
  };
}

function incomingFunctions({ resources }: HostContext): FunctionsOf<WasiKeyvalueTypes, Incoming> {
  const value = (self: number): IncomingValue => resources.get(self, IncomingValue);
  return {
    "[method]incoming-value.incoming-value-consume-sync": sync((self: number) =>
      ok(value(self).take(Number.POSITIVE_INFINITY)),
    ),
    "[method]incoming-value.incoming-value-consume-async": sync((self: number) =>
      ok(resources.add(new IncomingBody(value(self)))),
    ),
    "[method]incoming-value.incoming-value-size": sync((self: number) => ok(BigInt(value(self).size))),
  };
}

/** A bucket is a name: opening it creates nothing. */
export const keyValueTypes: HostInterface<WasiKeyvalueTypes> = {
  name: "wasi:keyvalue/types@0.1.0",
  durable: {},
  bind: (context) => {
    const { resources, keyValues } = context;
    const drop = resource((representation) => resources.remove(representation));
    return {
      functions: {
        "[static]bucket.open-bucket": suspending((name: string): MaybePromise<Result<number, number>> => {
          const problem = nameProblem("bucket's name", name);
          if (problem !== undefined) return err(resources.add(new KeyValueError(problem)));
          const bucket = new Bucket(name);
          const opened = ok(resources.add(bucket));
          // At replay, too: nothing says that the first time it came so far.
          return keyValues.watch?.(bucket.space).then(() => opened) ?? opened;
        }),
        ...outgoingFunctions(context),
        ...incomingFunctions(context),
      },
      resources: { bucket: drop, "outgoing-value": drop, "incoming-value": drop },
    };
  },
};

export const keyValueError: HostInterface<WasiKeyvalueWasiKeyvalueError> = {
  name: "wasi:keyvalue/wasi-keyvalue-error@0.1.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: { "[method]error.trace": sync((self: number) => resources.get(self, KeyValueError).trace) },
    resources: { error: resource((representation) => resources.remove(representation)) },
  }),
};
