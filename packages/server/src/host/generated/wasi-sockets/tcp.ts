/** Made of packages/sdk/wit/wasi-sockets/tcp.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type InputStream = number;

export type Network = number;

export type OutputStream = number;

export type Pollable = number;

export type TcpSocket = number;

export type IpSocketAddress =
  | {
      readonly tag: "ipv4";
      readonly val: { readonly port: number; readonly address: readonly [number, number, number, number] };
    }
  | {
      readonly tag: "ipv6";
      readonly val: {
        readonly port: number;
        readonly flowInfo: number;
        readonly address: readonly [number, number, number, number, number, number, number, number];
        readonly scopeId: number;
      };
    };

export type ErrorCode =
  | "unknown"
  | "access-denied"
  | "not-supported"
  | "invalid-argument"
  | "out-of-memory"
  | "timeout"
  | "concurrency-conflict"
  | "not-in-progress"
  | "would-block"
  | "invalid-state"
  | "new-socket-limit"
  | "address-not-bindable"
  | "address-in-use"
  | "remote-unreachable"
  | "connection-refused"
  | "connection-reset"
  | "connection-aborted"
  | "datagram-too-large"
  | "name-unresolvable"
  | "temporary-resolver-failure"
  | "permanent-resolver-failure";

export type IpAddressFamily = "ipv4" | "ipv6";

export type ShutdownType = "receive" | "send" | "both";

/** wasi:sockets/tcp@0.2.0 */
export interface WasiSocketsTcp {
  readonly name: "wasi:sockets/tcp@0.2.0";
  readonly functions: {
    readonly "[method]tcp-socket.start-bind": (
      self: TcpSocket,
      network: Network,
      localAddress: IpSocketAddress,
    ) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.finish-bind": (self: TcpSocket) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.start-connect": (
      self: TcpSocket,
      network: Network,
      remoteAddress: IpSocketAddress,
    ) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.finish-connect": (
      self: TcpSocket,
    ) => Result<readonly [InputStream, OutputStream], ErrorCode>;
    readonly "[method]tcp-socket.start-listen": (self: TcpSocket) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.finish-listen": (self: TcpSocket) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.accept": (
      self: TcpSocket,
    ) => Result<readonly [TcpSocket, InputStream, OutputStream], ErrorCode>;
    readonly "[method]tcp-socket.local-address": (self: TcpSocket) => Result<IpSocketAddress, ErrorCode>;
    readonly "[method]tcp-socket.remote-address": (self: TcpSocket) => Result<IpSocketAddress, ErrorCode>;
    readonly "[method]tcp-socket.is-listening": (self: TcpSocket) => boolean;
    readonly "[method]tcp-socket.address-family": (self: TcpSocket) => IpAddressFamily;
    readonly "[method]tcp-socket.set-listen-backlog-size": (self: TcpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.keep-alive-enabled": (self: TcpSocket) => Result<boolean, ErrorCode>;
    readonly "[method]tcp-socket.set-keep-alive-enabled": (self: TcpSocket, value: boolean) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.keep-alive-idle-time": (self: TcpSocket) => Result<bigint, ErrorCode>;
    readonly "[method]tcp-socket.set-keep-alive-idle-time": (self: TcpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.keep-alive-interval": (self: TcpSocket) => Result<bigint, ErrorCode>;
    readonly "[method]tcp-socket.set-keep-alive-interval": (self: TcpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.keep-alive-count": (self: TcpSocket) => Result<number, ErrorCode>;
    readonly "[method]tcp-socket.set-keep-alive-count": (self: TcpSocket, value: number) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.hop-limit": (self: TcpSocket) => Result<number, ErrorCode>;
    readonly "[method]tcp-socket.set-hop-limit": (self: TcpSocket, value: number) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.receive-buffer-size": (self: TcpSocket) => Result<bigint, ErrorCode>;
    readonly "[method]tcp-socket.set-receive-buffer-size": (self: TcpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.send-buffer-size": (self: TcpSocket) => Result<bigint, ErrorCode>;
    readonly "[method]tcp-socket.set-send-buffer-size": (self: TcpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]tcp-socket.subscribe": (self: TcpSocket) => Pollable;
    readonly "[method]tcp-socket.shutdown": (self: TcpSocket, shutdownType: ShutdownType) => Result<void, ErrorCode>;
  };
  readonly resources: "tcp-socket";
}
