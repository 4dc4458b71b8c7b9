/** Traps, retries, exits, and what is done again by a retry (spec/service.md §8.6; spec/host-interfaces.md §4, §24, §27). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, golemErrorOf } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { EventStream } from "../support/event-stream.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;

describe("failures", () => {
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

  /** What a worker prints while `run` fails or succeeds. */
  async function printed(of: WorkerClient, run: () => Promise<unknown>): Promise<readonly string[]> {
    await of.invoke(api("count"));
    using stream = await EventStream.open(server.url, of.path);
    await run();
    // All frames before the reply were sent before it; one more call makes sure that they have arrived.
    await eventually(() => Promise.resolve(stream.frames.length > 0), "events");
    return stream.output();
  }

  test("a trap is retried three times; the error has the trap, a backtrace and standard error", async () => {
    const trapping = worker("trapping");
    const begin = performance.now();
    const error = golemErrorOf(await trapping.invokeRaw(api("fail"), ["so it goes\n"]));
    assert.ok(performance.now() - begin >= 400, "there were no delays between the attempts");
    assert.equal(error["type"], "RuntimeError");
    const details = String(error["details"]);
    assert.match(details, /^error while executing at wasm backtrace:/u);
    assert.match(details, /unreachable/u);
    assert.ok(details.endsWith("\n\nso it goes\n"), details);
    for (const again of [false, true]) {
      if (again) await server.restart();
      const metadata = await trapping.metadata();
      assert.equal(metadata["status"], "Failed");
      assert.equal(metadata["retryCount"], 4);
      assert.equal(metadata["lastError"], details);
      const refused = golemErrorOf(await trapping.invokeRaw(api("count")));
      assert.equal(refused["type"], "PreviousInvocationFailed");
      assert.equal(refused["details"], details);
      const path = `${trapping.path}/invoke?function=${encodeURIComponent(api("count"))}`;
      assert.equal(golemErrorOf(await client.send("POST", path, { params: [] }))["type"], "PreviousInvocationFailed");
      assert.equal(golemErrorOf(await trapping.send("POST", "/resume"))["type"], "InvalidRequest");
    }
  });

  test("invocations that wait behind a failure are answered with it", async () => {
    const queue = worker("queue");
    const failing = queue.invokeRaw(api("fail"), ["first\n"]);
    await eventually(async () => (await queue.send("GET", "")).status === 200, "it exists");
    const behind = queue.invokeRaw(api("count"));
    assert.equal(golemErrorOf(await failing)["type"], "RuntimeError");
    assert.equal(golemErrorOf(await behind)["type"], "PreviousInvocationFailed");
  });

  test("a retry policy of the guest is in force from then on, also after a crash", async () => {
    const few = worker("few");
    await few.invoke(api("set-retries"), [1, 2000]);
    const policy = {
      "max-attempts": 1,
      "min-delay": 2000,
      "max-delay": 2000,
      multiplier: 1.5,
      "max-jitter-factor": 0.25,
    };
    assert.deepEqual(await few.invoke(api("get-retries")), policy);
    await server.restart();
    assert.deepEqual(await few.invoke(api("get-retries")), policy);
    golemErrorOf(await few.invokeRaw(api("fail"), [""]));
    assert.equal((await few.metadata())["retryCount"], 2);
    const plain = await worker("plain").invoke(api("get-retries"));
    assert.deepEqual(plain, {
      "max-attempts": 3,
      "min-delay": 100_000_000,
      "max-delay": 1_000_000_000,
      multiplier: 3,
      "max-jitter-factor": 0.15,
    });
  });

  test("a stack overflow is not retried", async () => {
    const deep = worker("deep");
    const error = golemErrorOf(await deep.invokeRaw(api("overflow")));
    assert.equal(error["type"], "RuntimeError");
    assert.match(String(error["details"]), /stack/iu);
    for (const again of [false, true]) {
      if (again) await server.restart();
      assert.equal((await deep.metadata())["status"], "Failed");
      assert.equal((await deep.metadata())["retryCount"], 1);
      assert.equal(golemErrorOf(await deep.invokeRaw(api("count")))["type"], "PreviousInvocationFailed");
    }
  });

  test("a division by zero traps, a wrong request doesn't", async () => {
    const divider = worker("divider");
    await divider.invoke(api("set-retries"), [0, 1000]);
    assert.equal(await divider.invoke(api("divide"), [7, 2]), 3);
    assert.equal((await divider.invokeRaw(api("divide"), ["7", 2])).status, 400);
    assert.equal(golemErrorOf(await divider.invokeRaw(api("missing")))["type"], "InvalidRequest");
    assert.equal((await divider.metadata())["status"], "Idle");
    assert.match(String(golemErrorOf(await divider.invokeRaw(api("divide"), [7, 0]))["details"]), /divi/iu);
    assert.equal((await divider.metadata())["status"], "Failed");
  });

  test("exit ends the worker for good", async () => {
    for (const [name, code] of [
      ["exit-ok", { ok: null }],
      ["exit-err", { err: null }],
    ] as const) {
      const exiting = worker(name);
      const first = golemErrorOf(await exiting.invokeRaw(api("exit"), [code], "x"));
      assert.deepEqual(first, { type: "RuntimeError", details: "Process exited" });
      for (const again of [false, true]) {
        if (again) await server.restart();
        assert.equal((await exiting.metadata())["status"], "Exited");
        assert.deepEqual(golemErrorOf(await exiting.invokeRaw(api("count"))), { type: "PreviousInvocationExited" });
        assert.deepEqual(golemErrorOf(await exiting.invokeRaw(api("exit"), [code], "x")), first);
      }
    }
  });

  test("a failed worker is deleted and begins anew", async () => {
    const reborn = worker("reborn");
    await reborn.invoke(api("set-retries"), [0, 1000]);
    golemErrorOf(await reborn.invokeRaw(api("fail"), [""]));
    assert.equal((await reborn.send("DELETE", "")).status, 200);
    assert.equal(await reborn.invoke(api("bump")), 1);
  });

  test("a crash while a retry waits: the worker goes on by itself", async () => {
    const delayed = worker("delayed");
    await delayed.invoke(api("set-retries"), [1, 1_500_000_000]);
    await delayed.enqueue(api("fail"), ["x"], "f");
    await eventually(async () => (await delayed.metadata())["status"] === "Retrying", "it retries");
    await server.restart();
    await eventually(async () => (await delayed.metadata())["status"] === "Failed", "it has failed for good");
    assert.equal(golemErrorOf(await delayed.invokeRaw(api("fail"), ["x"], "f"))["type"], "RuntimeError");
  });

  test("interrupting a worker that waits for its retry", async () => {
    const waiting = worker("waiting");
    await waiting.invoke(api("set-retries"), [1, 60_000_000_000]);
    const call = waiting.invokeRaw(api("fail"), ["x"]);
    await eventually(async () => (await waiting.metadata())["status"] === "Retrying", "it retries");
    await waiting.send("POST", "/interrupt");
    assert.equal(golemErrorOf(await call)["type"], "Interrupted");
    assert.equal((await waiting.metadata())["status"], "Interrupted");
  });

  test("what was recorded isn't done again by a retry", async () => {
    const lines = await printed(worker("recorded"), () => worker("recorded").invokeRaw(api("fail-after-work")));
    assert.deepEqual(lines, ["before", "after"]);
  });

  test("an atomic region is repeated as a whole, what came before it isn't", async () => {
    const region = worker("region");
    const lines = await printed(region, () => region.invokeRaw(api("fail-in-region")));
    assert.deepEqual(lines, ["before", "inside", "inside", "inside", "inside"]);
  });

  test("an atomic region that has ended isn't repeated", async () => {
    const lines = await printed(worker("ended"), () => worker("ended").invokeRaw(api("fail-after-region")));
    assert.deepEqual(lines, ["inside"]);
  });

  test("what a part that isn't recorded printed is not said again", async () => {
    const unrecorded = worker("unrecorded");
    const lines = await printed(unrecorded, () => unrecorded.invokeRaw(api("fail-unrecorded")));
    assert.deepEqual(lines, ["before", "unrecorded"]);
  });

  test("a jump repeats what lies behind its target, once", async () => {
    const jumping = worker("jumping");
    const lines = await printed(jumping, () => jumping.invoke(api("jump"), [], "j"));
    assert.deepEqual(lines, ["once", "again", "again"]);
    await server.restart();
    assert.equal(await jumping.invoke(api("jump"), [], "j"), 1);
    assert.equal(await jumping.invoke(api("count")), 1);
  });

  test("derived keys: two in one invocation differ, and stay the same", async () => {
    const keys = worker("keys");
    const [first, second] = (await keys.invoke(api("generate-keys"), [], "k")) as [JsonObject, JsonObject];
    assert.notDeepEqual(first, second);
    await server.restart();
    assert.deepEqual(await keys.invoke(api("generate-keys"), [], "k"), [first, second]);
    assert.notDeepEqual(await keys.invoke(api("generate-keys")), [first, second]);
  });

  test("modes of recording outlast a crash", async () => {
    const modes = worker("modes");
    assert.equal(await modes.invoke(api("get-idempotence")), true);
    assert.deepEqual(await modes.invoke(api("get-persistence")), { smart: null });
    await modes.invoke(api("set-idempotence"), [false]);
    await modes.invoke(api("set-persistence"), [{ "persist-remote-side-effects": null }]);
    await server.restart();
    assert.equal(await modes.invoke(api("get-idempotence")), false);
    assert.deepEqual(await modes.invoke(api("get-persistence")), { "persist-remote-side-effects": null });
  });

  test("what the guest was told of time and chance is the same after a crash", async () => {
    const told = worker("told");
    const calls = ["random", "monotonic", "wall", "oplog-index"] as const;
    const results = new Map<string, unknown>();
    for (const name of calls) results.set(name, await told.invoke(api(name), [], name));
    const bytes = (await told.invoke(api("random-bytes"), [100_000], "bytes")) as readonly number[];
    assert.equal(bytes.length, 100_000);
    await told.invoke(api("commit"));
    await told.invoke(api("bump"));
    await server.restart();
    for (const name of calls) assert.deepEqual(await told.invoke(api(name), [], name), results.get(name));
    assert.deepEqual(await told.invoke(api("random-bytes"), [1], "bytes"), bytes);
    assert.equal(await told.invoke(api("count")), 1);
    assert.notEqual(await told.invoke(api("random")), results.get("random"));
  });
});
