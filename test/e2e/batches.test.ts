/** Many invocations over one connection: lines of JSON in, lines of JSON out. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { EmetClient } from "@emet/contract/client";
import type { BatchAnswer, BatchInvocation } from "@emet/contract/client";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { moduleGuest, textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const lineBytesMax = 1_000_000;

/** A batch whose lines are written, and whose answers are read, one by one. */
class OpenBatch {
  readonly request: ClientRequest;
  readonly #response: Promise<IncomingMessage>;
  #lines: AsyncIterator<string> | undefined;

  constructor(url: string, componentId: string) {
    this.request = request(`${url}/v1/components/${componentId}/invocations`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      agent: false,
    });
    this.#response = once(this.request, "response").then(([response]) => response as IncomingMessage);
    this.#response.catch(() => undefined);
    this.request.on("error", () => undefined);
  }

  /** False when the server doesn't take more for now. */
  write(line: unknown): boolean {
    return this.request.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
  }

  async read(): Promise<JsonObject | undefined> {
    this.#lines ??= createInterface(await this.#response)[Symbol.asyncIterator]();
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : (JSON.parse(value) as JsonObject);
  }

  async readAll(): Promise<readonly JsonObject[]> {
    const answers: JsonObject[] = [];
    for (let answer = await this.read(); answer !== undefined; answer = await this.read()) answers.push(answer);
    return answers;
  }
}

function sumIn(answer: JsonObject | undefined): unknown {
  const { result } = (answer ?? {}) as { readonly result?: { readonly value: readonly unknown[] } };
  return result?.value[0];
}

