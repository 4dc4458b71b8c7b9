import { record, u32, u64, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WasiClocksWallClock } from "../generated/wasi-clocks/wall-clock.ts";
import type { HostInterface } from "../interface.ts";
import { sync } from "../interface.ts";

export const datetime = record({ seconds: u64, nanoseconds: u32 });

export type Datetime = NonNullable<(typeof datetime)["value"]>;

const now = durableFunction({ name: "wall_clock::now", class: "local-read", request: unit, response: datetime });
const resolution = durableFunction({ ...now, name: "wall_clock::resolution" });

/** `ms` since the epoch as WIT's datetime. */
export function toDatetime(ms: number): Datetime {
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanoseconds: Math.floor((ms - seconds * 1000) * 1e6) };
}

/** wasi:clocks/wall-clock: both functions are local reads. */
export const wallClock: HostInterface<WasiClocksWallClock> = {
  name: "wasi:clocks/wall-clock@0.2.0",
  durable: { now, resolution },
  bind: ({ durable, clock }) => {
    const readNow = (): Datetime => toDatetime(clock.now());
    const readResolution = (): Datetime => ({ seconds: 0n, nanoseconds: 1000 });
    return {
      functions: {
        now: sync(() => durable.call(now, [], readNow)),
        resolution: sync(() => durable.call(resolution, [], readResolution)),
      },
      resources: {},
    };
  },
};
