/** wasi:sockets/network and instance-network. */
import type { WasiSocketsInstanceNetwork } from "../generated/wasi-sockets/instance-network.ts";
import type { WasiSocketsNetwork } from "../generated/wasi-sockets/network.ts";
import type { HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";
import { IoError } from "../wasi-io/streams.ts";
import { NetworkHandle, SocketFailure } from "./socket-values.ts";

export const network: HostInterface<WasiSocketsNetwork> = {
  name: "wasi:sockets/network@0.2.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: {
      "network-error-code": sync((error: number) => {
        const { failure } = resources.get(error, IoError);
        return failure instanceof SocketFailure ? failure.code : undefined;
      }),
    },
    resources: { network: resource((representation) => resources.remove(representation)) },
  }),
};

export const instanceNetwork: HostInterface<WasiSocketsInstanceNetwork> = {
  name: "wasi:sockets/instance-network@0.2.0",
  durable: {},
  bind: ({ resources }) => ({
    functions: { "instance-network": sync(() => resources.add(new NetworkHandle())) },
    resources: {},
  }),
};
