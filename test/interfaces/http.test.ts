/** wasi:http's outgoing side, by a guest in JavaScript against a real server, with kills. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { after, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import type { Way } from "../support/three-ways.ts";
import { threeWays } from "../support/three-ways.ts";

/** How often each path was asked for; the first segment is the worker's name. */
const asked = new Map<string, number>();

const chunk = Buffer.alloc(64 * 1024, 7);

async function count(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) bytes += part.length;
  return bytes;
}

function* source(chunks: number): Generator<Buffer> {
  for (let index = 0; index < chunks; index++) yield chunk;
}

const answers: {
  readonly [name: string]: (request: IncomingMessage, response: ServerResponse, number: number) => unknown;
} = {
  text: (request, response) => response.end(`text of ${request.url?.split("/").pop()}`),
  slow: async (request, response) => {
    await delay(300);
    response.end(`slow ${request.url?.split("/").pop()}`);
  },
  sink: async (request, response) => response.end(String(await count(request))),
  source: (_request, response, number) => Readable.from(source(number), { objectMode: false }).pipe(response),
  echo: (request, response) => request.pipe(response),
  trailers: async (request, response) => {
    response.setHeader("trailer", "x-bytes");
    const bytes = await count(request);
    response.write("body");
    response.addTrailers({ "x-bytes": String(bytes), "x-echo": request.trailers["x-sent"] ?? "none" });
    response.end();
  },
  reset: (request) => request.socket.resetAndDestroy(),
  never: () => undefined,
  half: (_request, response) => response.write("half"),
};

const remote = createServer((request, response) => {
  const path = request.url ?? "";
  asked.set(path, (asked.get(path) ?? 0) + 1);
  const [, , name = "", number = "0"] = path.split("/");
  request.on("error", () => undefined);
  // Killed servers leave requests that never end.
  Promise.resolve(answers[name]?.(request, response, Number(number))).catch(() => undefined);
});
remote.listen(0, "127.0.0.1");
await once(remote, "listening");
after(() => {
  remote.closeAllConnections();
  remote.close();
});

const authority = `127.0.0.1:${(remote.address() as AddressInfo).port}`;

/** A response that was recorded is never asked for again; only what a kill interrupted is. */
function seenOnce(paths: (worker: string) => readonly string[]): (way: Way, worker: string) => void {
  return (way, worker) => {
    for (const path of paths(worker)) {
      const times = asked.get(path) ?? 0;
      if (way === "killed in the midst") assert.ok(times === 1 || times === 2, `${path} was asked for ${times} times`);
      else assert.equal(times, 1, `${path}: ${way}`);
    }
  };
}

const three = (worker: string, kind: string): readonly string[] =>
  [1, 2, 3].map((number) => `/${worker}/${kind}/${number}`);
const oneMiB = 16;

threeWays("http", {
  "requests one after another": {
    call: "fetch-all",
    parameters: (worker) => [authority, three(worker, "slow")],
    expected: ["slow 1", "slow 2", "slow 3"],
    remembered: ["slow 1", "slow 2", "slow 3"],
    verify: seenOnce((worker) => three(worker, "slow")),
  },
  "requests that overlap": {
    call: "overlap",
    parameters: (worker) => [authority, [...three(worker, "slow"), ...three(worker, "text")]],
    expected: ["slow 1", "slow 2", "slow 3", "text of 1", "text of 2", "text of 3"],
    verify: seenOnce((worker) => [...three(worker, "slow"), ...three(worker, "text")]),
  },
  "a body of 8 MiB that is sent": {
    call: "upload",
    parameters: (worker) => [authority, `/${worker}/sink/1`, 8 * oneMiB],
    expected: String(8 * 1024 * 1024),
    verify: seenOnce((worker) => [`/${worker}/sink/1`]),
  },
  "a body of 8 MiB that is received": {
    call: "download",
    parameters: (worker) => [authority, `/${worker}/source/${8 * oneMiB}`],
    expected: String(8 * 1024 * 1024),
    verify: seenOnce((worker) => [`/${worker}/source/${8 * oneMiB}`]),
  },
  "a body that is sent while another is received": {
    call: "through",
    parameters: (worker) => [authority, `/${worker}/echo/1`, 4 * oneMiB],
    expected: String(4 * 1024 * 1024),
    verify: seenOnce((worker) => [`/${worker}/echo/1`]),
  },
  "trailers both ways": {
    call: "trailers",
    parameters: (worker) => [authority, `/${worker}/trailers/1`],
    expected: ["x-bytes: 13", "x-echo: by the guest"],
    verify: seenOnce((worker) => [`/${worker}/trailers/1`]),
  },
  "a connection that is reset": {
    call: "failure",
    parameters: (worker) => [authority, `/${worker}/reset/1`, 5000],
    expected: "connection-terminated",
  },
  "a response that doesn't come in time": {
    call: "failure",
    parameters: (worker) => [authority, `/${worker}/never/1`, 200],
    expected: "connection-read-timeout",
  },
  "a body that doesn't come in time": {
    call: "failure",
    parameters: (worker) => [authority, `/${worker}/half/1`, 200],
    expected: "connection-read-timeout",
  },
  "a server that isn't there": {
    call: "failure",
    parameters: () => ["127.0.0.1:1", "/", 5000],
    expected: "connection-refused",
  },
});

describe("http, where writes may not be repeated", () => {
  it("fails a request that was interrupted, and sends it once", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const worker = client.worker(await client.upload("http", await jsGuest("http")), "once");
    const complete = "/once/text/1";
    assert.equal(await worker.invoke("once", [authority, complete]), "text of 1");
    const path = "/once/never/1";
    const call = worker.invokeRaw("once", [authority, path], "key").catch(() => undefined);
    await eventually(async () => asked.get(path) === 1, "the request");
    await server.restart();
    await call;
    const { status, body } = await worker.invokeRaw("once", [authority, path], "key");
    assert.equal(status, 500);
    assert.match(JSON.stringify(body), /Non-idempotent remote write operation was not completed, cannot retry/u);
    assert.deepEqual([asked.get(path), asked.get(complete)], [1, 1]);
  });
});
