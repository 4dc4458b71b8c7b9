/** wasi:sockets/tcp and tcp-create-socket. */
import type { WasiSocketsTcp } from "../generated/wasi-sockets/tcp.ts";
import type { WasiSocketsTcpCreateSocket } from "../generated/wasi-sockets/tcp-create-socket.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../platform/network/address.ts";
import type { FunctionsOf, HostContext, HostInterface } from "../interface.ts";
import { resource, suspending, sync } from "../interface.ts";
import { attempt, attemptWaiting, NetworkHandle } from "./socket-values.ts";
import { checkWrite, readStream, TcpInputStream, TcpOutputStream } from "./tcp-connection.ts";
import type { Connection } from "./tcp-connection.ts";
import { TcpSocket, tcpRecords } from "./tcp-socket.ts";

type Functions = WasiSocketsTcp["functions"];
type SteppingFunction = Extract<keyof Functions, `${string}.${"start" | "finish"}-${string}` | `${string}.accept`>;
type OptionFunction = Extract<
  keyof Functions,
  `${string}-${"enabled" | "time" | "interval" | "count" | "limit" | "size"}`
>;
type StateFunction = Exclude<keyof Functions, SteppingFunction | OptionFunction>;

function streamsOf({ resources }: HostContext, connection: Connection): readonly [number, number] {
  return [resources.add(new TcpInputStream(connection)), resources.add(new TcpOutputStream(connection))];
}

function steppingFunctions(context: HostContext): FunctionsOf<WasiSocketsTcp, SteppingFunction> {
  const { resources } = context;
  const socket = (self: number): TcpSocket => resources.get(self, TcpSocket);
  return {
    "[method]tcp-socket.start-bind": sync((self: number, network: number, local: IpSocketAddress) => {
      resources.get(network, NetworkHandle);
      return attempt(() => socket(self).startBind(local));
    }),
    "[method]tcp-socket.finish-bind": suspending((self: number) => attemptWaiting(() => socket(self).finishBind())),
    "[method]tcp-socket.start-connect": sync((self: number, network: number, remote: IpSocketAddress) => {
      resources.get(network, NetworkHandle);
      return attempt(() => socket(self).startConnect(remote));
    }),
    "[method]tcp-socket.finish-connect": sync((self: number) =>
      attempt(() => streamsOf(context, socket(self).finishConnect())),
    ),
    "[method]tcp-socket.start-listen": sync((self: number) => attempt(() => socket(self).startListen())),
    "[method]tcp-socket.finish-listen": suspending((self: number) => attemptWaiting(() => socket(self).finishListen())),
    "[method]tcp-socket.accept": sync((self: number) =>
      attempt((): readonly [number, number, number] => {
        const accepted = socket(self).accept();
        return [resources.add(accepted.socket), ...streamsOf(context, accepted.connection)];
      }),
    ),
  };
}

function optionFunctions({ resources }: HostContext): FunctionsOf<WasiSocketsTcp, OptionFunction> {
  const socket = (self: number): TcpSocket => resources.get(self, TcpSocket);
  const keepAlive = (self: number, set: (socket: TcpSocket) => void): ReturnType<typeof attempt<void>> =>
    attempt(() => {
      set(socket(self));
      socket(self).applyKeepAlive();
    });
  return {
    "[method]tcp-socket.set-listen-backlog-size": sync((self: number, value: bigint) =>
      attempt(() => socket(self).setBacklog(value)),
    ),
    "[method]tcp-socket.keep-alive-enabled": sync((self: number) =>
      attempt(() => socket(self).options.keepAliveEnabled),
    ),
    "[method]tcp-socket.set-keep-alive-enabled": sync((self: number, value: boolean) =>
      keepAlive(self, ({ options }) => void (options.keepAliveEnabled = value)),
    ),
    "[method]tcp-socket.keep-alive-idle-time": sync((self: number) => attempt(() => socket(self).options.idleTime)),
    "[method]tcp-socket.set-keep-alive-idle-time": sync((self: number, value: bigint) =>
      keepAlive(self, ({ options }) => void (options.idleTime = value)),
    ),
    "[method]tcp-socket.keep-alive-interval": sync((self: number) => attempt(() => socket(self).options.interval)),
    "[method]tcp-socket.set-keep-alive-interval": sync((self: number, value: bigint) =>
      keepAlive(self, ({ options }) => void (options.interval = value)),
    ),
    "[method]tcp-socket.keep-alive-count": sync((self: number) => attempt(() => socket(self).options.count)),
    "[method]tcp-socket.set-keep-alive-count": sync((self: number, value: number) =>
      keepAlive(self, ({ options }) => void (options.count = value)),
    ),
    "[method]tcp-socket.hop-limit": sync((self: number) => attempt(() => socket(self).options.hopLimit)),
    "[method]tcp-socket.set-hop-limit": sync((self: number, value: number) =>
      attempt(() => void (socket(self).options.hopLimit = value)),
    ),
    "[method]tcp-socket.receive-buffer-size": sync((self: number) =>
      attempt(() => socket(self).options.receiveBufferSize),
    ),
    "[method]tcp-socket.set-receive-buffer-size": sync((self: number, value: bigint) =>
      attempt(() => void (socket(self).options.receiveBufferSize = value)),
    ),
    "[method]tcp-socket.send-buffer-size": sync((self: number) => attempt(() => socket(self).options.sendBufferSize)),
    "[method]tcp-socket.set-send-buffer-size": sync((self: number, value: bigint) =>
      attempt(() => void (socket(self).options.sendBufferSize = value)),
    ),
  };
}

function stateFunctions({ resources }: HostContext): FunctionsOf<WasiSocketsTcp, StateFunction> {
  const socket = (self: number): TcpSocket => resources.get(self, TcpSocket);
  return {
    "[method]tcp-socket.local-address": sync((self: number) => attempt(() => socket(self).localAddress())),
    "[method]tcp-socket.remote-address": sync((self: number) => attempt(() => socket(self).remoteAddress())),
    "[method]tcp-socket.is-listening": sync((self: number) => socket(self).listening),
    "[method]tcp-socket.address-family": sync((self: number) => socket(self).family),
    "[method]tcp-socket.subscribe": sync((self: number) => resources.add(socket(self).pollable())),
    "[method]tcp-socket.shutdown": sync((self: number, type: "receive" | "send" | "both") =>
      attempt(() => socket(self).shutdown(type)),
    ),
  };
}

export const tcp: HostInterface<WasiSocketsTcp> = {
  name: "wasi:sockets/tcp@0.2.0",
  durable: {
    ...tcpRecords,
    // What the streams that it gives record.
    "[method]tcp-socket.finish-connect": [tcpRecords["[method]tcp-socket.finish-connect"], readStream, checkWrite],
  },
  bind: (context) => ({
    functions: { ...steppingFunctions(context), ...optionFunctions(context), ...stateFunctions(context) },
    resources: { "tcp-socket": resource((representation) => context.resources.remove(representation)) },
  }),
};

export const tcpCreateSocket: HostInterface<WasiSocketsTcpCreateSocket> = {
  name: "wasi:sockets/tcp-create-socket@0.2.0",
  durable: {},
  bind: (context) => ({
    functions: {
      "create-tcp-socket": sync((family: IpAddressFamily) =>
        attempt(() => context.resources.add(new TcpSocket(context, family))),
      ),
    },
    resources: {},
  }),
};
