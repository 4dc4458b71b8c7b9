/** Made of packages/sdk/wit/wasi-sockets/network.wit by tools/generate-host-types.ts. */
export type Error = number;

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

export type Ipv4Address = readonly [number, number, number, number];

export type Ipv6Address = readonly [number, number, number, number, number, number, number, number];

export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4Address }
  | { readonly tag: "ipv6"; readonly val: Ipv6Address };

export type Ipv4SocketAddress = { readonly port: number; readonly address: Ipv4Address };

export type Ipv6SocketAddress = {
  readonly port: number;
  readonly flowInfo: number;
  readonly address: Ipv6Address;
  readonly scopeId: number;
};

export type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4SocketAddress }
  | { readonly tag: "ipv6"; readonly val: Ipv6SocketAddress };

export type IpAddressFamily = "ipv4" | "ipv6";

/** wasi:sockets/network@0.2.0 */
export interface WasiSocketsNetwork {
  readonly name: "wasi:sockets/network@0.2.0";
  readonly functions: { readonly "network-error-code": (err: Error) => ErrorCode | undefined };
  readonly resources: "network";
}
