/** wasi:http's `error-code`, and the one table that gives it for what Node and undici report. */
import { option, record, string, u16, u32, u64, u8, variant } from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import { StreamFailure } from "../wasi-io/streams.ts";

const dnsError = record({ rcode: option(string), infoCode: option(u16) });
const tlsAlert = record({ alertId: option(u8), alertMessage: option(string) });
const fieldSize = record({ fieldName: option(string), fieldSize: option(u32) });

/** The cases in WIT's order: recorded errors hold their positions. */
export const errorCode = variant({
  "DNS-timeout": undefined,
  "DNS-error": dnsError,
  "destination-not-found": undefined,
  "destination-unavailable": undefined,
  "destination-IP-prohibited": undefined,
  "destination-IP-unroutable": undefined,
  "connection-refused": undefined,
  "connection-terminated": undefined,
  "connection-timeout": undefined,
  "connection-read-timeout": undefined,
  "connection-write-timeout": undefined,
  "connection-limit-reached": undefined,
  "TLS-protocol-error": undefined,
  "TLS-certificate-error": undefined,
  "TLS-alert-received": tlsAlert,
  "HTTP-request-denied": undefined,
  "HTTP-request-length-required": undefined,
  "HTTP-request-body-size": option(u64),
  "HTTP-request-method-invalid": undefined,
  "HTTP-request-URI-invalid": undefined,
  "HTTP-request-URI-too-long": undefined,
  "HTTP-request-header-section-size": option(u32),
  "HTTP-request-header-size": option(fieldSize),
  "HTTP-request-trailer-section-size": option(u32),
  "HTTP-request-trailer-size": fieldSize,
  "HTTP-response-incomplete": undefined,
  "HTTP-response-header-section-size": option(u32),
  "HTTP-response-header-size": fieldSize,
  "HTTP-response-body-size": option(u64),
  "HTTP-response-trailer-section-size": option(u32),
  "HTTP-response-trailer-size": fieldSize,
  "HTTP-response-transfer-coding": option(string),
  "HTTP-response-content-coding": option(string),
  "HTTP-response-timeout": undefined,
  "HTTP-upgrade-failed": undefined,
  "HTTP-protocol-error": undefined,
  "loop-detected": undefined,
  "configuration-error": undefined,
  "internal-error": option(string),
});

type ValueOf<S> = S extends Schema<infer T> ? T : never;
export type ErrorCode = ValueOf<typeof errorCode>;
export type ErrorTag = ErrorCode["tag"];

type PlainTag = { [T in ErrorTag]: undefined extends Extract<ErrorCode, { tag: T }>["val"] ? T : never }[ErrorTag];

/** A case without a payload, or with an empty one. */
export function plainError(tag: PlainTag): ErrorCode {
  return { tag, val: undefined } as ErrorCode;
}

