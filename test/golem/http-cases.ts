/** Components that call HTTP servers. What they were answered lasts: the server isn't asked again. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { WorkerClient } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import type { Case, Setting } from "./setting.ts";

const api = (name: string): string => `golem:it/api.{${name}}`;

export class Remote implements AsyncDisposable {
  readonly #server: Server;
  readonly asked: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    answer: (body: string, response: ServerResponse, request: IncomingMessage) => void | Promise<void>,
  ): Promise<Remote> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => void chunks.push(chunk));
      request.on("end", () => {
        remote.asked.push(`${request.method} ${request.url}`);
        void answer(Buffer.concat(chunks).toString(), response, request);
      });
    });
    const remote = new Remote(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return remote;
  }

  get env(): { readonly PORT: string } {
    return { PORT: String((this.#server.address() as AddressInfo).port) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export async function create({ client, id, worker }: Setting, name: string, remote: Remote): Promise<WorkerClient> {
  await client.ok("POST", `/v1/components/${id}/workers`, { name, args: [], env: remote.env });
  return worker(name);
}

const httpClient: Case = async (setting) => {
  const { server } = setting;
  let restarted: Promise<void> | undefined;
  await using remote = await Remote.start((body, response, request) => {
    if (request.url === "/restart" && restarted === undefined) restarted = server.restart();
    else response.end(`response is ${String(request.headers["x-test"])} ${body}`);
  });
  const answer = "200 response is test-header test-body";
  const worker = await create(setting, "http", remote);
  assert.equal(await worker.invoke(api("run"), [], "run"), answer);
  await server.restart();
  assert.equal(await worker.invoke(api("run"), [], "run"), answer);
  assert.equal(remote.asked.length, 1);
  await worker.invoke(api("send-request"));
  await server.restart();
  assert.equal(await worker.invoke(api("process-response")), answer);
  assert.equal(remote.asked.length, 2);
  // Killed while the second request waits: the first isn't sent again.
  await worker.invokeRaw(api("run-with-interrupt"), [], "interrupted").catch(() => undefined);
  await restarted;
  assert.equal(await worker.invoke(api("run-with-interrupt"), [], "interrupted"), answer);
  assert.deepEqual(remote.asked.slice(2), ["POST /", "POST /restart", "POST /restart"]);
};

const reqwest: Case = async (setting) => {
  const { server, client } = setting;
  let polled = "initial";
  let halfWay = Promise.withResolvers<void>();
  await using remote = await Remote.start(async (body, response, request) => {
    if (request.url?.startsWith("/poll") === true) response.end(polled);
    else if (request.url === "/post-example") {
      assert.deepEqual(JSON.parse(body), { name: "Something", amount: 42, comments: ["Hello", "World"] });
      assert.equal(request.headers.authorization, "Basic c29tZTpib2R5");
      response.setHeader("content-type", "application/json");
      response.end('{ "percentage": 0.25, "message": "response message Golem" }');
    } else {
      for (let index = 0; index < 100 && !response.destroyed; index++) {
        response.write(Buffer.alloc(1024));
        await delay(5);
        if (index === 50) halfWay.resolve();
      }
      response.end();
    }
  });
  const worker = await create(setting, "reqwest", remote);
  const expected = '200 ExampleResponse { percentage: 0.25, message: Some("response message Golem") }';
  assert.equal(await worker.invoke(api("run"), [], "run"), expected);
  await server.restart();
  assert.equal(await worker.invoke(api("run"), [], "run"), expected);
  assert.equal(remote.asked.length, 1);
  // A loop of requests that outlasts a kill.
  await worker.enqueue(api("start-polling"), ["first"], "poll");
  await eventually(async () => remote.asked.length > 5, "some polls");
  assert.equal((await worker.metadata())["status"], "Running");
  await server.restart();
  const before = remote.asked.length;
  await eventually(async () => remote.asked.length > before + 3, "polls after the kill");
  polled = "first";
  await eventually(async () => (await worker.metadata())["status"] === "Idle", "the end of the loop");
  // Interrupted, and killed, within a body.
  for (const stop of ["interrupt", "kill"]) {
    halfWay = Promise.withResolvers<void>();
    const call = worker.invokeRaw(api("slow-body-stream"), [], stop).catch(() => undefined);
    await halfWay.promise;
    if (stop === "kill") await server.restart();
    else {
      await client.ok("POST", `${worker.path}/interrupt`);
      await client.ok("POST", `${worker.path}/resume`);
    }
    await call;
    assert.equal(await worker.invoke(api("slow-body-stream"), [], stop), 100 * 1024);
  }
};

const tinygo: Case = async (setting) => {
  await using remote = await Remote.start((body, response) => {
    const { Name: name } = JSON.parse(body) as { readonly Name: string };
    response.end(`{"percentage": 0.25, "message": "response message ${name}"}`);
  });
  const worker = await create(setting, "tinygo", remote);
  const expected = "200 percentage: 0.250000, message: response message Something";
  assert.equal(await worker.invoke("example1", ["x"], "key"), expected);
  await setting.server.restart();
  assert.equal(await worker.invoke("example1", ["x"], "key"), expected);
  assert.equal(remote.asked.length, 1);
  assert.equal(await worker.invoke("example1", ["x"]), expected);
};

export const httpCases: { readonly [component: string]: Case } = {
  "http-client": httpClient,
  "http-client-2": reqwest,
  "tinygo-wasi-http": tinygo,
};
