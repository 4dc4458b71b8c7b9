/** Components that answer HTTP requests: through routes, and as invocations. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

let server: TestServer;
let client: Client;
let component: string;
const routes = "/v1/api/routes";

before(async () => {
  server = await TestServer.start();
  client = new Client(() => server.url);
  component = await client.upload("http-handler", await jsGuest("http-handler"));
  await client.ok("POST", routes, { path: "/fresh", component: "http-handler" });
  await client.ok("POST", routes, { path: "/w/{name}", component, worker: { pathParameter: "name" } });
});

after(() => server[Symbol.asyncDispose]());

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.customUrl}${path}`, init);
}

interface Described {
  readonly method: { readonly tag: string };
  readonly path: string;
  readonly authority: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly count: number;
}

async function rest(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("routes", () => {
  it("are listed, found again after a kill, and removed", async () => {
    const route = {
      host: "Shop.Example",
      path: "/a/{b}",
      methods: ["GET", "PUT"],
      component,
      worker: { name: "shop" },
    };
    const added = (await client.ok("POST", routes, route)) as JsonObject;
    assert.equal(added["host"], "shop.example");
    const id = String(added["id"]);
    await server.restart();
    assert.deepEqual(await client.ok("GET", `${routes}/${id}`), added);
    const listed = (await client.ok("GET", routes)) as readonly JsonObject[];
    assert.deepEqual(listed.at(-1), added);
    assert.equal((await client.send("POST", routes, { ...route, path: "/a/{c}", methods: ["PUT"] })).status, 409);
    await client.ok("DELETE", `${routes}/${id}`);
    assert.equal((await client.send("DELETE", `${routes}/${id}`)).status, 404);
    assert.equal((await client.send("GET", `${routes}/${id}`)).status, 404);
  });

  it("are refused with the place of what is wrong", async () => {
    const refused = async (change: object, message: RegExp): Promise<void> => {
      const { status, body } = await client.send("POST", routes, { path: "/x", component, ...change });
      assert.equal(status, 400);
      assert.match(JSON.stringify(body), message);
    };
    await refused({ path: "x" }, /path/u);
    await refused({ path: "/x//y" }, /path/u);
    await refused({ path: "/{a}/{a}" }, /occurs twice/u);
    await refused({ methods: ["get"] }, /methods/u);
    await refused({ host: "a:80" }, /host/u);
    await refused({ component: "no-such" }, /no component/u);
    await refused({ worker: { pathParameter: "b" } }, /no parameter \{b\}/u);
    await refused({ worker: { name: "-" } }, /worker/u);
    await refused({ other: 1 }, /other/u);
  });

  it("answer 404 where none matches, and 400 where the worker's name is wrong", async () => {
    const none = await get("/nowhere");
    assert.equal(none.status, 404);
    assert.deepEqual(await none.json(), { error: "Route not found" });
    assert.equal((await get("/w/-bad/describe")).status, 400);
  });
});

describe("an incoming handler", () => {
  it("gets the request and gives the response, recorded", async () => {
    const response = await get("/w/first/describe?x=1", { method: "POST", body: "text", headers: { "x-one": "1" } });
    assert.equal(response.status, 201);
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    const described = (await response.json()) as Described;
    assert.equal(described.method.tag, "post");
    assert.equal(described.path, "/w/first/describe?x=1");
    assert.equal(`http://${described.authority}`, server.customUrl);
    assert.equal(described.body, "text");
    assert.equal(described.headers.find(([name]) => name === "x-one")?.[1], "1");
    assert.equal(
      described.headers.find(([name]) => name === "host"),
      undefined,
    );
    assert.equal(await client.worker(component, "first").invoke("observe"), 1);
    await server.restart();
    assert.equal(await client.worker(component, "first").invoke("observe"), 1);
  });

  it("answers a repeated key with the stored response, also after a kill", async () => {
    const headers = { "idempotency-key": "key-1" };
    for (const path of ["/w/keys/describe", "/fresh/describe"]) {
      const first = await (await get(path, { headers })).text();
      const again = await get(path, { headers });
      assert.deepEqual([again.status, await again.text()], [201, first]);
      await server.restart();
      const later = await get(path, { headers });
      assert.deepEqual([later.status, await later.text()], [201, first]);
      assert.deepEqual(later.headers.getSetCookie(), ["a=1", "b=2"]);
    }
    assert.equal(await client.worker(component, "keys").invoke("observe"), 1);
  });

  it("makes a worker for each request where the route names none", async () => {
    for (let index = 0; index < 2; index++) {
      assert.equal(((await (await get("/fresh/describe")).json()) as Described).count, 1);
    }
  });

  it("streams the response as it is written, with trailers", async () => {
    const request = httpRequest(`${server.customUrl}/w/slow/slow`).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const [first] = (await once(response, "data")) as [Buffer];
    assert.match(first.toString(), /^line 0\n/u);
    assert.ok(!first.toString().includes("line 9"));
    const lines = `${first.toString()}${(await rest(response)).toString()}`.trim().split("\n");
    assert.deepEqual(
      lines,
      Array.from({ length: 10 }, (_, index) => `line ${index}`),
    );
    const echo = httpRequest(`${server.customUrl}/w/slow/echo`, { method: "POST" }).end("x".repeat(100_000));
    const [echoed] = (await once(echo, "response")) as [IncomingMessage];
    assert.equal((await rest(echoed)).length, 100_000);
    assert.deepEqual(echoed.trailers, { "x-end": "yes" });
  });

  it("goes on when its client is gone, and when the server is killed", async () => {
    const headers = { "idempotency-key": "killed" };
    const expected = Array.from({ length: 10 }, (_, index) => `line ${index}\n`).join("");
    for (const kill of [false, true]) {
      const path = `/w/gone-${String(kill)}/slow`;
      const request = httpRequest(`${server.customUrl}${path}`, { headers }).end();
      request.on("error", () => undefined);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      response.on("error", () => undefined);
      await once(response, "data");
      if (kill) await server.restart();
      else request.destroy();
      assert.equal(await (await get(path, { headers })).text(), expected);
      assert.equal(await client.worker(component, `gone-${String(kill)}`).invoke("observe"), 1);
    }
  });

  it("gives the rest, once, when the worker starts again within a response", async () => {
    await (await get("/w/restarted/describe")).text();
    const request = httpRequest(`${server.customUrl}/w/restarted/slow`).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const [first] = (await once(response, "data")) as [Buffer];
    const all = rest(response);
    const { path } = client.worker(component, "restarted");
    await client.ok("POST", `${path}/interrupt?recovery-immediately=true`);
    const lines = `${first.toString()}${(await all).toString()}`;
    assert.equal(lines, Array.from({ length: 10 }, (_, index) => `line ${index}\n`).join(""));
    assert.equal(await client.worker(component, "restarted").invoke("observe"), 2);
  });

  it("takes bodies of any size in bounded memory", { timeout: 120_000 }, async () => {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const send = async (path: string, chunks: number): Promise<IncomingMessage> => {
      const request = httpRequest(`${server.customUrl}${path}`, { method: "POST" });
      const answered = once(request, "response") as Promise<[IncomingMessage]>;
      void (async () => {
        for (let index = 0; index < chunks; index++) if (!request.write(chunk)) await once(request, "drain");
        request.end();
      })();
      return (await answered)[0];
    };
    const counted = await send("/w/large/count-bytes", 64);
    assert.equal((await rest(counted)).toString(), String(64 * chunk.length));
    const echoed = await send("/w/large/echo", 16);
    assert.equal((await rest(echoed)).length, 16 * chunk.length);
  });

  it("has no body where HTTP has none", async () => {
    const none = await get("/w/none/none");
    assert.deepEqual([none.status, await none.text()], [204, ""]);
    const head = await get("/w/none/describe", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [201, ""]);
    assert.equal(head.headers.get("content-type"), "application/json");
  });

  it("answers for guests that don't", async () => {
    assert.equal((await get("/w/odd/error")).status, 403);
    assert.equal((await get("/w/odd/silent")).status, 500);
    const unfinished = await get("/w/odd/unfinished").then(
      (response) => response.text().then(() => response.status),
      () => 0,
    );
    assert.ok(unfinished === 0 || unfinished === 500);
    assert.equal((await get("/w/odd/none")).status, 204);
  });

  it("keeps serving when requests are nonsense", async () => {
    for (const text of [
      "nonsense\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "POST /w/x/echo HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nab",
    ]) {
      const socket = connect(Number(new URL(server.customUrl).port), "127.0.0.1");
      await once(socket, "connect");
      socket.write(text);
      socket.end();
      socket.resume();
      await once(socket, "close");
    }
    assert.equal((await get("/w/x/none")).status, 204);
  });

  it("is a function that clients can invoke", async () => {
    const request = {
      method: { GET: null },
      scheme: { HTTP: null },
      authority: "example",
      "path-and-query": "/describe?q",
      headers: [["x-two", [50]]],
      "body-and-trailers": { content: [104, 105], trailers: null },
    };
    const worker = client.worker(component, "invoked");
    const response = (await worker.invoke("golem:http/incoming-handler.{handle}", [request], "k")) as {
      readonly status: number;
      readonly headers: readonly unknown[];
      readonly "body-and-trailers": { readonly content: readonly number[] };
    };
    assert.equal(response.status, 201);
    assert.equal(response.headers.length, 3);
    const described = JSON.parse(Buffer.from(response["body-and-trailers"].content).toString()) as Described;
    assert.deepEqual([described.body, described.path, described.authority], ["hi", "/describe?q", "example"]);
    await server.restart();
    assert.deepEqual(await worker.invoke("golem:http/incoming-handler.{handle}", [request], "k"), response);
    await eventually(async () => (await worker.metadata())["status"] === "Idle", "the worker rests");
  });
});
