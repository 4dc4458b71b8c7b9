import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { HttpClient, HttpHeader, HttpRequest } from "./http-client.ts";
import { parseNetworkRules } from "../network/policy.ts";
import { systemHttpClient } from "./system-http-client.ts";

/** What was told of one request, in order. */
type Told = readonly (string | number)[];

const server = createServer((request, response) => void answer(request, response));
let client: HttpClient;
let authority = "";

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on("error", () => undefined);
  if (request.url === "/hints") response.writeEarlyHints({ link: "</x>" });
  if (request.url === "/endless") {
    while (!response.destroyed) {
      if (!response.write(Buffer.alloc(65_536))) {
        const { promise, resolve } = Promise.withResolvers<void>();
        response.once("drain", resolve).once("close", resolve);
        await promise;
        response.off("drain", resolve).off("close", resolve);
      }
    }
    return;
  }
  if (request.url === "/never") return;
  let body = "";
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
  const { host, "content-length": length, "transfer-encoding": coding } = request.headers;
  response.end(JSON.stringify({ host, length, coding, body, trailers: request.trailers }));
}

before(async () => {
  client = systemHttpClient();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});

function requestTo(pathWithQuery: string, more: Partial<HttpRequest> = {}): HttpRequest {
  const timeouts = { connectMs: 5000, firstByteMs: 5000, betweenBytesMs: 5000 };
  return { method: "GET", secure: false, authority, pathWithQuery, headers: [], body: undefined, timeouts, ...more };
}

function bodyOf(chunks: readonly string[], length?: number, trailers: readonly HttpHeader[] = []): HttpRequest["body"] {
  const rest = chunks.map((chunk) => Buffer.from(chunk));
  return { length, next: async () => rest.shift(), trailers: () => trailers };
}

function send(sent: HttpRequest, through: HttpClient = client): Promise<Told> {
  const told: (string | number)[] = [];
  const { promise, resolve } = Promise.withResolvers<Told>();
  through.send(sent, {
    head: (status) => void told.push(status),
    data: (chunk) => void told.push(Buffer.from(chunk).toString()),
    end: () => resolve(told),
    failed: (error) => {
      told.push(String((error as Error & { readonly code?: string }).code));
      resolve(told);
    },
  });
  return promise;
}

async function echoed(sent: HttpRequest): Promise<Record<string, unknown>> {
  const [status, ...body] = await send(sent);
  assert.equal(status, 200);
  return JSON.parse(body.join("")) as Record<string, unknown>;
}

describe("systemHttpClient()", () => {
  it("sends bodies of known and of unknown length, with trailers where they can be", async () => {
    assert.deepEqual(await echoed(requestTo("/")), { host: authority, body: "", trailers: {} });
    const known = await echoed(requestTo("/", { method: "POST", body: bodyOf(["ab", "c"], 3) }));
    assert.deepEqual(known, { host: authority, length: "3", body: "abc", trailers: {} });
    const trailers: readonly HttpHeader[] = [["x-t", Buffer.from("1")]];
    const unknown = await echoed(requestTo("/", { method: "POST", body: bodyOf(["ab", "c"], undefined, trailers) }));
    assert.deepEqual(unknown, { host: authority, coding: "chunked", body: "abc", trailers: { "x-t": "1" } });
    const expecting = requestTo("/", {
      method: "PUT",
      headers: [["Expect", Buffer.from("100-continue")]],
      body: bodyOf(["x"], 1),
    });
    assert.equal((await echoed(expecting))["body"], "x");
  });

  it("passes over informational responses", async () => {
    assert.equal((await send(requestTo("/hints")))[0], 200);
    assert.equal((await send(requestTo("/hints", { method: "POST", body: bodyOf(["x"]) })))[0], 200);
  });

  it("keeps to the timeouts", async () => {
    const timeouts = { connectMs: 5000, firstByteMs: 30, betweenBytesMs: 5000 };
    assert.deepEqual(await send(requestTo("/never", { timeouts })), ["FIRST_BYTE_TIMEOUT"]);
    assert.deepEqual(await send(requestTo("/never", { timeouts, method: "POST", body: bodyOf(["x"]) })), [
      "FIRST_BYTE_TIMEOUT",
    ]);
    // Nobody answers at an address kept for documentation.
    const far = requestTo("/", { authority: "192.0.2.1:81", timeouts: { ...timeouts, connectMs: 30 } });
    assert.match(String((await send(far))[0]), /^(CONNECT_TIMEOUT|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|UND_ERR.*)$/u);
  });

  it("stops and goes on as it is told, and tells nothing after an abort", async () => {
    for (const body of [undefined, bodyOf(["x"])]) {
      let bytes = 0;
      const enough = Promise.withResolvers<void>();
      const sending = client.send(requestTo("/endless", { method: body === undefined ? "GET" : "POST", body }), {
        head: () => undefined,
        data: (chunk) => {
          bytes += chunk.length;
          sending.pause();
          setImmediate(sending.resume);
          if (bytes > 1_000_000) enough.resolve();
        },
        end: () => enough.reject(new Error("it has no end")),
        failed: enough.reject,
      });
      await enough.promise;
      sending.abort();
      const told = bytes;
      await send(requestTo("/"));
      assert.equal(bytes, told);
    }
  });

  it("goes where the rules for guests let it, by address and by name, with and without a body", async () => {
    const { port } = server.address() as AddressInfo;
    for (const [rules, expected] of [
      [`127.0.0.1:${port}`, 200],
      [`!127.0.0.1:${port}, [::1], *`, "EACCES"],
      ["", "EACCES"],
    ] as const) {
      const guarded = systemHttpClient({ outgoing: parseNetworkRules(rules) });
      for (const host of ["127.0.0.1", "localhost"]) {
        for (const body of [undefined, bodyOf(["a"])]) {
          const sent = requestTo("/", { authority: `${host}:${port}`, body, method: "POST" });
          const [first] = await send(sent, guarded);
          // A name may have other addresses that are allowed, where nobody listens.
          const met =
            host === "localhost" && rules.includes("::1")
              ? first === "ECONNREFUSED" || first === expected
              : first === expected;
          assert.ok(met, `${rules} ${host}: ${String(first)}`);
        }
      }
      await guarded.close();
    }
  });
});
