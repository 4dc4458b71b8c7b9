import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHost } from "../context-for-tests.ts";
import { HttpGuest, RemoteServer, types } from "./http-for-tests.ts";
import type { Sent } from "./http-for-tests.ts";

/** An error of a request by its code. */
function withCode(tag: string): (error: unknown) => boolean {
  return (error) => {
    assert.equal((error as { readonly payload?: { readonly tag: string } }).payload?.tag, tag, String(error));
    return true;
  };
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function guestOf(host: TestHost): HttpGuest {
  return new HttpGuest(host.start());
}

describe("wasi:http/outgoing-handler", () => {
  it("sends a request and gives its response, the same at replay without another request", async () => {
    await using remote = await RemoteServer.start(async (request, response) => {
      const body = await bodyOf(request);
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("x-bytes", "\u00e4\u00ff");
      response.statusCode = 201;
      response.end(`${request.headers.host} ${String(request.headers["x-test"])} ${body.toString()}`);
    });
    const sent: Sent = {
      authority: remote.authority,
      path: "/a?b=c",
      method: { tag: "post" },
      headers: [["X-Test", "value"]],
      body: [Buffer.from("one"), Buffer.from("two")],
    };
    const host = new TestHost();
    const live = await guestOf(host).exchange(sent);
    assert.equal(live.status, 201);
    assert.equal(Buffer.from(live.body).toString(), `${remote.authority} value onetwo`);
    const cookies = live.headers.filter(([name]) => name === "set-cookie").map(([, text]) => text);
    assert.deepEqual(cookies, ["a=1", "b=2"]);
    assert.equal(live.trailers, undefined);
    const replayed = await guestOf(host).exchange(sent);
    assert.deepEqual(replayed, live);
    assert.deepEqual(remote.requests, ["POST /a?b=c"]);
  });

  it("streams a body that is written after the request, with trailers both ways", async () => {
    await using remote = await RemoteServer.start(async (request, response) => {
      response.setHeader("trailer", "x-sum");
      let count = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        count += chunk.length;
        response.write(chunk);
      }
      response.addTrailers({ "x-sum": String(count), "x-got": request.trailers["x-sent"] ?? "none" });
      response.end();
    });
    const chunks = Array.from({ length: 50 }, (_, index) => Buffer.alloc(5000, index));
    const sent: Sent = {
      authority: remote.authority,
      method: { tag: "put" },
      body: chunks,
      bodyLater: true,
      trailers: [["x-sent", "trailer"]],
    };
    const host = new TestHost();
    const live = await guestOf(host).exchange(sent);
    assert.deepEqual(Buffer.from(live.body), Buffer.concat(chunks));
    assert.deepEqual(live.trailers, [
      ["x-sum", "250000"],
      ["x-got", "trailer"],
    ]);
    assert.deepEqual(await guestOf(host).exchange(sent), live);
    assert.equal(remote.requests.length, 1);
  });

  it("gives the response once, and then an error instead", async () => {
    await using remote = await RemoteServer.start((_request, response) => void response.end("x"));
    const host = new TestHost();
    for (const way of ["live", "replayed"]) {
      const guest = guestOf(host);
      const future = await guest.send({ authority: remote.authority });
      assert.equal(future.tag, "ok");
      await guest.response(future.val);
      const again = await guest.call("[method]future-incoming-response.get", future.val);
      assert.deepEqual(again, { tag: "err", val: undefined }, way);
    }
    assert.equal(remote.requests.length, 1);
  });

  it("ends a batch with the body's last byte, and at once where there is no body", async () => {
    await using remote = await RemoteServer.start((request, response) => {
      response.statusCode = request.url === "/none" ? 204 : 200;
      response.end(request.url === "/none" ? undefined : "body");
    });
    const host = new TestHost();
    const run = host.start();
    const guest = new HttpGuest(run);
    for (const path of ["/none", "/some"]) {
      const future = await guest.send({ authority: remote.authority, path });
      const response = await guest.response(Number(future.val));
      if (path === "/some") {
        const { stream } = guest.stream(response);
        while ((await guest.read(stream)) !== undefined);
      }
    }
    await run.context.durable.commit();
    const kinds = host.oplog.entries().map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === "end-remote-write").length, 2);
    assert.equal(kinds.at(-1), "end-remote-write");
  });

  it("refuses what can't be sent before anything is recorded", async () => {
    const guest = guestOf(new TestHost());
    const refused = async (sent: Partial<Sent>): Promise<string | undefined> => {
      const result = await guest.send({ authority: "127.0.0.1:1", ...sent });
      return result.tag === "err" ? result.val.tag : undefined;
    };
    assert.equal(await refused({ method: { tag: "connect" } }), "HTTP-request-method-invalid");
    const request = guest.call<number>("[constructor]outgoing-request", guest.fields([]));
    for (const authority of ["", "a b", "user@host", "host:99999", "host/path"]) {
      const set = guest.call("[method]outgoing-request.set-authority", request, authority);
      assert.deepEqual(set, { tag: "err", val: undefined }, authority);
    }
    for (const path of ["a b", "no-slash", "/\n", "/\u00e4", "/a#b"]) {
      const set = guest.call("[method]outgoing-request.set-path-with-query", request, path);
      assert.deepEqual(set, { tag: "err", val: undefined }, path);
    }
    const set = guest.call("[method]outgoing-request.set-method", request, { tag: "other", val: "A B" });
    assert.deepEqual(set, { tag: "err", val: undefined });
  });

  it("tells of failures by their codes", async () => {
    await using remote = await RemoteServer.start((request, response) => {
      const { socket } = request;
      if (request.url === "/reset") socket.resetAndDestroy();
      else if (request.url === "/close") socket.destroy();
      else if (request.url === "/nonsense") socket.end("nonsense\r\n\r\n");
      else if (request.url === "/short") {
        response.writeHead(200, { "content-length": "100" });
        response.write("only this");
        setImmediate(() => socket.destroy());
      } else if (request.url === "/chunk") {
        socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nx\r\n");
      } else if (request.url === "/large") {
        response.setHeader("x", "x".repeat(200_000));
        response.end();
      } else if (request.url === "/slow-body") response.write("begin");
    });
    const host = new TestHost();
    const expected: readonly (readonly [path: string, code: string, timeout?: bigint])[] = [
      ["/reset", "connection-terminated"],
      ["/close", "connection-terminated"],
      ["/nonsense", "HTTP-protocol-error"],
      ["/short", "HTTP-response-incomplete"],
      ["/chunk", "HTTP-response-transfer-coding"],
      ["/large", "HTTP-response-header-section-size"],
      ["/never", "connection-read-timeout", 50_000_000n],
      ["/slow-body", "connection-read-timeout", 50_000_000n],
    ];
    for (const way of ["live", "replayed"]) {
      const guest = guestOf(host);
      for (const bodyLater of [false, true]) {
        for (const [path, code, timeout] of expected) {
          const sent: Sent = { authority: remote.authority, path, method: { tag: "post" }, bodyLater };
          const limited = timeout === undefined ? sent : { ...sent, timeout };
          await assert.rejects(guest.exchange(limited), withCode(code), `${way} ${path} ${bodyLater}`);
        }
      }
      await assert.rejects(guest.exchange({ authority: "127.0.0.1:1" }), withCode("connection-refused"));
      await assert.rejects(guest.exchange({ authority: "no.such.host.invalid" }), (error: unknown) => {
        const { payload } = error as { readonly payload: { readonly tag: string } };
        assert.match(payload.tag, /^DNS-/u);
        return true;
      });
    }
    assert.equal(remote.requests.length, expected.length * 2);
  });

  it("checks the body against content-length", async () => {
    await using remote = await RemoteServer.start((_request, response) => void response.end());
    const sent: Sent = {
      authority: remote.authority,
      method: { tag: "post" },
      headers: [["Content-Length", "5"]],
    };
    const guest = guestOf(new TestHost());
    const wrongSize = (error: unknown): boolean => {
      assert.match(String(error), /HTTP-request-body-size|last-operation-failed/u);
      return true;
    };
    await assert.rejects(guest.exchange({ ...sent, body: [Buffer.from("four")] }), wrongSize);
    await assert.rejects(guest.exchange({ ...sent, body: [Buffer.from("six...")] }), wrongSize);
    assert.equal((await guest.exchange({ ...sent, body: [Buffer.from("five.")] })).status, 200);
  });

  it("takes as many fields as a server may send", async () => {
    await using remote = await RemoteServer.start((_request, response) => {
      for (let index = 0; index < 1900; index++) response.setHeader(`x-${index}`, "x".repeat(40));
      response.end();
    });
    const { headers } = await guestOf(new TestHost()).exchange({ authority: remote.authority });
    assert.ok(headers.length >= 1900);
  });

  it("keeps exchanges that overlap apart", async () => {
    await using remote = await RemoteServer.start((request, response) => void response.end(`for ${request.url}`));
    const host = new TestHost();
    for (const way of ["live", "replayed"]) {
      const guest = guestOf(host);
      const futures: number[] = [];
      for (const path of ["/1", "/2", "/3"]) {
        futures.push(Number((await guest.send({ authority: remote.authority, path })).val));
      }
      const bodies: string[] = [];
      for (const future of futures.toReversed()) {
        const response = await guest.response(future);
        bodies.push(Buffer.from((await guest.readAll(response)).body).toString());
      }
      assert.deepEqual(bodies, ["for /3", "for /2", "for /1"], way);
    }
    assert.equal(remote.requests.length, 3);
  });

  it("has bodies up to their ends dropped for trailers", async () => {
    await using remote = await RemoteServer.start((_request, response) => {
      response.setHeader("trailer", "x-end");
      for (let index = 0; index < 100; index++) response.write(Buffer.alloc(10_000));
      response.addTrailers({ "x-end": "yes" });
      response.end();
    });
    const host = new TestHost();
    for (const way of ["live", "replayed"]) {
      const guest = guestOf(host);
      const future = await guest.send({ authority: remote.authority });
      const response = await guest.response(Number(future.val));
      const body = guest.call<{ readonly val: number }>("[method]incoming-response.consume", response).val;
      assert.deepEqual(await guest.trailers(body), [["x-end", "yes"]], way);
    }
    assert.equal(remote.requests.length, 1);
  });

  it("cancels what is dropped", async () => {
    const closed = Promise.withResolvers<void>();
    await using remote = await RemoteServer.start((request) => {
      request.socket.on("close", () => closed.resolve());
    });
    const host = new TestHost();
    const run = host.start();
    const guest = new HttpGuest(run);
    const future = await guest.send({ authority: remote.authority });
    assert.equal(await guest.call("[method]future-incoming-response.get", future.val), undefined);
    while (remote.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    run.drop(types, "future-incoming-response", Number(future.val));
    await closed.promise;
    await run.context.durable.commit();
    assert.equal(host.oplog.entries().at(-1)?.kind, "end-remote-write");
  });
});
