import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCodeOf, HttpError } from "./error-code.ts";

function coded(code: string, message = "m"): Error {
  return Object.assign(new Error(message), { code });
}

describe("errorCodeOf()", () => {
  it("finds errors by their code, also behind others", () => {
    assert.equal(errorCodeOf(coded("ECONNREFUSED")).tag, "connection-refused");
    assert.equal(errorCodeOf(new Error("outer", { cause: coded("EPIPE") })).tag, "connection-terminated");
    assert.equal(
      errorCodeOf(new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")])).tag,
      "connection-refused",
    );
    assert.equal(errorCodeOf(coded("DEPTH_ZERO_SELF_SIGNED_CERT")).tag, "TLS-certificate-error");
    assert.equal(errorCodeOf(coded("ERR_SSL_WRONG_VERSION_NUMBER")).tag, "TLS-protocol-error");
    assert.equal(errorCodeOf(coded("HPE_INVALID_CONSTANT")).tag, "HTTP-protocol-error");
    assert.equal(errorCodeOf(coded("EAI_AGAIN")).tag, "DNS-timeout");
  });

  it("gives what more is known", () => {
    assert.deepEqual(errorCodeOf(coded("ENOTFOUND")), {
      tag: "DNS-error",
      val: { rcode: "NXDOMAIN", infoCode: undefined },
    });
    assert.deepEqual(errorCodeOf(coded("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE")), {
      tag: "TLS-alert-received",
      val: { alertId: undefined, alertMessage: "handshake failure" },
    });
    assert.deepEqual(errorCodeOf(new HttpError({ tag: "HTTP-request-body-size", val: 5n })), {
      tag: "HTTP-request-body-size",
      val: 5n,
    });
  });

  it("says in words what it doesn't know", () => {
    assert.deepEqual(errorCodeOf(new Error("odd")), { tag: "internal-error", val: "odd" });
    assert.deepEqual(errorCodeOf(coded("EODD", "odd")), { tag: "internal-error", val: "EODD: odd" });
  });
});