describe("batches of invocations", () => {
  let server: TestServer;
  let client: Client;
  let ledger: string;
  let echo: string;

  before(async () => {
    server = await TestServer.start({ flags: ["--request-size-max", String(lineBytesMax)] });
    client = new Client(() => server.url);
    ledger = await client.upload("ledger", await textGuest("ledger"));
    echo = await client.upload("echo", await moduleGuest("echo"));
  });
  after(() => server[Symbol.asyncDispose]());

  const add = (worker: string, amount: number, more: JsonObject = {}): JsonObject => ({
    worker,
    function: "add",
    params: [amount],
    ...more,
  });

  const typed = (): EmetClient => new EmetClient({ url: server.url });

  async function invokeAll(calls: readonly BatchInvocation[]): Promise<ReadonlyMap<string | number, BatchAnswer>> {
    const answers = new Map<string | number, BatchAnswer>();
    for await (const answer of typed().workers.invokeBatch(ledger, calls)) {
      assert.ok(!answers.has(answer.id), `${answer.id} is answered twice`);
      answers.set(answer.id, answer);
    }
    assert.equal(answers.size, calls.length);
    return answers;
  }

  test("answers come while the request goes on", async () => {
    const batch = new OpenBatch(server.url, ledger);
    for (let call = 1; call <= 3; call += 1) {
      batch.write(add("open", 1));
      const answer = await batch.read();
      assert.equal(answer?.["id"], call - 1);
      assert.equal(sumIn(answer), call);
    }
    batch.request.end();
    assert.deepEqual(await batch.readAll(), []);
  });

  test("calls of one worker run in the order of their lines, those of others beside them", async () => {
    const calls = Array.from({ length: 600 }, (_, id) => ({
      id,
      workerName: `ordered-${id % 3}`,
      functionName: "add",
      params: [1],
    }));
    for (const [id, { result }] of await invokeAll(calls)) {
      assert.deepEqual(result?.value, [Math.floor(Number(id) / 3) + 1]);
    }
  });

  test("a line that is wrong is answered with its error, and the others run", async () => {
    const batch = new OpenBatch(server.url, ledger);
    batch.write(add("wrong", 1, { id: "good" }));
    batch.write("nonsense");
    batch.write("");
    batch.write({ id: "no function", params: [] });
    batch.write(add("-x", 1));
    batch.write(add("wrong", 1, { function: "unknown" }));
    batch.write(JSON.stringify(add("wrong", 1)).replace("[1]", "[18446744073709551616]"));
    batch.write(add("x".repeat(lineBytesMax), 1));
    batch.write({ function: "fail", worker: "failing", params: [] });
    batch.request.end(JSON.stringify(add("wrong", 2, { id: "last" })));
    const answers = new Map((await batch.readAll()).map((answer) => [answer["id"], answer]));
    assert.equal(sumIn(answers.get("good")), 1);
    assert.equal(sumIn(answers.get("last")), 3);
    const statuses = ["no function", 1, 4, 5, 6, 7, 8].map((id) => [id, answers.get(id)?.["status"]]);
    assert.deepEqual(statuses, [
      ["no function", 400],
      [1, 400],
      [4, 400],
      [5, 500],
      [6, 400],
      [7, 413],
      [8, 500],
    ]);
    assert.match(String(answers.get(6)?.["errors"]), /params\[0\].*18446744073709551616/u);
    const { golemError } = (answers.get(8) ?? {}) as { readonly golemError?: JsonObject };
    assert.equal(golemError?.["type"], "RuntimeError");
    assert.equal(answers.size, 9);
  });

  test("errors have their kinds in the client", async () => {
    const answers = await invokeAll([
      { id: "unknown", workerName: "typed", functionName: "unknown", params: [] },
      { id: "wrong", workerName: "typed", functionName: "add", params: ["x"] },
      { id: "stored", workerName: "typed", functionName: "add", params: [7n], enqueue: true },
      { id: "new", functionName: "add", params: [2n ** 63n] },
    ]);
    assert.equal(answers.get("unknown")?.error?.code, "worker-error");
    assert.equal(answers.get("wrong")?.error?.code, "bad-request");
    assert.deepEqual(answers.get("stored"), { id: "stored", result: undefined });
    assert.deepEqual(answers.get("new")?.result?.value, [2n ** 63n]);
    assert.deepEqual(await client.worker(ledger, "typed").invoke("sum"), 7);
    const nothing = typed().workers.invokeBatch("00000000-0000-4000-8000-000000000000", []);
    await assert.rejects(nothing.next(), { code: "not-found" });
  });

  test("with keys a batch that was cut off by a crash is sent again, and every call counts once", async () => {
    const calls = Array.from({ length: 2000 }, (_, id) => ({
      id,
      workerName: `crashed-${id % 20}`,
      functionName: "add",
      params: [1],
      idempotencyKey: `call-${id}`,
    }));
    const answered = new Map<string | number, BatchAnswer>();
    const cutOff = async (): Promise<void> => {
      for await (const answer of typed().workers.invokeBatch(ledger, calls)) {
        answered.set(answer.id, answer);
        if (answered.size === 500) await server.kill();
      }
    };
    await assert.rejects(cutOff());
    await server.start();
    const again = await invokeAll(calls);
    for (const [id, { result }] of answered) assert.deepEqual(again.get(id)?.result, result);
    for (let worker = 0; worker < 20; worker += 1) {
      assert.equal(await client.worker(ledger, `crashed-${worker}`).invoke("sum"), 100);
    }
  });

  test("what is under way when the client leaves goes on", async () => {
    const batch = new OpenBatch(server.url, ledger);
    batch.write(add("left", 1));
    await batch.read();
    batch.write({ worker: "left", function: "sleep", params: [1500] });
    batch.write(add("left", 5));
    // Lines are taken in order.
    batch.write(add("other", 1));
    assert.equal((await batch.read())?.["id"], 3);
    batch.request.destroy();
    const sum = client.worker(ledger, "left").invoke("sum");
    // A sleep counts as 1.
    assert.equal(await sum, 7);
  });

  test("a client that takes no answers is not read from, until it does", async () => {
    const text = "x".repeat(100_000);
    const batch = new OpenBatch(server.url, echo);
    const line = { worker: "echoing", function: "test:echo/api.{text}", params: [text] };
    const lines = 1000;
    const write = async (): Promise<void> => {
      for (let sent = 0; sent < lines; sent += 1) if (!batch.write(line)) await once(batch.request, "drain");
      batch.request.end();
    };
    const written = write();
    const served = async (): Promise<number> => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      const completed = new RegExp(`emet_invocations_total\\{[^}]*${echo}[^}]*completed[^}]*\\} (\\d+)`, "u");
      return Number(completed.exec(metrics)?.[1] ?? 0);
    };
    let lastServed = -1;
    const stopped = async (): Promise<boolean> => {
      const now = await served();
      const same = now > 0 && now === lastServed;
      lastServed = now;
      return same;
    };
    await eventually(stopped, "the server has stopped taking lines");
    assert.ok(lastServed < lines);
    const answers = await batch.readAll();
    await written;
    assert.equal(answers.length, lines);
    assert.ok(answers.every((answer) => sumIn(answer) === text));
  });
});
