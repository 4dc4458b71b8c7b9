/** Made of packages/sdk/wit/wasi-sockets/ip-name-lookup.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Network = number;

export type Pollable = number;

export type ResolveAddressStream = number;

export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: readonly [number, number, number, number] }
  | { readonly tag: "ipv6"; readonly val: readonly [number, number, number, number, number, number, number, number] };

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

/** wasi:sockets/ip-name-lookup@0.2.0 */
export interface WasiSocketsIpNameLookup {
  readonly name: "wasi:sockets/ip-name-lookup@0.2.0";
  readonly functions: {
    readonly "[method]resolve-address-stream.resolve-next-address": (
      self: ResolveAddressStream,
    ) => Result<IpAddress | undefined, ErrorCode>;
    readonly "[method]resolve-address-stream.subscribe": (self: ResolveAddressStream) => Pollable;
    readonly "resolve-addresses": (network: Network, name: string) => Result<ResolveAddressStream, ErrorCode>;
  };
  readonly resources: "resolve-address-stream";
}
