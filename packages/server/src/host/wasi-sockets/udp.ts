/** wasi:sockets/udp and udp-create-socket. */
import { HostTrap } from "../../durability/errors.ts";
import type { OutgoingDatagram, WasiSocketsUdp } from "../generated/wasi-sockets/udp.ts";
import type { WasiSocketsUdpCreateSocket } from "../generated/wasi-sockets/udp-create-socket.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../platform/network/address.ts";
import type { HostContext, HostInterface, ResourceFunctions } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { ReadyPollable } from "../wasi-io/pollable.ts";
import { attempt, attemptWaiting, NetworkHandle } from "./socket-values.ts";
import { bufferSize } from "./tcp-options.ts";
import { UdpSocket, udpRecords } from "./udp-socket.ts";
import type { Association } from "./udp-socket.ts";

/** What systems give a socket that asks for nothing. */
const defaultBufferBytes = 212_992;

class IncomingDatagramStream extends HostObject {
  readonly socket: UdpSocket;
  readonly association: Association;

  constructor(socket: UdpSocket, association: Association) {
    super();
    this.socket = socket;
    this.association = association;
  }
}

class OutgoingDatagramStream extends HostObject {
  readonly socket: UdpSocket;
  readonly association: Association;
  /** What check-send has permitted, and wasn't sent yet. */
  permitted = 0;

  constructor(socket: UdpSocket, association: Association) {
    super();
    this.socket = socket;
    this.association = association;
  }
}

function socketFunctions(context: HostContext): ResourceFunctions<WasiSocketsUdp, "udp-socket"> {
  const { resources } = context;
  const socket = (self: number): UdpSocket => resources.get(self, UdpSocket);
  return {
    "[method]udp-socket.start-bind": sync((self: number, network: number, local: IpSocketAddress) => {
      resources.get(network, NetworkHandle);
      return attempt(() => socket(self).startBind(local));
    }),
    "[method]udp-socket.finish-bind": suspending((self: number) => attemptWaiting(() => socket(self).finishBind())),
    "[method]udp-socket.stream": sync((self: number, remote: IpSocketAddress | undefined) =>
      attempt((): readonly [number, number] => {
        const association = socket(self).associate(remote);
        const incoming = new IncomingDatagramStream(socket(self), association);
        return [resources.add(incoming), resources.add(new OutgoingDatagramStream(socket(self), association))];
      }),
    ),
    "[method]udp-socket.local-address": sync((self: number) => attempt(() => socket(self).localAddress())),
    "[method]udp-socket.remote-address": sync((self: number) => attempt(() => socket(self).remoteAddress())),
    "[method]udp-socket.address-family": sync((self: number) => socket(self).family),
    "[method]udp-socket.unicast-hop-limit": sync((self: number) => attempt(() => socket(self).hopLimit)),
    "[method]udp-socket.set-unicast-hop-limit": sync((self: number, value: number) =>
      attempt(() => void (socket(self).hopLimit = value)),
    ),
    "[method]udp-socket.receive-buffer-size": sync((self: number) =>
      attempt(() => BigInt(socket(self).bufferSizes.receive ?? defaultBufferBytes)),
    ),
    "[method]udp-socket.set-receive-buffer-size": sync((self: number, value: bigint) =>
      attempt(() => {
        socket(self).bufferSizes = { ...socket(self).bufferSizes, receive: Number(bufferSize(value)) };
      }),
    ),
    "[method]udp-socket.send-buffer-size": sync((self: number) =>
      attempt(() => BigInt(socket(self).bufferSizes.send ?? defaultBufferBytes)),
    ),
    "[method]udp-socket.set-send-buffer-size": sync((self: number, value: bigint) =>
      attempt(() => {
        socket(self).bufferSizes = { ...socket(self).bufferSizes, send: Number(bufferSize(value)) };
      }),
    ),
    // What can be started ends at once: nothing is left to wait for.
    "[method]udp-socket.subscribe": sync((self: number) => {
      socket(self);
      return resources.add(new ReadyPollable());
    }),
  };
}

function incomingFunctions(context: HostContext): ResourceFunctions<WasiSocketsUdp, "incoming-datagram-stream"> {
  const { resources } = context;
  const stream = (self: number): IncomingDatagramStream => resources.get(self, IncomingDatagramStream);
  return {
    "[method]incoming-datagram-stream.receive": suspending((self: number, resultsMax: bigint) => {
      const { socket, association } = stream(self);
      return attemptWaiting(() => socket.receive(association, resultsMax));
    }),
    "[method]incoming-datagram-stream.subscribe": sync((self: number) => {
      const { socket, association } = stream(self);
      return resources.add(socket.pollable("receive", association));
    }),
  };
}

function outgoingFunctions(context: HostContext): ResourceFunctions<WasiSocketsUdp, "outgoing-datagram-stream"> {
  const { resources } = context;
  const stream = (self: number): OutgoingDatagramStream => resources.get(self, OutgoingDatagramStream);
  return {
    "[method]outgoing-datagram-stream.check-send": sync((self: number) =>
      attempt(() => {
        const outgoing = stream(self);
        outgoing.permitted = outgoing.socket.checkSend(outgoing.association);
        return BigInt(outgoing.permitted);
      }),
    ),
    "[method]outgoing-datagram-stream.send": sync((self: number, datagrams: readonly OutgoingDatagram[]) => {
      const outgoing = stream(self);
      if (datagrams.length > outgoing.permitted) throw new HostTrap("send exceeds what check-send has permitted");
      return attempt(() => {
        const sent = outgoing.socket.send(outgoing.association, datagrams);
        outgoing.permitted -= Number(sent);
        return sent;
      });
    }),
    "[method]outgoing-datagram-stream.subscribe": sync((self: number) => {
      const { socket, association } = stream(self);
      return resources.add(socket.pollable("send", association));
    }),
  };
}

export const udp: HostInterface<WasiSocketsUdp> = {
  name: "wasi:sockets/udp@0.2.0",
  durable: udpRecords,
  bind: (context) => {
    const drop = resource((representation) => context.resources.remove(representation));
    return {
      functions: { ...socketFunctions(context), ...incomingFunctions(context), ...outgoingFunctions(context) },
      resources: { "udp-socket": drop, "incoming-datagram-stream": drop, "outgoing-datagram-stream": drop },
    };
  },
};

export const udpCreateSocket: HostInterface<WasiSocketsUdpCreateSocket> = {
  name: "wasi:sockets/udp-create-socket@0.2.0",
  durable: {},
  bind: (context) => ({
    functions: {
      "create-udp-socket": sync((family: IpAddressFamily) =>
        attempt(() => context.resources.add(new UdpSocket(context, family))),
      ),
    },
    resources: {},
  }),
};
