import { list, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { IpAddress } from "../../platform/network/address.ts";
import { NetworkError } from "../../platform/network/network.ts";
import type { NetworkErrorCode } from "../../platform/network/network.ts";
import type { WasiSocketsIpNameLookup } from "../generated/wasi-sockets/ip-name-lookup.ts";
import type { HostContext, HostInterface, MaybePromise } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { ReadyPollable } from "../wasi-io/pollable.ts";
import { ipAddress, NetworkHandle, outcome } from "./socket-values.ts";

const resolveAddresses = durableFunction({
  name: "sockets::ip_name_lookup::resolve_addresses",
  class: "remote-read",
  request: string,
  response: outcome(list(ipAddress)),
});

/** More are no use to anybody. */
const addressesMax = 256;

class AddressStream extends HostObject {
  readonly #addresses: readonly IpAddress[];
  #next = 0;

  constructor(addresses: readonly IpAddress[]) {
    super();
    this.#addresses = addresses;
  }

  next(): IpAddress | undefined {
    return this.#addresses[this.#next++];
  }
}

async function lookUp(
  { sockets: { network }, signal }: HostContext,
  name: string,
): Promise<Result<readonly IpAddress[], NetworkErrorCode>> {
  if (!network.policy.nameLookup) return err("access-denied");
  try {
    const addresses = await network.lookup(name);
    signal.throwIfAborted();
    return addresses.length === 0 ? err("name-unresolvable") : ok(addresses.slice(0, addressesMax));
  } catch (error) {
    if (error instanceof NetworkError) return err(error.code);
    throw error;
  }
}

/** wasi:sockets/ip-name-lookup. It is done when `resolve-addresses` returns, with all addresses in one record. */
export const ipNameLookup: HostInterface<WasiSocketsIpNameLookup> = {
  name: "wasi:sockets/ip-name-lookup@0.2.0",
  durable: { "resolve-addresses": resolveAddresses },
  bind: (context) => {
    const { resources, durable } = context;
    const toStream = (found: Result<readonly IpAddress[], NetworkErrorCode>): Result<number, NetworkErrorCode> =>
      found.tag === "ok" ? ok(resources.add(new AddressStream(found.val))) : found;
    return {
      functions: {
        "resolve-addresses": suspending(
          (self: number, name: string): MaybePromise<Result<number, NetworkErrorCode>> => {
            resources.get(self, NetworkHandle);
            const found = durable.callWaiting(resolveAddresses, name, () => lookUp(context, name));
            return found instanceof Promise ? found.then(toStream) : toStream(found);
          },
        ),
        "[method]resolve-address-stream.resolve-next-address": sync((self: number) =>
          ok(resources.get(self, AddressStream).next()),
        ),
        "[method]resolve-address-stream.subscribe": sync((self: number) => {
          resources.get(self, AddressStream);
          return resources.add(new ReadyPollable());
        }),
      },
      resources: { "resolve-address-stream": resource((representation) => resources.remove(representation)) },
    };
  },
};
