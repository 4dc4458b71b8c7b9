import { bool, record, string, u64 } from "../../durability/codec/schema.ts";
import type { WasiKeyvalueAtomic } from "../generated/wasi-keyvalue/atomic.ts";
import type { HostInterface } from "../interface.ts";
import { suspending } from "../interface.ts";
import { nameProblem, storeFunction } from "../store-calls.ts";
import { callForGuest } from "./calls.ts";
import { Bucket } from "./values.ts";

const increment = storeFunction(
  "golem keyvalue::atomic::increment",
  "remote-write",
  record({ bucket: string, key: string, delta: u64 }),
  u64,
);
const compareAndSwap = storeFunction(
  "golem keyvalue::atomic::compare_and_swap",
  "remote-write",
  record({ bucket: string, key: string, old: u64, new: u64 }),
  bool,
);

/**
 * wasi:keyvalue/atomic. A number is a value of 8 bytes, little-endian; an absent key is 0, for both functions. Any other
 * value, and a sum beyond 64 bits, is an error and changes nothing. Each call takes effect once: should its worker be
 * lost before the result is recorded, the repeated call gives the first result (`durability/effect.ts`).
 */
export const atomic: HostInterface<WasiKeyvalueAtomic> = {
  name: "wasi:keyvalue/atomic@0.1.0",
  durable: { increment, "compare-and-swap": compareAndSwap },
  bind: (context) => {
    const { resources, keyValues } = context;
    return {
      functions: {
        increment: suspending((self: number, key: string, delta: bigint) => {
          const { bucketName, space } = resources.get(self, Bucket);
          return callForGuest(context, {
            function: increment,
            request: { bucket: bucketName, key, delta },
            problem: nameProblem("key", key),
            perform: async () => (await keyValues.write({ kind: "increment", space, key, delta })) as bigint,
            map: (sum) => sum,
          });
        }),
        // oxlint-disable-next-line max-params -- as in WIT
        "compare-and-swap": suspending((self: number, key: string, old: bigint, replacement: bigint) => {
          const { bucketName, space } = resources.get(self, Bucket);
          const change = { kind: "compare-and-swap", space, key, old, new: replacement } as const;
          return callForGuest(context, {
            function: compareAndSwap,
            request: { bucket: bucketName, key, old, new: replacement },
            problem: nameProblem("key", key),
            perform: async () => (await keyValues.write(change)) as boolean,
            map: (swapped) => swapped,
          });
        }),
      },
      resources: {},
    };
  },
};
