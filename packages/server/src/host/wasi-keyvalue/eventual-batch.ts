import { bytes, list, option, record, string, u64 } from "../../durability/codec/schema.ts";
import type { WasiKeyvalueEventualBatch } from "../generated/wasi-keyvalue/eventual-batch.ts";
import type { HostContext, HostInterface } from "../interface.ts";
import { suspending } from "../interface.ts";
import { nameProblem, Refusal, storeFunction } from "../store-calls.ts";
import { callForGuest } from "./calls.ts";
import { incomingValue, nothing } from "./eventual.ts";
import { Bucket, OutgoingValue } from "./values.ts";

/** Keys of one call: a batch is one transaction, and others wait for it. */
export const batchKeysMax = 10_000;
/** Bytes of the values that one call writes. */
export const batchBytesMax = 64 * 1024 * 1024;
/** Bytes of the keys that `keys` gives. */
export const listedBytesMax = 64 * 1024 * 1024;

const places = record({ bucket: string, keys: list(string) });

const getMany = storeFunction("golem keyvalue::eventual_batch::get_many", "remote-read", places, list(option(bytes)));
const getKeys = storeFunction(
  "golem keyvalue::eventual_batch::get_keys",
  "remote-read",
  record({ bucket: string }),
  list(string),
);
const setMany = storeFunction(
  "golem keyvalue::eventual_batch::set_many",
  "remote-write",
  record({ bucket: string, keyValues: list(record({ key: string, length: u64 })) }),
);
const deleteMany = storeFunction("golem keyvalue::eventual_batch::delete_many", "remote-write", places);

function keysProblem(keys: readonly string[]): string | undefined {
  if (keys.length > batchKeysMax) return `there are ${keys.length} keys: at most ${batchKeysMax} are taken at a time`;
  for (const key of keys) {
    const problem = nameProblem("key", key);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function valuesProblem(values: readonly Uint8Array[]): string | undefined {
  let total = 0;
  for (const value of values) total += value.length;
  if (total <= batchBytesMax) return undefined;
  return `the values have ${total} bytes together: at most ${batchBytesMax} at a time`;
}

/** Reads page by page: what changes meanwhile may be missing or not. */
async function allKeys({ keyValues }: HostContext, space: string): Promise<readonly string[]> {
  const keys: string[] = [];
  let total = 0;
  for (;;) {
    const page = await keyValues.keys(space, keys.at(-1));
    if (page.length === 0) return keys;
    for (const key of page) {
      keys.push(key);
      total += key.length + 1;
    }
    if (total > listedBytesMax) throw new Refusal(`the bucket has too many keys: over ${keys.length}`);
  }
}

/** wasi:keyvalue/eventual-batch: what is written together is written as a whole; keys come in order of code points. */
export const eventualBatch: HostInterface<WasiKeyvalueEventualBatch> = {
  name: "wasi:keyvalue/eventual-batch@0.1.0",
  durable: { "get-many": getMany, keys: getKeys, "set-many": setMany, "delete-many": deleteMany },
  bind: (context) => {
    const { resources, keyValues } = context;
    const bucketOf = (representation: number): Bucket => resources.get(representation, Bucket);
    return {
      functions: {
        "get-many": suspending((self: number, keys: readonly string[]) => {
          const { bucketName, space } = bucketOf(self);
          return callForGuest(context, {
            function: getMany,
            request: { bucket: bucketName, keys },
            problem: keysProblem(keys),
            perform: () => keyValues.get(space, keys),
            map: (values) => values.map((value) => incomingValue(context, value)),
          });
        }),
        keys: suspending((self: number) => {
          const { bucketName, space } = bucketOf(self);
          return callForGuest(context, {
            function: getKeys,
            request: { bucket: bucketName },
            perform: () => allKeys(context, space),
            map: (keys) => keys,
          });
        }),
        "set-many": suspending((self: number, pairs: readonly (readonly [key: string, value: number])[]) => {
          const { bucketName, space } = bucketOf(self);
          const entries = pairs.map(([key, value]) => [key, resources.get(value, OutgoingValue).bytes()] as const);
          return callForGuest(context, {
            function: setMany,
            request: {
              bucket: bucketName,
              keyValues: entries.map(([key, value]) => ({ key, length: BigInt(value.length) })),
            },
            problem: keysProblem(entries.map(([key]) => key)) ?? valuesProblem(entries.map(([, value]) => value)),
            perform: async () => void (await keyValues.write({ kind: "set", space, entries })),
            map: nothing,
          });
        }),
        "delete-many": suspending((self: number, keys: readonly string[]) => {
          const { bucketName, space } = bucketOf(self);
          return callForGuest(context, {
            function: deleteMany,
            request: { bucket: bucketName, keys },
            problem: keysProblem(keys),
            perform: async () => void (await keyValues.write({ kind: "delete", space, keys })),
            map: nothing,
          });
        }),
      },
      resources: {},
    };
  },
};
