import { bool, u32List, unit } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { WasiIoPoll } from "../generated/wasi-io/poll.ts";
import type { HostContext, HostInterface, MaybePromise } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { Pollable } from "./pollable.ts";
import { waitUntilReady } from "./waiting.ts";

const pollFunction = durableFunction({
  name: "golem io::poll::poll",
  class: "local-read",
  request: unit,
  response: u32List(),
});
const readyFunction = durableFunction({
  name: "golem io::poll::ready",
  class: "local-read",
  request: unit,
  response: bool,
});

function readyPositions(pollables: readonly Pollable[]): number[] {
  const positions: number[] = [];
  for (const [position, pollable] of pollables.entries()) if (pollable.ready()) positions.push(position);
  return positions;
}

function poll(context: HostContext, pollables: readonly Pollable[]): MaybePromise<Uint32Array> {
  const positions = readyPositions(pollables);
  return positions.length > 0 ? Uint32Array.from(positions) : waitForAny(context, pollables);
}

async function waitForAny(context: HostContext, pollables: readonly Pollable[]): Promise<Uint32Array> {
  await waitUntilReady(context, pollables);
  return Uint32Array.from(readyPositions(pollables));
}

/** wasi:io/poll. What was ready is recorded, so that replay doesn't look at the pollables at all (spec §15.1). */
export const pollInterface: HostInterface<WasiIoPoll> = {
  name: "wasi:io/poll@0.2.0",
  durable: { poll: pollFunction, "[method]pollable.block": pollFunction, "[method]pollable.ready": readyFunction },
  bind: (context) => {
    const { durable, resources } = context;
    const pollAll = (representations: ArrayLike<number>): MaybePromise<Uint32Array> =>
      durable.callWaiting(pollFunction, [], () => {
        const pollables = Array.from(representations, (representation) => resources.get(representation, Pollable));
        return poll(context, pollables);
      });
    return {
      functions: {
        poll: suspending((representations: ArrayLike<number>) => {
          if (representations.length === 0) throw new HostTrap("empty poll list");
          return pollAll(representations);
        }),
        "[method]pollable.block": suspending((self: number) => {
          const positions = pollAll([self]);
          return positions instanceof Promise ? positions.then(() => undefined) : undefined;
        }),
        "[method]pollable.ready": sync((self: number) =>
          durable.call(readyFunction, [], () => resources.get(self, Pollable).ready()),
        ),
      },
      resources: { pollable: resource((representation) => resources.remove(representation)) },
    };
  },
};