/** By the `code` of an error. */
const byCode: { readonly [code: string]: PlainTag } = {
  CONNECT_TIMEOUT: "connection-timeout",
  FIRST_BYTE_TIMEOUT: "connection-read-timeout",
  BETWEEN_BYTES_TIMEOUT: "connection-read-timeout",
  UPGRADED: "HTTP-upgrade-failed",
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-terminated",
  ECONNABORTED: "connection-terminated",
  EPIPE: "connection-terminated",
  ENOTCONN: "connection-terminated",
  ETIMEDOUT: "connection-timeout",
  EHOSTUNREACH: "destination-unavailable",
  EHOSTDOWN: "destination-unavailable",
  ENETDOWN: "destination-unavailable",
  ENETUNREACH: "destination-IP-unroutable",
  EADDRNOTAVAIL: "destination-IP-unroutable",
  EINVAL: "destination-IP-unroutable",
  EACCES: "destination-IP-prohibited",
  EPERM: "destination-IP-prohibited",
  EMFILE: "connection-limit-reached",
  ENFILE: "connection-limit-reached",
  ENOBUFS: "connection-limit-reached",
  EPROTO: "TLS-protocol-error",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS-certificate-error",
  ERR_TLS_CERT_ALTNAME_FORMAT: "TLS-certificate-error",
  CERT_HAS_EXPIRED: "TLS-certificate-error",
  CERT_NOT_YET_VALID: "TLS-certificate-error",
  CERT_REVOKED: "TLS-certificate-error",
  CERT_UNTRUSTED: "TLS-certificate-error",
  CERT_REJECTED: "TLS-certificate-error",
  CERT_SIGNATURE_FAILURE: "TLS-certificate-error",
  CERT_CHAIN_TOO_LONG: "TLS-certificate-error",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS-certificate-error",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS-certificate-error",
  HOSTNAME_MISMATCH: "TLS-certificate-error",
  INVALID_CA: "TLS-certificate-error",
  INVALID_PURPOSE: "TLS-certificate-error",
  UNABLE_TO_GET_ISSUER_CERT: "TLS-certificate-error",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS-certificate-error",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS-certificate-error",
  ERR_UNESCAPED_CHARACTERS: "HTTP-request-URI-invalid",
  ERR_INVALID_URL: "HTTP-request-URI-invalid",
  ERR_INVALID_HTTP_TOKEN: "HTTP-request-method-invalid",
  ERR_INVALID_CHAR: "HTTP-protocol-error",
  HPE_HEADER_OVERFLOW: "HTTP-response-header-section-size",
  HPE_CLOSED_CONNECTION: "connection-terminated",
  HPE_INVALID_EOF_STATE: "connection-terminated",
  HPE_INVALID_CHUNK_SIZE: "HTTP-response-transfer-coding",
  HPE_INVALID_TRANSFER_ENCODING: "HTTP-response-transfer-coding",
  HPE_INVALID_CONTENT_LENGTH: "HTTP-response-body-size",
  HPE_UNEXPECTED_CONTENT_LENGTH: "HTTP-response-body-size",
  UND_ERR_CONNECT_TIMEOUT: "connection-timeout",
  UND_ERR_HEADERS_TIMEOUT: "connection-read-timeout",
  UND_ERR_BODY_TIMEOUT: "connection-read-timeout",
  UND_ERR_HEADERS_OVERFLOW: "HTTP-response-header-section-size",
  UND_ERR_INVALID_ARG: "HTTP-protocol-error",
  UND_ERR_NOT_SUPPORTED: "HTTP-request-denied",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "HTTP-request-body-size",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "HTTP-response-body-size",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "HTTP-response-body-size",
  UND_ERR_SOCKET: "connection-terminated",
  UND_ERR_CLOSED: "connection-terminated",
  UND_ERR_DESTROYED: "connection-terminated",
};

interface CodedError {
  readonly code?: unknown;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** What the guest is told of a failure of the client. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof HttpError) return error.code;
  const { code, message, cause, errors } = error as CodedError;
  // Several addresses were tried: the last one's failure stands for all.
  if (typeof code !== "string" && errors !== undefined && errors.length > 0) return errorCodeOf(errors.at(-1));
  if (typeof code !== "string") {
    return cause instanceof Error ? errorCodeOf(cause) : { tag: "internal-error", val: message ?? String(error) };
  }
  const tag = byCode[code];
  if (tag !== undefined) return plainError(tag);
  if (code === "EAI_AGAIN" || code === "ETIMEOUT") return plainError("DNS-timeout");
  if (code === "ENOTFOUND") return { tag: "DNS-error", val: { rcode: "NXDOMAIN", infoCode: undefined } };
  if (code.startsWith("EAI_") || code === "ENODATA" || code === "ESERVFAIL") {
    return { tag: "DNS-error", val: { rcode: code, infoCode: undefined } };
  }
  const alert = /^ERR_SSL_.*ALERT_(.+)$/u.exec(code)?.[1];
  if (alert !== undefined) {
    const alertMessage = alert.toLowerCase().replaceAll("_", " ");
    return { tag: "TLS-alert-received", val: { alertId: undefined, alertMessage } };
  }
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) return plainError("TLS-protocol-error");
  if (code.startsWith("HPE_")) return plainError("HTTP-protocol-error");
  return { tag: "internal-error", val: `${code}: ${message ?? ""}` };
}

/** A failure that is known by its code. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(describeError(code));
    this.code = code;
  }
}

export function describeError(code: ErrorCode): string {
  return code.val === undefined ? code.tag : `${code.tag}: ${JSON.stringify(code.val, withoutBigInts)}`;
}

function withoutBigInts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** A stream of a body failed; `http-error-code` tells why. */
export class BodyFailure extends StreamFailure {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(describeError(code));
    this.code = code;
  }
}
