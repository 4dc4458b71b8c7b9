/** Made of packages/sdk/wit/wasi-sockets/udp-create-socket.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type UdpSocket = number;

export type IpAddressFamily = "ipv4" | "ipv6";

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

/** wasi:sockets/udp-create-socket@0.2.0 */
export interface WasiSocketsUdpCreateSocket {
  readonly name: "wasi:sockets/udp-create-socket@0.2.0";
  readonly functions: {
    readonly "create-udp-socket": (addressFamily: IpAddressFamily) => Result<UdpSocket, ErrorCode>;
  };
  readonly resources: never;
}
