import { bytes, tuple, u64, unit } from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import type { DurableFunction } from "../../durability/durable-function.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { Entropy } from "../../platform/entropy.ts";
import type { WasiRandomInsecure } from "../generated/wasi-random/insecure.ts";
import type { WasiRandomInsecureSeed } from "../generated/wasi-random/insecure-seed.ts";
import type { WasiRandomRandom } from "../generated/wasi-random/random.ts";
import type { HostInterface } from "../interface.ts";
import { sync } from "../interface.ts";

/** One request may not ask for more; every byte is kept in the oplog. */
export const randomBytesMax = 16 * 1024 * 1024;

function localRead<T>(name: string, response: Schema<T>): DurableFunction<readonly [], T> {
  return durableFunction({ name, class: "local-read", request: unit, response });
}

function randomBytes(entropy: Entropy, length: bigint): Uint8Array {
  if (length > randomBytesMax) {
    throw new HostTrap(`cannot get ${length} random bytes: at most ${randomBytesMax} are given at a time`);
  }
  const filled = new Uint8Array(Number(length));
  entropy.fill(filled);
  return filled;
}

function randomU64(entropy: Entropy): bigint {
  const filled = new Uint8Array(8);
  entropy.fill(filled);
  return new DataView(filled.buffer).getBigUint64(0);
}

const getRandomBytes = localRead("golem random::get_random_bytes", bytes);
const getRandomU64 = localRead("golem random::get_random_u64", u64);

/** wasi:random/random: local reads; what was drawn is recorded in full (spec §19). */
export const random: HostInterface<WasiRandomRandom> = {
  name: "wasi:random/random@0.2.0",
  durable: { "get-random-bytes": getRandomBytes, "get-random-u64": getRandomU64 },
  bind: ({ durable, entropy }) => ({
    functions: {
      "get-random-bytes": sync((length: bigint) =>
        durable.call(getRandomBytes, [], () => randomBytes(entropy, length)),
      ),
      "get-random-u64": sync(() => durable.call(getRandomU64, [], () => randomU64(entropy))),
    },
    resources: {},
  }),
};

const getInsecureRandomBytes = localRead("golem random::insecure::get_insecure_random_bytes", bytes);
const getInsecureRandomU64 = localRead("golem random::insecure::get_insecure_random_u64", u64);

/** wasi:random/insecure: the same source, since a secure one is as fast here. */
export const insecure: HostInterface<WasiRandomInsecure> = {
  name: "wasi:random/insecure@0.2.0",
  durable: {
    "get-insecure-random-bytes": getInsecureRandomBytes,
    "get-insecure-random-u64": getInsecureRandomU64,
  },
  bind: ({ durable, entropy }) => ({
    functions: {
      "get-insecure-random-bytes": sync((length: bigint) =>
        durable.call(getInsecureRandomBytes, [], () => randomBytes(entropy, length)),
      ),
      "get-insecure-random-u64": sync(() => durable.call(getInsecureRandomU64, [], () => randomU64(entropy))),
    },
    resources: {},
  }),
};

const seed = localRead("golem random::insecure_seed::insecure_seed", tuple(u64, u64));

/** wasi:random/insecure-seed. */
export const insecureSeed: HostInterface<WasiRandomInsecureSeed> = {
  name: "wasi:random/insecure-seed@0.2.0",
  durable: { "insecure-seed": seed },
  bind: ({ durable, entropy }) => ({
    functions: {
      "insecure-seed": sync(() => durable.call(seed, [], () => [randomU64(entropy), randomU64(entropy)] as const)),
    },
    resources: {},
  }),
};
