/** The event stream of a worker (spec/service.md §7). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { Client } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { EventStream } from "../support/event-stream.ts";
import type { Frame } from "../support/event-stream.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u;

/** A frame without its time, which must be one. */
function untimed(frame: Frame | undefined): unknown {
  assert.ok(frame !== undefined && frame !== "Close");
  const [[name, event] = ["", {}]] = Object.entries(frame);
  const { timestamp: time, ...rest } = event;
  assert.match(String(time), timestamp);
  return { [name]: rest };
}

describe("connect", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    componentId = await client.upload("probe", await moduleGuest("probe"));
  });
  after(() => server[Symbol.asyncDispose]());

  const worker = (name: string): WorkerClient => client.worker(componentId, name);
  const open = (path: string): Promise<EventStream> => EventStream.open(server.url, path);

  async function frames(stream: EventStream, count: number): Promise<void> {
    await eventually(() => Promise.resolve(stream.frames.length >= count), `${count} frames`);
  }

  /** The status and body of a refused connection. */
  async function refusal(path: string): Promise<{ readonly status: number; readonly body: JsonObject }> {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}${path}`);
    socket.on("error", () => undefined);
    const [, response] = (await once(socket, "unexpected-response")) as [
      unknown,
      AsyncIterable<Buffer> & { statusCode: number },
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) as JsonObject };
  }

  test("invocations, output and logs arrive as frames, in order", async () => {
    const watched = worker("watched");
    await watched.invoke(api("bump"));
    using stream = await open(watched.path);
    await watched.invoke(api("print"), ["hi\n"], "k1");
    await watched.invoke(api("print-error"), ["no\n"], "k2");
    await watched.invoke(api("log"), [2, "ctx", "text"], "k3");
    await frames(stream, 11);
    const events = stream.frames.slice(-9).map(untimed);
    const start = (name: string, key: string): unknown => ({
      InvocationStart: { function: api(name), idempotency_key: key },
    });
    const finished = (name: string, key: string): unknown => ({
      InvocationFinished: { function: api(name), idempotency_key: key },
    });
    assert.deepEqual(events, [
      start("print", "k1"),
      { StdOut: { bytes: [104, 105, 10] } },
      finished("print", "k1"),
      start("print-error", "k2"),
      { StdErr: { bytes: [110, 111, 10] } },
      finished("print-error", "k2"),
      start("log", "k3"),
      { Log: { level: "Info", context: "ctx", message: "text" } },
      finished("log", "k3"),
    ]);
  });

  test("every level of logging", async () => {
    const logging = worker("logging");
    for (const level of [0, 1, 2, 3, 4, 5]) {
      const name = ["trace", "debug", "info", "warn", "error", "critical"][level];
      assert.equal((await logging.invokeRaw(api("log"), [level, "", String(name)])).status, 200);
    }
    using stream = await open(logging.path);
    await frames(stream, 18);
    const levels = stream.frames.flatMap((frame) => (frame !== "Close" && frame["Log"] ? [frame["Log"]["level"]] : []));
    assert.deepEqual(levels, ["Trace", "Debug", "Info", "Warn", "Error", "Critical"]);
  });

  test("a new watcher gets what the loaded instance did before, up to 128 events", async () => {
    const past = worker("past");
    await past.invoke(api("print"), ["first"]);
    using early = await open(past.path);
    await frames(early, 3);
    assert.deepEqual(early.output(), ["first"]);
    for (let index = 0; index < 50; index++) await past.invoke(api("print"), [`${index}`]);
    using late = await open(past.path);
    await frames(late, 128);
    await past.invoke(api("print"), ["last"]);
    await eventually(() => Promise.resolve(late.output().includes("last")), "the last line");
    assert.equal(late.frames.length, 131);
    assert.ok(!late.output().includes("first"));
  });

  test("all watchers get everything; what they send is ignored", async () => {
    const shared = worker("shared");
    await shared.invoke(api("bump"));
    using first = await open(shared.path);
    using second = await open(shared.path);
    first.socket.send("hello");
    first.socket.send(Buffer.from([1, 2, 3]));
    await shared.invoke(api("print"), ["both"]);
    for (const stream of [first, second]) {
      await eventually(() => Promise.resolve(stream.output().includes("both")), "the line");
    }
  });

  test("replay says nothing again; connecting doesn't load the worker", async () => {
    const quiet = worker("quiet");
    await quiet.invoke(api("print"), ["once"]);
    await server.restart();
    using stream = await open(quiet.path);
    await quiet.invoke(api("print"), ["then"]);
    await eventually(() => Promise.resolve(stream.output().includes("then")), "the line");
    assert.deepEqual(stream.output(), ["then"]);
  });

  test("interruption closes the stream, and an interrupted worker can't be watched", async () => {
    const stopped = worker("stopped");
    await stopped.enqueue(api("sleep"), [8000]);
    await eventually(async () => (await stopped.metadata())["status"] === "Running", "it runs");
    using stream = await open(stopped.path);
    const closed = once(stream.socket, "close") as Promise<[number]>;
    await stopped.send("POST", "/interrupt");
    const [code] = await closed;
    assert.equal(code, 1000);
    assert.equal(stream.frames.at(-1), "Close");
    const { status, body } = await refusal(`${stopped.path}/connect`);
    assert.equal(status, 500);
    assert.equal((body["golemError"] as JsonObject)["type"], "Interrupted");
    assert.equal((await stopped.metadata())["status"], "Interrupted");
  });

  test("deletion closes the stream", async () => {
    const deleted = worker("deleted");
    await deleted.invoke(api("bump"));
    using stream = await open(deleted.path);
    const closed = once(stream.socket, "close");
    await deleted.send("DELETE", "");
    await closed;
    assert.equal(stream.frames.at(-1), "Close");
  });

  test("failed and exited workers can't be watched", async () => {
    const failed = worker("failed");
    await failed.invoke(api("set-retries"), [0, 1000]);
    await failed.invokeRaw(api("fail"), [""]);
    const failure = await refusal(`${failed.path}/connect`);
    assert.equal(failure.status, 500);
    assert.equal((failure.body["golemError"] as JsonObject)["type"], "PreviousInvocationFailed");
    const exited = worker("exited");
    await exited.invokeRaw(api("exit"), [{ ok: null }]);
    const exit = await refusal(`${exited.path}/connect`);
    assert.equal(exit.status, 500);
    assert.equal((exit.body["golemError"] as JsonObject)["type"], "PreviousInvocationExited");
  });

  test("unknown workers, wrong names and other paths", async () => {
    const base = `/v1/components/${componentId}/workers`;
    const unknown = await refusal(`${base}/nobody/connect`);
    assert.deepEqual(unknown, { status: 404, body: { error: `Worker not found: ${componentId}/nobody` } });
    assert.equal((await refusal("/v1/components")).status, 404);
    assert.equal((await refusal("/")).status, 404);
    for (const path of [
      `${base}/-x/connect`,
      `${base}/%zz/connect`,
      `${base}/a%20b/connect`,
      "/v1/components/x/workers/y/connect",
    ]) {
      const { status, body } = await refusal(path);
      assert.equal(status, 400, path);
      assert.equal((body["errors"] as readonly string[]).length, 1);
    }
    assert.equal((await client.send("GET", "/healthcheck")).status, 200);
  });

  test("a plain GET is no connection", async () => {
    const { path } = worker("watched");
    const { status } = await client.send("GET", `${path}/connect`);
    assert.equal(status, 400);
  });

  test("an offer of another protocol leaves a request as it is", async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.end("GET /version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n");
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 200 /u);
  });

  test("clients that break off or speak nonsense do no harm", async () => {
    const { path } = worker("watched");
    const { hostname, port } = new URL(server.url);
    const upgrades = [
      `GET ${path}/connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `GET ${path}/connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      `GET ${path}/connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n`,
    ];
    for (const text of upgrades) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      socket.write(text);
      socket.resetAndDestroy();
      const other = connect(Number(port), hostname);
      other.on("error", () => undefined);
      other.end(text);
      other.resume();
      await new Promise((resolve) => other.once("close", resolve));
    }
    assert.equal((await client.send("GET", "/healthcheck")).status, 200);
  });
});
