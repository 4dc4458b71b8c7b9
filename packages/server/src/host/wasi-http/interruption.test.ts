import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IncomingMessage, ServerResponse } from "node:http";
import { RestartSignal } from "../../durability/errors.ts";
import { TestHost } from "../context-for-tests.ts";
import { HttpGuest, RemoteServer } from "./http-for-tests.ts";
import type { Sent } from "./http-for-tests.ts";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

/** Serves `content`: whole, or from where a request asks, as long as it is the same. */
class Document {
  tag = '"v1"';
  ranges = true;
  /** The connection ends after so many bytes of it. */
  cutAt: number | undefined;
  readonly asked: (string | undefined)[] = [];

  readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { range, "if-range": ifRange } = request.headers;
    this.asked.push(range);
    if (this.ranges) response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("ETag", this.tag);
    const from = Number(/^bytes=(\d+)-$/u.exec(range ?? "")?.[1] ?? Number.NaN);
    const partial = this.ranges && ifRange === this.tag && !Number.isNaN(from);
    const rest = partial ? content.subarray(from) : content;
    response.statusCode = partial ? 206 : 200;
    if (partial) response.setHeader("Content-Range", `bytes ${from}-${content.length - 1}/${content.length}`);
    response.setHeader("Content-Length", rest.length);
    if (this.cutAt === undefined) response.end(rest);
    else response.write(rest.subarray(0, this.cutAt));
  };
}

/** Reads at least `length` bytes. */
async function readPart(guest: HttpGuest, stream: number, length: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let count = 0;
  while (count < length) {
    const chunk = await guest.read(stream, 10_000n);
    if (chunk === undefined) break;
    chunks.push(chunk);
    count += chunk.length;
  }
  return Buffer.concat(chunks);
}

async function open(guest: HttpGuest, sent: Sent): Promise<number> {
  const future = await guest.send(sent);
  assert.equal(future.tag, "ok");
  return guest.stream(await guest.response(future.val)).stream;
}

describe("a response that was interrupted", () => {
  it("goes on behind what was recorded", async () => {
    const document = new Document();
    document.cutAt = 100_000;
    await using remote = await RemoteServer.start(document.serve);
    const host = new TestHost();
    const sent = { authority: remote.authority };
    const before = new HttpGuest(host.start());
    const part = await readPart(before, await open(before, sent), 90_000);
    document.cutAt = undefined;
    const after = new HttpGuest(host.start());
    const all = await readPart(after, await open(after, sent), Number.POSITIVE_INFINITY);
    assert.deepEqual(all, content);
    assert.deepEqual(document.asked, [undefined, `bytes=${part.length}-`]);
    const replayed = new HttpGuest(host.start());
    assert.deepEqual(await readPart(replayed, await open(replayed, sent), Number.POSITIVE_INFINITY), content);
    assert.equal(document.asked.length, 2);
  });

  it("is asked for anew where it has changed, can't be continued, or was no answer to a GET", async () => {
    const changes: readonly ((document: Document) => Sent["method"])[] = [
      (document) => void (document.tag = '"v2"'),
      (document) => void (document.ranges = false),
      (document) => void (document.tag = 'W/"v1"'),
      () => ({ tag: "post" }),
    ];
    for (const [number, change] of changes.entries()) {
      const document = new Document();
      document.cutAt = 100_000;
      if (number > 0) change(document);
      await using remote = await RemoteServer.start(document.serve);
      const host = new TestHost();
      const sent: Sent = { authority: remote.authority, method: change(new Document()) ?? { tag: "get" } };
      const before = new HttpGuest(host.start());
      await readPart(before, await open(before, sent), 50_000);
      change(document);
      document.cutAt = undefined;
      const again = new HttpGuest(host.start());
      const stream = await open(again, sent);
      await assert.rejects(readPart(again, stream, Number.POSITIVE_INFINITY), RestartSignal);
      const last = new HttpGuest(host.start());
      assert.deepEqual(await readPart(last, await open(last, sent), Number.POSITIVE_INFINITY), content, `${number}`);
    }
  });

  it("fails where writes may not be repeated", async () => {
    const document = new Document();
    document.cutAt = 100_000;
    await using remote = await RemoteServer.start(document.serve);
    const host = new TestHost();
    const sent: Sent = { authority: remote.authority, method: { tag: "post" } };
    const start = (): HttpGuest => {
      const run = host.start();
      run.context.durable.idempotenceMode = false;
      return new HttpGuest(run);
    };
    const before = start();
    await readPart(before, await open(before, sent), 50_000);
    const again = start();
    const stream = await open(again, sent);
    const refusal = /Non-idempotent remote write operation was not completed, cannot retry/u;
    await assert.rejects(readPart(again, stream, Number.POSITIVE_INFINITY), refusal);
    assert.equal(remote.requests.length, 1);
  });

  it("is told to the guest where its invocation has returned", async () => {
    const document = new Document();
    document.ranges = false;
    document.cutAt = 100_000;
    await using remote = await RemoteServer.start(document.serve);
    const host = new TestHost();
    const sent = { authority: remote.authority };
    const run = host.start();
    const before = new HttpGuest(run);
    await readPart(before, await open(before, sent), 50_000);
    run.context.durable.endOpenBatches();
    await run.context.durable.commit();
    const second = host.start();
    const after = new HttpGuest(second);
    const stream = await open(after, sent);
    await readPart(after, stream, 50_000);
    second.context.durable.endOpenBatches();
    await assert.rejects(readPart(after, stream, Number.POSITIVE_INFINITY), /connection-terminated/u);
    assert.equal(remote.requests.length, 1);
  });
});

