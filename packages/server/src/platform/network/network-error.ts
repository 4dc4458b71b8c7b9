/** The one table that gives wasi:sockets' error codes for what Node reports. */
import type { NetworkErrorCode } from "./network.ts";
import { NetworkError } from "./network.ts";

const byCode: { readonly [code: string]: NetworkErrorCode } = {
  EACCES: "access-denied",
  EPERM: "access-denied",
  EADDRINUSE: "address-in-use",
  EADDRNOTAVAIL: "address-not-bindable",
  EAFNOSUPPORT: "not-supported",
  EOPNOTSUPP: "not-supported",
  ENOTSUP: "not-supported",
  EINVAL: "invalid-argument",
  ERR_SOCKET_BAD_PORT: "invalid-argument",
  ENOMEM: "out-of-memory",
  ENOBUFS: "out-of-memory",
  EMFILE: "new-socket-limit",
  ENFILE: "new-socket-limit",
  ETIMEDOUT: "timeout",
  ENETUNREACH: "remote-unreachable",
  EHOSTUNREACH: "remote-unreachable",
  ENETDOWN: "remote-unreachable",
  EHOSTDOWN: "remote-unreachable",
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-reset",
  // Written after the other side has reset it.
  EPIPE: "connection-reset",
  ECONNABORTED: "connection-aborted",
  EMSGSIZE: "datagram-too-large",
  ENOTFOUND: "name-unresolvable",
  ENODATA: "name-unresolvable",
  EAI_AGAIN: "temporary-resolver-failure",
  EAI_FAIL: "permanent-resolver-failure",
};

export function networkErrorCode(error: unknown): NetworkErrorCode {
  if (error instanceof NetworkError) return error.code;
  const { code } = error as { readonly code?: unknown };
  return (typeof code === "string" ? byCode[code] : undefined) ?? "unknown";
}

export function networkError(error: unknown): NetworkError {
  return error instanceof NetworkError ? error : new NetworkError(networkErrorCode(error), error);
}
