/** Invocations, queues, keys, interruption, suspension and promises (spec/service.md §3.2, §8.3 to §8.5, §8.11). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, golemErrorOf } from "../support/client.ts";
import type { JsonObject, Reply, WorkerClient } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;

describe("lifecycle", () => {
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

  async function status(of: WorkerClient, wanted: string): Promise<void> {
    const reached = async (): Promise<boolean> => {
      const { status: code, body } = await of.send("GET", "");
      return code === 200 && (body as JsonObject)["status"] === wanted;
    };
    await eventually(reached, `${of.path} becomes ${wanted}`);
  }

  /** A promise of the worker and a call that waits for it. */
  async function waiting(of: WorkerClient, key: string): Promise<[JsonObject, Promise<Reply>]> {
    const promise = (await of.invoke(api("create"))) as JsonObject;
    const call = of.invokeRaw(api("await"), [promise], key);
    // The test may end before the call does.
    call.catch(() => undefined);
    await status(of, "Suspended");
    return [promise, call];
  }

  function complete(of: WorkerClient, promise: JsonObject, data: readonly number[]): Promise<Reply> {
    return of.send("POST", "/complete", { oplogIdx: promise["oplog-idx"], data });
  }

  test("one key, one invocation: repeated, concurrent, across a crash", async () => {
    const keyed = worker("keyed");
    assert.equal(await keyed.invoke(api("bump"), [], "a"), 1);
    assert.equal(await keyed.invoke(api("bump"), [], "a"), 1);
    const values = await Promise.all(Array.from({ length: 10 }, () => keyed.invoke(api("bump"), [], "b")));
    assert.deepEqual(new Set(values), new Set([2]));
    await server.restart();
    assert.equal(await keyed.invoke(api("bump"), [], "a"), 1);
    await keyed.enqueue(api("bump"), [], "b");
    assert.equal(await keyed.invoke(api("count")), 2);
    // The parameters are not compared, nor is the function.
    assert.equal(await keyed.invoke(api("count"), [], "a"), 1);
    // The scope of a key is one worker.
    assert.equal(await worker("keyed-too").invoke(api("bump"), [], "a"), 1);
  });

  test("an empty key is refused; without a key each request is an invocation of its own", async () => {
    const plain = worker("plain");
    assert.equal((await plain.invokeRaw(api("bump"), [], "")).status, 400);
    assert.equal(await plain.invoke(api("bump")), 1);
    assert.equal(await plain.invoke(api("bump")), 2);
  });

  test("the result of a failed invocation is kept, too", async () => {
    const failing = worker("failing-key");
    await failing.invoke(api("set-retries"), [0, 1000]);
    const first = golemErrorOf(await failing.invokeRaw(api("fail"), ["oh no\n"], "f"));
    assert.equal(first["type"], "RuntimeError");
    assert.deepEqual(golemErrorOf(await failing.invokeRaw(api("fail"), ["oh no\n"], "f")), first);
    await server.restart();
    assert.deepEqual(golemErrorOf(await failing.invokeRaw(api("fail"), ["other\n"], "f")), first);
    await failing.enqueue(api("fail"), [""], "f");
  });

  test("a caller that comes back with its key after a crash gets the result", async () => {
    const slow = worker("slow");
    const lost = slow.invokeRaw(api("sleep"), [1500], "slow").catch(() => "lost");
    await status(slow, "Running");
    await server.restart();
    assert.equal(await lost, "lost");
    assert.equal(await slow.invoke(api("sleep"), [1500], "slow"), undefined);
    assert.equal(await slow.invoke(api("count")), 1);
  });

  test("an invocation goes on when its caller is gone", async () => {
    const left = worker("left");
    const path = `${left.path}/invoke-and-await?function=${encodeURIComponent(api("sleep"))}`;
    const caller = new AbortController();
    const init = {
      method: "POST",
      body: '{"params":[300]}',
      headers: { "idempotency-key": "l" },
      signal: caller.signal,
    };
    const call = fetch(server.url + path, init);
    await status(left, "Running");
    caller.abort();
    await assert.rejects(call);
    await status(left, "Idle");
    assert.equal(await left.invoke(api("count")), 1);
    assert.equal(await left.invoke(api("sleep"), [300], "l"), undefined);
    assert.equal(await left.invoke(api("count")), 1);
  });

  test("invocations run in the order in which they came, also after a crash", async () => {
    const queue = worker("queue");
    await queue.enqueue(api("sleep"), [1500]);
    for (let index = 1; index <= 5; index++) await queue.enqueue(api("bump"), [], `q${index}`);
    await eventually(
      async () => (await queue.metadata())["pendingInvocationCount"] === 5,
      "five invocations wait behind the sleep",
    );
    await server.restart();
    const results = await Promise.all([1, 2, 3, 4, 5].map((index) => queue.invoke(api("bump"), [], `q${index}`)));
    assert.deepEqual(results, [2, 3, 4, 5, 6]);
    assert.equal((await queue.metadata())["pendingInvocationCount"], 0);
    await status(queue, "Idle");
  });

  test("an invocation for a worker that isn't there yet is accepted before it runs", async () => {
    const enqueued = worker("enqueued");
    await enqueued.enqueue(api("bump"), [], "e");
    await server.restart();
    assert.equal(await enqueued.invoke(api("bump"), [], "e"), 1);
    assert.equal(await enqueued.invoke(api("count")), 1);
  });

  test("the first promise of the first invocation of a loaded worker has index 3", async () => {
    await client.ok("POST", `/v1/components/${componentId}/workers`, { name: "third", args: [], env: {} });
    assert.equal(((await worker("third").invoke(api("create"))) as JsonObject)["oplog-idx"], 3);
  });

  test("a promise: suspended until it is completed; completing again is false; all of it survives crashes", async () => {
    const promised = worker("promised");
    const [promise, call] = await waiting(promised, "p");
    assert.deepEqual((await complete(promised, promise, [1, 2, 255])).body, true);
    assert.deepEqual(((await call).body as JsonObject)["result"], {
      typ: { type: "Tuple", items: [{ type: "List", inner: { type: "U8" } }] },
      value: [[1, 2, 255]],
    });
    assert.deepEqual((await complete(promised, promise, [9])).body, false);
    await server.restart();
    assert.deepEqual((await complete(promised, promise, [9])).body, false);
    assert.deepEqual(await promised.invoke(api("await"), [promise]), [1, 2, 255]);
    await status(promised, "Idle");
  });

  test("a promise completed after a crash, and one completed before it is awaited", async () => {
    const late = worker("late");
    const [promise] = await waiting(late, "p");
    await server.restart();
    assert.equal((await late.metadata())["status"], "Suspended");
    assert.deepEqual((await complete(late, promise, [])).body, true);
    assert.deepEqual(await late.invoke(api("await"), [promise], "p"), []);
    const early = (await late.invoke(api("create"))) as JsonObject;
    assert.deepEqual((await complete(late, early, [4])).body, true);
    assert.deepEqual(await late.invoke(api("await"), [early]), [4]);
  });

  test("a promise completed by the guest itself", async () => {
    const inside = worker("inside");
    const promise = await inside.invoke(api("create"));
    assert.equal(await inside.invoke(api("complete"), [promise, [7]]), true);
    assert.equal(await inside.invoke(api("complete"), [promise, [8]]), false);
    await server.restart();
    assert.equal(await inside.invoke(api("complete"), [promise, [8]]), false);
    assert.deepEqual(await inside.invoke(api("await"), [promise]), [7]);
    assert.equal((await inside.invokeRaw(api("delete"), [promise])).status, 200);
    // What was awaited before it was deleted is replayed from the oplog.
    await server.restart();
    assert.equal(await inside.invoke(api("count")), 0);
    await inside.invoke(api("set-retries"), [0, 1000]);
    const error = golemErrorOf(await inside.invokeRaw(api("await"), [promise]));
    assert.match(String(error["details"]), /^Promise not found/u);
  });

  test("another worker's guest completes the promise", async () => {
    const one = worker("one");
    const [promise, call] = await waiting(one, "p");
    assert.equal(await worker("two").invoke(api("complete"), [promise, [3]]), true);
    assert.equal((await call).status, 200);
  });

  test("completing what is no promise", async () => {
    const none = worker("none");
    await none.invoke(api("bump"));
    const error = golemErrorOf(await none.send("POST", "/complete", { oplogIdx: 999, data: [] }));
    assert.deepEqual(error, {
      type: "PromiseNotFound",
      promiseId: { workerId: { componentId, workerName: "none" }, oplogIdx: 999 },
    });
    const wrong: readonly unknown[] = [
      {},
      { oplogIdx: 1 },
      { oplogIdx: -1, data: [] },
      { oplogIdx: 1, data: [256] },
      { oplogIdx: 1, data: "abc" },
      { oplogIdx: "1", data: [] },
    ];
    for (const body of wrong) {
      assert.equal((await none.send("POST", "/complete", body)).status, 400, JSON.stringify(body));
    }
  });

  test("interruption: the caller gets an error; resume continues", async () => {
    const stopped = worker("stopped");
    const call = stopped.invokeRaw(api("sleep"), [800], "s");
    await status(stopped, "Running");
    assert.deepEqual((await stopped.send("POST", "/interrupt")).body, {});
    assert.deepEqual(golemErrorOf(await call), { type: "Interrupted", recoverImmediately: false });
    assert.equal((await stopped.metadata())["status"], "Interrupted");
    await server.restart();
    assert.equal((await stopped.metadata())["status"], "Interrupted");
    // Its key gives the error as well; nothing is continued by that.
    assert.equal(golemErrorOf(await stopped.invokeRaw(api("sleep"), [800], "s"))["type"], "Interrupted");
    assert.equal((await stopped.metadata())["status"], "Interrupted");
    assert.deepEqual((await stopped.send("POST", "/resume")).body, {});
    await status(stopped, "Idle");
    assert.equal(await stopped.invoke(api("count")), 1);
  });

  test("an interrupted worker goes on when it is invoked: the old invocation first", async () => {
    const pushed = worker("pushed");
    const call = pushed.invokeRaw(api("sleep"), [600]);
    await status(pushed, "Running");
    await pushed.send("POST", "/interrupt");
    assert.equal(golemErrorOf(await call)["type"], "Interrupted");
    assert.equal(await pushed.invoke(api("count")), 1);
  });

  test("a suspended worker is interrupted; completing its promise continues it", async () => {
    const held = worker("held");
    const [promise, call] = await waiting(held, "p");
    await held.send("POST", "/interrupt");
    assert.equal(golemErrorOf(await call)["type"], "Interrupted");
    assert.equal((await held.metadata())["status"], "Interrupted");
    assert.deepEqual((await complete(held, promise, [5])).body, true);
    await status(held, "Idle");
    assert.deepEqual(await held.invoke(api("await"), [promise], "p"), [5]);
  });

  test("interrupting a worker at rest does nothing", async () => {
    const resting = worker("resting");
    await resting.invoke(api("bump"));
    assert.deepEqual((await resting.send("POST", "/interrupt")).body, {});
    assert.equal((await resting.metadata())["status"], "Idle");
    assert.deepEqual((await resting.send("POST", "/interrupt?recovery-immediately=true")).body, {});
    assert.equal(await resting.invoke(api("count")), 1);
  });

  test("recovery-immediately imitates a crash: the caller keeps waiting and gets its result", async () => {
    const crashed = worker("crashed");
    assert.equal(await crashed.invoke(api("bump")), 1);
    const call = crashed.invokeRaw(api("sleep"), [1000]);
    await status(crashed, "Running");
    assert.deepEqual((await crashed.send("POST", "/interrupt?recovery-immediately=true")).body, {});
    assert.equal((await call).status, 200);
    assert.equal(await crashed.invoke(api("count")), 2);
    assert.equal((await crashed.send("POST", "/interrupt?recovery-immediately=maybe")).status, 400);
  });

  test("resume is for suspended, interrupted and idle workers alone", async () => {
    const idle = worker("idle");
    await idle.invoke(api("bump"));
    assert.deepEqual((await idle.send("POST", "/resume")).body, {});
    const [promise] = await waiting(idle, "p");
    assert.deepEqual((await idle.send("POST", "/resume")).body, {});
    await complete(idle, promise, []);
    await status(idle, "Idle");
    const running = worker("running");
    await running.enqueue(api("sleep"), [2000]);
    await status(running, "Running");
    const error = golemErrorOf(await running.send("POST", "/resume"));
    assert.equal(error["type"], "InvalidRequest");
    assert.match(String(error["details"]), /not suspended, interrupted or idle/u);
  });

  test("a long sleep suspends the worker and outlasts a crash, without beginning anew", async () => {
    const sleeper = worker("sleeper");
    const begin = Date.now();
    await sleeper.enqueue(api("sleep"), [11_000], "s");
    await status(sleeper, "Suspended");
    await server.restart();
    assert.equal((await sleeper.metadata())["status"], "Suspended");
    await sleeper.invoke(api("sleep"), [11_000], "s");
    assert.ok(Date.now() - begin >= 10_990, "it did not sleep its time");
    assert.equal(await sleeper.invoke(api("count")), 1);
  });

  test("a deleted worker does not come back by its timer or its promise", async () => {
    const gone = worker("gone");
    const [promise] = await waiting(gone, "p");
    await gone.send("DELETE", "");
    const { status: code } = await complete(gone, promise, []);
    assert.ok(code === 200 || code === 500);
    assert.equal((await gone.send("GET", "")).status, 404);
    await server.restart();
    assert.equal((await gone.send("GET", "")).status, 404);
  });
});
