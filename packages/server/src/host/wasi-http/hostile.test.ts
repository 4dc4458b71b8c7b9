/** Guests that use wasi:http otherwise than it is meant. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostTrap } from "../../durability/errors.ts";
import { TestHost } from "../context-for-tests.ts";
import type { TestGuest } from "../context-for-tests.ts";
import type { Result } from "../results.ts";
import { handler, HttpGuest, RemoteServer, types } from "./http-for-tests.ts";
import { incomingInvocation } from "./incoming-invocation.ts";
import type { IncomingInvocation } from "./incoming-invocation.ts";

const streams = "wasi:io/streams@0.2.0";

function call<T>(guest: TestGuest, name: string, ...parameters: readonly unknown[]): T {
  return guest.call<T>(types, name, ...parameters);
}

function value<T>(result: Result<T, unknown>): T {
  assert.equal(result.tag, "ok");
  return result.val;
}

function outgoingRequest(guest: TestGuest): number {
  return call(guest, "[constructor]outgoing-request", call(guest, "[constructor]fields"));
}

function invocation(guest: TestGuest): IncomingInvocation {
  const request = {
    method: { tag: "POST", val: undefined },
    scheme: { tag: "HTTP", val: undefined },
    authority: "a",
    pathAndQuery: "/",
    headers: [],
    bodyAndTrailers: { content: Buffer.from("0123456789"), trailers: undefined },
  } as const;
  return incomingInvocation(guest.context, request, false);
}

function response(guest: TestGuest): number {
  return call(guest, "[constructor]outgoing-response", call(guest, "[constructor]fields"));
}

describe("wasi:http, used otherwise than it is meant", () => {
  it("traps for resources of other kinds, and for those that were given away", async () => {
    const guest = new TestHost().start();
    const fields = call<number>(guest, "[constructor]fields");
    const request = outgoingRequest(guest);
    assert.throws(() => call(guest, "[method]outgoing-request.method", fields), HostTrap);
    assert.throws(() => call(guest, "[method]fields.entries", request), HostTrap);
    assert.throws(() => call(guest, "[method]incoming-response.status", 4_000_000_000), HostTrap);
    await guest.call<Promise<unknown>>(handler, "handle", request, undefined);
    assert.throws(() => call(guest, "[method]outgoing-request.method", request), HostTrap);
    const empty = call<number>(guest, "[constructor]request-options");
    const unsent = outgoingRequest(guest);
    guest.drop(types, "request-options", empty);
    assert.throws(() => guest.call(handler, "handle", unsent, empty), HostTrap);
  });

  it("gives bodies and streams once", async () => {
    await using remote = await RemoteServer.start((_request, answer) => void answer.end("text"));
    const run = new TestHost().start();
    const guest = new HttpGuest(run);
    const request = outgoingRequest(run);
    const body = value(call<Result<number, unknown>>(run, "[method]outgoing-request.body", request));
    assert.deepEqual(call(run, "[method]outgoing-request.body", request), { tag: "err", val: undefined });
    const stream = value(call<Result<number, unknown>>(run, "[method]outgoing-body.write", body));
    assert.deepEqual(call(run, "[method]outgoing-body.write", body), { tag: "err", val: undefined });
    assert.throws(() => call(run, "[static]outgoing-body.finish", body, undefined), HostTrap);
    run.drop(streams, "output-stream", stream);
    assert.deepEqual(call(run, "[static]outgoing-body.finish", body, undefined), { tag: "ok", val: undefined });
    const future = await guest.send({ authority: remote.authority });
    assert.equal(future.tag, "ok");
    const received = await guest.response(future.val);
    const incoming = guest.stream(received);
    assert.deepEqual(call(run, "[method]incoming-response.consume", received), { tag: "err", val: undefined });
    assert.deepEqual(call(run, "[method]incoming-body.stream", incoming.body), { tag: "err", val: undefined });
    assert.throws(() => call(run, "[static]incoming-body.finish", incoming.body), HostTrap);
    assert.equal(Buffer.from((await guest.read(incoming.stream)) ?? []).toString(), "text");
    for (let index = 0; index < 3; index++) assert.equal(await guest.read(incoming.stream), undefined);
  });

  it("ends a body that was dropped unfinished with an error of the request", async () => {
    await using remote = await RemoteServer.start((request) => void request.on("error", () => undefined).resume());
    const run = new TestHost().start();
    const guest = new HttpGuest(run);
    const request = outgoingRequest(run);
    value<unknown>(call(run, "[method]outgoing-request.set-method", request, { tag: "post" }));
    value<unknown>(call(run, "[method]outgoing-request.set-scheme", request, { tag: "HTTP" }));
    value<unknown>(call(run, "[method]outgoing-request.set-authority", request, remote.authority));
    const body = value(call<Result<number, unknown>>(run, "[method]outgoing-request.body", request));
    const future = await run.call<Promise<Result<number, unknown>>>(handler, "handle", request, undefined);
    run.drop(types, "outgoing-body", body);
    await assert.rejects(guest.response(value(future)), /HTTP-protocol-error/u);
  });

  it("takes one response for a request, before the invocation returns", async () => {
    const guest = new TestHost().start();
    const { parameters, finish } = invocation(guest);
    const [, outparam] = parameters;
    const late = invocation(guest);
    call(guest, "[static]response-outparam.set", outparam, { tag: "ok", val: response(guest) });
    assert.throws(
      () => call(guest, "[static]response-outparam.set", outparam, { tag: "ok", val: response(guest) }),
      HostTrap,
    );
    assert.equal((await finish()).status, 200);
    assert.equal((await late.finish()).status, 500);
    const [, unset] = late.parameters;
    assert.throws(
      () => call(guest, "[static]response-outparam.set", unset, { tag: "ok", val: response(guest) }),
      HostTrap,
    );
  });

  it("refuses statuses that HTTP doesn't have", () => {
    const guest = new TestHost().start();
    const made = response(guest);
    for (const status of [0, 99, 100, 199, 1000, 65_535]) {
      assert.deepEqual(call(guest, "[method]outgoing-response.set-status-code", made, status), {
        tag: "err",
        val: undefined,
      });
    }
    assert.equal(call(guest, "[method]outgoing-response.status-code", made), 200);
    const { parameters } = invocation(guest);
    for (const status of [101, 200, 99]) {
      const fields = call<number>(guest, "[constructor]fields");
      const refused = call<Result<undefined, unknown>>(
        guest,
        "[method]response-outparam.send-informational",
        parameters[1],
        status,
        fields,
      );
      assert.equal(refused.tag, "err");
    }
  });

  it("reads a request's body in pieces of any size", async () => {
    const run = new TestHost().start();
    const guest = new HttpGuest(run);
    const { parameters } = invocation(run);
    assert.deepEqual(call(run, "[method]incoming-request.scheme", parameters[0]), { tag: "HTTP" });
    const body = value(call<Result<number, unknown>>(run, "[method]incoming-request.consume", parameters[0]));
    const stream = value(call<Result<number, unknown>>(run, "[method]incoming-body.stream", body));
    let text = "";
    for (const length of [0n, 3n, 0n, 2n, 2n ** 64n - 1n]) {
      text += Buffer.from((await guest.read(stream, length)) ?? []).toString();
    }
    assert.equal(text, "0123456789");
    assert.equal(await guest.read(stream), undefined);
  });
});
