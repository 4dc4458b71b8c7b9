import { bool, bytes, option, record, string, u64 } from "../../durability/codec/schema.ts";
import type { WasiKeyvalueEventual } from "../generated/wasi-keyvalue/eventual.ts";
import type { HostContext, HostInterface } from "../interface.ts";
import { suspending } from "../interface.ts";
import { nameProblem, storeFunction } from "../store-calls.ts";
import { callForGuest } from "./calls.ts";
import { Bucket, IncomingValue, OutgoingValue } from "./values.ts";

const place = record({ bucket: string, key: string });

const get = storeFunction("golem keyvalue::eventual::get", "remote-read", place, option(bytes));
const exists = storeFunction("golem keyvalue::eventual::exists", "remote-read", place, bool);
const set = storeFunction(
  "golem keyvalue::eventual::set",
  "remote-write",
  record({ bucket: string, key: string, value: u64 }),
);
const remove = storeFunction("golem keyvalue::eventual::delete", "remote-write", place);

export function incomingValue({ resources }: HostContext, value: Uint8Array | undefined): number | undefined {
  return value === undefined ? undefined : resources.add(new IncomingValue(value));
}

export function nothing(): undefined {
  return undefined;
}

/** wasi:keyvalue/eventual (spec/host-interfaces.md §20). Of values that are written the record keeps the length. */
export const eventual: HostInterface<WasiKeyvalueEventual> = {
  name: "wasi:keyvalue/eventual@0.1.0",
  durable: { get, exists, set, delete: remove },
  bind: (context) => {
    const { resources, keyValues } = context;
    const bucketOf = (representation: number): Bucket => resources.get(representation, Bucket);
    return {
      functions: {
        get: suspending((self: number, key: string) => {
          const { bucketName, space } = bucketOf(self);
          return callForGuest(context, {
            function: get,
            request: { bucket: bucketName, key },
            problem: nameProblem("key", key),
            perform: async () => (await keyValues.get(space, [key]))[0],
            map: (value) => incomingValue(context, value),
          });
        }),
        exists: suspending((self: number, key: string) => {
          const { bucketName, space } = bucketOf(self);
          return callForGuest(context, {
            function: exists,
            request: { bucket: bucketName, key },
            problem: nameProblem("key", key),
            perform: () => keyValues.exists(space, key),
            map: (found) => found,
          });
        }),
        set: suspending((self: number, key: string, outgoing: number) => {
          const { bucketName, space } = bucketOf(self);
          const value = resources.get(outgoing, OutgoingValue).bytes();
          return callForGuest(context, {
            function: set,
            request: { bucket: bucketName, key, value: BigInt(value.length) },
            problem: nameProblem("key", key),
            perform: async () => void (await keyValues.write({ kind: "set", space, entries: [[key, value]] })),
            map: nothing,
          });
        }),
        delete: suspending((self: number, key: string) => {
          const { bucketName, space } = bucketOf(self);
          return callForGuest(context, {
            function: remove,
            request: { bucket: bucketName, key },
            problem: nameProblem("key", key),
            perform: async () => void (await keyValues.write({ kind: "delete", space, keys: [key] })),
            map: nothing,
          });
        }),
      },
      resources: {},
    };
  },
};
