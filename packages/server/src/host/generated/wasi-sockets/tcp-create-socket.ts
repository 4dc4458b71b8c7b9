/** Made of packages/sdk/wit/wasi-sockets/tcp-create-socket.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type TcpSocket = number;

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

/** wasi:sockets/tcp-create-socket@0.2.0 */
export interface WasiSocketsTcpCreateSocket {
  readonly name: "wasi:sockets/tcp-create-socket@0.2.0";
  readonly functions: {
    readonly "create-tcp-socket": (addressFamily: IpAddressFamily) => Result<TcpSocket, ErrorCode>;
  };
  readonly resources: never;
}
