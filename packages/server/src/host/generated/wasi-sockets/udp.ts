/** Made of packages/sdk/wit/wasi-sockets/udp.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type IncomingDatagramStream = number;

export type Network = number;

export type OutgoingDatagramStream = number;

export type Pollable = number;

export type UdpSocket = number;

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

export type IncomingDatagram = { readonly data: Uint8Array; readonly remoteAddress: IpSocketAddress };

export type OutgoingDatagram = { readonly data: Uint8Array; readonly remoteAddress: IpSocketAddress | undefined };

/** wasi:sockets/udp@0.2.0 */
export interface WasiSocketsUdp {
  readonly name: "wasi:sockets/udp@0.2.0";
  readonly functions: {
    readonly "[method]udp-socket.start-bind": (
      self: UdpSocket,
      network: Network,
      localAddress: IpSocketAddress,
    ) => Result<void, ErrorCode>;
    readonly "[method]udp-socket.finish-bind": (self: UdpSocket) => Result<void, ErrorCode>;
    readonly "[method]udp-socket.stream": (
      self: UdpSocket,
      remoteAddress: IpSocketAddress | undefined,
    ) => Result<readonly [IncomingDatagramStream, OutgoingDatagramStream], ErrorCode>;
    readonly "[method]udp-socket.local-address": (self: UdpSocket) => Result<IpSocketAddress, ErrorCode>;
    readonly "[method]udp-socket.remote-address": (self: UdpSocket) => Result<IpSocketAddress, ErrorCode>;
    readonly "[method]udp-socket.address-family": (self: UdpSocket) => IpAddressFamily;
    readonly "[method]udp-socket.unicast-hop-limit": (self: UdpSocket) => Result<number, ErrorCode>;
    readonly "[method]udp-socket.set-unicast-hop-limit": (self: UdpSocket, value: number) => Result<void, ErrorCode>;
    readonly "[method]udp-socket.receive-buffer-size": (self: UdpSocket) => Result<bigint, ErrorCode>;
    readonly "[method]udp-socket.set-receive-buffer-size": (self: UdpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]udp-socket.send-buffer-size": (self: UdpSocket) => Result<bigint, ErrorCode>;
    readonly "[method]udp-socket.set-send-buffer-size": (self: UdpSocket, value: bigint) => Result<void, ErrorCode>;
    readonly "[method]udp-socket.subscribe": (self: UdpSocket) => Pollable;
    readonly "[method]incoming-datagram-stream.receive": (
      self: IncomingDatagramStream,
      maxResults: bigint,
    ) => Result<readonly IncomingDatagram[], ErrorCode>;
    readonly "[method]incoming-datagram-stream.subscribe": (self: IncomingDatagramStream) => Pollable;
    readonly "[method]outgoing-datagram-stream.check-send": (self: OutgoingDatagramStream) => Result<bigint, ErrorCode>;
    readonly "[method]outgoing-datagram-stream.send": (
      self: OutgoingDatagramStream,
      datagrams: readonly OutgoingDatagram[],
    ) => Result<bigint, ErrorCode>;
    readonly "[method]outgoing-datagram-stream.subscribe": (self: OutgoingDatagramStream) => Pollable;
  };
  readonly resources: "udp-socket" | "incoming-datagram-stream" | "outgoing-datagram-stream";
}
