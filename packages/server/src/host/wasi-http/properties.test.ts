import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";

const types = "wasi:http/types@0.2.0";
const done = { tag: "ok", val: undefined };

describe("what is set on requests and responses", () => {
  it("is given back, and what was not set has its default", () => {
    const guest = new TestHost().start();
    const request = guest.call<number>(
      types,
      "[constructor]outgoing-request",
      guest.call(types, "[constructor]fields"),
    );
    assert.deepEqual(guest.call(types, "[method]outgoing-request.method", request), { tag: "get" });
    assert.equal(guest.call(types, "[method]outgoing-request.scheme", request), undefined);
    const scheme = { tag: "HTTP" };
    assert.deepEqual(guest.call(types, "[method]outgoing-request.set-scheme", request, scheme), done);
    assert.deepEqual(guest.call(types, "[method]outgoing-request.scheme", request), scheme);

    const response = guest.call<number>(
      types,
      "[constructor]outgoing-response",
      guest.call(types, "[constructor]fields"),
    );
    assert.equal(guest.call(types, "[method]outgoing-response.status-code", response), 200);
    assert.deepEqual(guest.call(types, "[method]outgoing-response.set-status-code", response, 404), done);
    assert.equal(guest.call(types, "[method]outgoing-response.status-code", response), 404);
    assert.equal(guest.call<typeof done>(types, "[method]outgoing-response.set-status-code", response, 99).tag, "err");
  });

  for (const name of ["connect-timeout", "first-byte-timeout", "between-bytes-timeout"]) {
    it(`${name} is kept until it is taken away`, () => {
      const guest = new TestHost().start();
      const options = guest.call<number>(types, "[constructor]request-options");
      const get = (): unknown => guest.call(types, `[method]request-options.${name}`, options);
      assert.equal(get(), undefined);
      assert.deepEqual(guest.call(types, `[method]request-options.set-${name}`, options, 5_000n), done);
      assert.equal(get(), 5_000n);
      assert.deepEqual(guest.call(types, `[method]request-options.set-${name}`, options, undefined), done);
      assert.equal(get(), undefined);
    });
  }
});
