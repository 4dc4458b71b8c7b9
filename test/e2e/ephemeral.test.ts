/** Ephemeral components: a fresh instance for each invocation, and nothing to come back to (spec/service.md §8.7). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject, Reply, WorkerClient } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;
const cutOff = /^The invocation was cut off: an ephemeral worker does not go on where it was$/u;

function errorOf({ status, body }: Reply): JsonObject {
  assert.equal(status, 500, JSON.stringify(body));
  return (body as { readonly golemError: JsonObject }).golemError;
}

describe("ephemeral workers", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "50"] });
    client = new Client(() => server.url);
    componentId = await client.upload("probe", await moduleGuest("probe"), { componentType: "Ephemeral" });
  });
  after(() => server[Symbol.asyncDispose]());

  const worker = (name: string): WorkerClient => client.worker(componentId, name);

  async function running(of: WorkerClient): Promise<void> {
    const status = async (): Promise<unknown> => ((await of.send("GET", "")).body as JsonObject)["status"];
    await eventually(async () => (await status()) === "Running", "the worker runs");
  }

  test("every invocation of a name begins anew", async () => {
    const named = worker("named");
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await named.invoke(api("bump")), 1);
      assert.equal(await named.invoke(api("count")), 0);
      if (round === 1) await server.restart();
    }
    const { status, pendingInvocationCount } = await named.metadata();
    assert.deepEqual([status, pendingInvocationCount], ["Idle", 0]);
  });

  test("one that was created has its arguments in every invocation", async () => {
    const given = { name: "created", args: ["a", "b"], env: { KEY: "value" } };
    await client.ok("POST", `/v1/components/${componentId}/workers`, given);
    for (let round = 0; round < 2; round += 1) {
      assert.deepEqual(await worker("created").invoke(api("arguments")), ["a", "b"]);
      assert.equal(await worker("created").invoke(api("bump")), 1);
      await server.restart();
    }
  });

  test("the same key gives the stored result, of failures too", async () => {
    const keyed = worker("keyed");
    const random = await keyed.invoke(api("random"), [], "drawn");
    const failed = errorOf(await keyed.invokeRaw(api("fail"), ["so it goes"], "failed"));
    assert.ok(String(failed["details"]).endsWith("so it goes"));
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await keyed.invoke(api("random"), [], "drawn"), random);
      assert.deepEqual(errorOf(await keyed.invokeRaw(api("fail"), ["so it goes"], "failed")), failed);
      await server.restart();
    }
    assert.notEqual(await keyed.invoke(api("random"), [], "another"), random);
  });

  test("a trap or an exit is told once, and nobody else", async () => {
    const trapping = worker("trapping");
    assert.equal(errorOf(await trapping.invokeRaw(api("fail"), ["x"]))["type"], "RuntimeError");
    assert.equal((await trapping.metadata())["retryCount"], 1);
    assert.equal(await trapping.invoke(api("bump")), 1);
    assert.match(String(errorOf(await trapping.invokeRaw(api("exit"), [{ ok: null }]))["details"]), /Process exited/u);
    assert.equal(await trapping.invoke(api("bump")), 1);
    assert.equal((await trapping.metadata())["status"], "Idle");
  });

  test("what is queued behind one that fails runs", async () => {
    const queue = worker("queue");
    await queue.enqueue(api("sleep"), [200]);
    const failing = queue.invokeRaw(api("fail"), ["x"]);
    const replies = await Promise.all([failing, ...[1, 2, 3].map(() => queue.invokeRaw(api("bump")))]);
    assert.deepEqual(
      replies.map((reply) => reply.status),
      [500, 200, 200, 200],
    );
    assert.equal((await queue.metadata())["pendingInvocationCount"], 0);
  });

  test("oplog-commit returns, and long waits stay in memory", async () => {
    await worker("committing").invoke(api("commit"));
    // A durable worker would leave memory for this.
    await worker("sleeping").invoke(api("sleep"), [300]);
  });

  test("a pending promise can't be waited for; the caller is told", async () => {
    const waiting = worker("waiting");
    const promise = await waiting.invoke(api("create"));
    const error = errorOf(await waiting.invokeRaw(api("await"), [promise]));
    assert.match(String(error["details"]), /^An ephemeral worker cannot wait for a promise/u);
    await worker("other").invoke(api("complete"), [promise, [1, 2]]);
    assert.deepEqual(await waiting.invoke(api("await"), [promise]), [1, 2]);
  });

  test("it can't jump back", async () => {
    const error = errorOf(await worker("jumping").invokeRaw(api("jump")));
    assert.match(String(error["details"]), /^An ephemeral worker has no history to go back in/u);
    assert.equal(await worker("jumping").invoke(api("bump")), 1);
  });

  test("a crash cuts off what ran, which is told to who asks again; what was queued runs", async () => {
    const crashed = worker("crashed");
    const lost = crashed.invokeRaw(api("sleep"), [60_000], "lost").catch(() => undefined);
    await running(crashed);
    await crashed.enqueue(api("random"), [], "queued");
    await server.restart();
    await lost;
    const again = crashed.invokeRaw(api("sleep"), [60_000], "lost");
    assert.match(String(errorOf(await again)["details"]), cutOff);
    assert.equal((await crashed.invokeRaw(api("random"), [], "queued")).status, 200);
    assert.equal(await crashed.invoke(api("bump")), 1);
    await eventually(async () => (await crashed.metadata())["status"] === "Idle", "the worker rests");
    await server.restart();
    assert.match(String(errorOf(await crashed.invokeRaw(api("sleep"), [60_000], "lost"))["details"]), cutOff);
  });

  test("an imitated crash answers the caller, and nothing goes on", async () => {
    const imitated = worker("imitated");
    const lost = imitated.invokeRaw(api("sleep"), [60_000]);
    await running(imitated);
    await imitated.send("POST", "/interrupt?recovery-immediately=true");
    assert.match(String(errorOf(await lost)["details"]), cutOff);
    assert.equal(await imitated.invoke(api("bump")), 1);
  });

  test("an interrupted one is idle once it is resumed, and takes other invocations", async () => {
    for (const [name, resumed] of [
      ["interrupted", false],
      ["resumed", true],
    ] as const) {
      const stopped = worker(name);
      const lost = stopped.invokeRaw(api("sleep"), [60_000], "lost");
      await running(stopped);
      await stopped.send("POST", "/interrupt");
      assert.equal(errorOf(await lost)["type"], "Interrupted");
      assert.equal((await stopped.metadata())["status"], "Interrupted");
      if (resumed) await stopped.send("POST", "/resume");
      assert.equal(await stopped.invoke(api("bump")), 1);
      assert.match(String(errorOf(await stopped.invokeRaw(api("sleep"), [60_000], "lost"))["details"]), cutOff);
    }
  });

  test("it can't be updated nor reverted", async () => {
    const binary = await jsGuest("lifecycle");
    const id = await client.upload("lifecycle", binary, { componentType: "Ephemeral" });
    await client.worker(id, "a").invoke("add", [1]);
    const path = `/v1/components/${id}/updates`;
    assert.equal((await client.post(path, { component: binary, componentType: "Durable" })).status, 200);
    for (const [call, params, message] of [
      ["update", ["a", 1, true], /Ephemeral workers cannot be updated/u],
      ["revert", ["a", 1], /An ephemeral worker has no history to go back in/u],
    ] as const) {
      const error = errorOf(await client.worker(id, call).invokeRaw(call, params));
      assert.match(String(error["details"]), message);
    }
    assert.equal((await client.worker(id, "a").metadata())["componentVersion"], 0);
  });

  test("many at once", async () => {
    const path = `/v1/components/${componentId}/invoke-and-await?function=${encodeURIComponent(api("bump"))}`;
    const calls = Array.from({ length: 200 }, () => client.send("POST", path, { params: [] }));
    for (const { status, body } of await Promise.all(calls)) {
      assert.equal(status, 200);
      assert.deepEqual((body as { readonly result: { readonly value: unknown } }).result.value, [1]);
    }
  });
});