describe("a request that was interrupted", () => {
  it("is sent again with the body that the guest writes again", async () => {
    let answers = false;
    const bodies: string[] = [];
    await using remote = await RemoteServer.start(async (request, response) => {
      let body = "";
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
      bodies.push(body);
      if (answers) response.end("done");
    });
    const host = new TestHost();
    const sent: Sent = { authority: remote.authority, method: { tag: "post" }, body: [Buffer.from("body")] };
    const first = new HttpGuest(host.start());
    await first.send(sent);
    while (bodies.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answers = true;
    const second = new HttpGuest(host.start());
    assert.equal((await second.exchange(sent)).status, 200);
    assert.deepEqual(bodies, ["body", "body"]);
  });

  it("is not sent again where writes may not be repeated", async () => {
    await using remote = await RemoteServer.start(() => undefined);
    const host = new TestHost();
    const sent: Sent = { authority: remote.authority };
    const first = host.start();
    first.context.durable.idempotenceMode = false;
    await new HttpGuest(first).send(sent);
    while (remote.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = host.start();
    second.context.durable.idempotenceMode = false;
    await assert.rejects(new HttpGuest(second).send(sent), /Non-idempotent/u);
    assert.equal(remote.requests.length, 1);
  });

  it("does not disturb one that overlaps it and is complete", async () => {
    let answers = false;
    await using remote = await RemoteServer.start((request, response) => {
      if (request.url === "/whole" || answers) response.end(`for ${request.url}`);
    });
    const host = new TestHost();
    const run = async (guest: HttpGuest): Promise<number> => {
      const slow = await guest.send({ authority: remote.authority, path: "/slow" });
      const whole = await guest.send({ authority: remote.authority, path: "/whole" });
      assert.ok(slow.tag === "ok" && whole.tag === "ok");
      const { body } = await guest.readAll(await guest.response(whole.val));
      assert.equal(Buffer.from(body).toString(), "for /whole");
      return slow.val;
    };
    const first = host.start();
    await run(new HttpGuest(first));
    await first.context.durable.commit();
    answers = true;
    const guest = new HttpGuest(host.start());
    const { body } = await guest.readAll(await guest.response(await run(guest)));
    assert.equal(Buffer.from(body).toString(), "for /slow");
    assert.deepEqual(remote.requests.toSorted(), ["GET /slow", "GET /slow", "GET /whole"]);
  });
});
