/** TCP, UDP and name lookup, so that hosts need not know what carries them. */
import type { IpAddress, IpSocketAddress } from "./address.ts";
import type { NetworkPolicy } from "./policy.ts";

/** The names are those of wasi:sockets; the order is that of WIT, since records hold positions. */
export const networkErrorCodes = [
  "unknown",
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "invalid-state",
  "new-socket-limit",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
] as const;

export type NetworkErrorCode = (typeof networkErrorCodes)[number];

export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** Times are in milliseconds. */
export interface KeepAlive {
  readonly enabled: boolean;
  readonly idleMs: number;
  readonly intervalMs: number;
  readonly count: number;
}

/** Told what comes, in order. Nothing follows a failure. */
export interface TcpListener {
  readonly data: (chunk: Uint8Array) => void;
  /** The other side sends nothing any more. */
  readonly end: () => void;
  readonly failed: (code: NetworkErrorCode) => void;
}

export interface TcpConnection {
  readonly local: IpSocketAddress;
  readonly remote: IpSocketAddress;
  /** Nothing comes before this is called. */
  readonly receive: (listener: TcpListener) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Resolves when the system has taken it; also when it never will, which the listener is told. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** Nothing more is written; what was is brought out. */
  readonly end: () => void;
  readonly setKeepAlive: (keepAlive: KeepAlive) => void;
  /** Ends it in order, after what was written. */
  readonly close: () => void;
  /** Ends it at once. */
  readonly reset: () => void;
}

export interface TcpServer {
  readonly local: IpSocketAddress;
  readonly close: () => void;
}

export interface UdpSocket {
  readonly local: IpSocketAddress;
  /** Resolves when the system has taken it. Rejects with a `NetworkError`. */
  readonly send: (data: Uint8Array, remote: IpSocketAddress) => Promise<void>;
  readonly setHopLimit: (hops: number) => void;
  readonly setBufferSizes: (sizes: { readonly receive: number | undefined; readonly send: number | undefined }) => void;
  readonly close: () => void;
}

/** What rejects does so with a `NetworkError`. */
export interface Network {
  readonly policy: NetworkPolicy;
  /** In the order in which they should be tried. */
  readonly lookup: (name: string) => Promise<readonly IpAddress[]>;
  /** The address, with a free port instead of port 0. It is not kept. */
  readonly findFree: (address: IpSocketAddress) => Promise<IpSocketAddress>;
  readonly connect: (
    remote: IpSocketAddress,
    options: { readonly local: IpSocketAddress | undefined; readonly signal: AbortSignal },
  ) => Promise<TcpConnection>;
  readonly listen: (
    local: IpSocketAddress,
    options: { readonly backlog: number; readonly connected: (connection: TcpConnection) => void },
  ) => Promise<TcpServer>;
  readonly bindUdp: (
    local: IpSocketAddress,
    received: (data: Uint8Array, remote: IpSocketAddress) => void,
  ) => Promise<UdpSocket>;
}
