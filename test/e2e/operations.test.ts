/** Cancel, revert, fork, interrupt, resume, delete through REST: against a call under way, repeated, and killed. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { oplogOf, refusal, uploadAccounts } from "../support/account.ts";
import type { JsonObject, Reply, WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

function golemError({ status, body }: Reply): JsonObject {
  assert.equal(status, 500);
  return (body as { readonly golemError: JsonObject }).golemError;
}

describe("operations on workers", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);

  /** A worker that holds 5. */
  const create = async (name: string): Promise<WorkerClient> => {
    await worker(name).invoke("add", [5]);
    return worker(name);
  };
  const status = (of: WorkerClient, wanted: string): Promise<unknown> =>
    eventually(async () => (await of.metadata())["status"] === wanted, `${of.path} is ${wanted}`);
  const queued = (of: WorkerClient, count: number): Promise<unknown> =>
    eventually(async () => (await of.metadata())["pendingInvocationCount"] === count, `${count} are queued`);
  const cancel = (of: WorkerClient, key: string): Promise<Reply> => of.send("DELETE", `/invocations/${key}`);
  const kinds = async (of: WorkerClient): Promise<readonly string[]> =>
    (await oplogOf(of)).map(({ entry }) => entry.type);
  /** What the worker holds, and the status of its reply where it can't tell. */
  const sum = async (of: WorkerClient): Promise<unknown> => await of.invoke("sum");
  const done = async (reply: Promise<Reply>): Promise<void> => {
    const { status: code, body } = await reply;
    assert.deepEqual([code, body], [200, {}]);
  };
  const revertTo = (of: WorkerClient, lastOplogIndex: number): Promise<Reply> =>
    of.send("POST", "/revert", { type: "revertToOplogIndex", lastOplogIndex });
  const revertLast = (of: WorkerClient, numberOfInvocations: number): Promise<Reply> =>
    of.send("POST", "/revert", { type: "revertLastInvocations", numberOfInvocations });

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "60000"] });
    client = new Client(() => server.url);
    id = await uploadAccounts(client, [{ version: 1 }]);
  });
  after(() => server[Symbol.asyncDispose]());

  test("cancel: a queued call never runs, and whoever waits for it is told", async () => {
    const of = await create("cancelled");
    const running = of.invoke("slow-add", [1, 600], "running");
    await status(of, "Running");
    const waiting = of.invokeRaw("add", [100], "waiting");
    await of.enqueue("add", [1000], "enqueued");
    await queued(of, 2);
    for (const key of ["waiting", "enqueued", "waiting"]) {
      assert.deepEqual(await cancel(of, key), { status: 200, body: { canceled: true } });
    }
    assert.match(String(golemError(await waiting)["details"]), /cancelled/u);
    assert.deepEqual((await cancel(of, "running")).body, { canceled: false });
    assert.equal(await running, 6);
    assert.deepEqual((await cancel(of, "running")).body, { canceled: false });
    assert.equal((await cancel(of, "unknown")).status, 404);
    assert.equal((await cancel(worker("nobody"), "key")).status, 404);
    assert.equal(await sum(of), 6);
    assert.equal((await of.invokeRaw("add", [100], "waiting")).status, 500);
    await server.restart();
    assert.deepEqual((await cancel(of, "enqueued")).body, { canceled: true });
    assert.equal((await of.invokeRaw("add", [1000], "enqueued")).status, 500);
    assert.equal(await sum(of), 6);
    assert.equal((await kinds(of)).filter((kind) => kind === "CancelInvocation").length, 2);
  });

  test("cancel: acknowledged, it survives a kill at once", async () => {
    const of = await create("cancelled-killed");
    of.invoke("slow-add", [1, 500], "running").catch(() => undefined);
    await status(of, "Running");
    await of.enqueue("add", [100], "queued");
    assert.deepEqual((await cancel(of, "queued")).body, { canceled: true });
    await server.restart();
    assert.equal(await of.invoke("slow-add", [1, 500], "running"), 6);
    assert.equal(await sum(of), 6);
  });

  test("cancel: against the moment at which the call begins, exactly one of both wins", async () => {
    const of = await create("cancel-raced");
    let expected = 5;
    for (let round = 0; round < 20; round += 1) {
      const first = of.invoke("slow-add", [0, round % 4]);
      const second = of.invokeRaw("add", [1], `raced-${round}`);
      const { status: code, body } = await cancel(of, `raced-${round}`);
      const { status: result } = await second;
      await first;
      const cancelled = code === 200 && (body as { readonly canceled: boolean }).canceled;
      assert.equal(result, cancelled ? 500 : 200);
      if (!cancelled) expected += 1;
    }
    assert.equal(await sum(of), expected);
  });

  test("revert: takes back what was done, as far as it is told", async () => {
    const of = await create("reverted");
    for (const amount of [10, 100]) await of.invoke("add", [amount], `key-${amount}`);
    await done(revertLast(of, 1));
    assert.equal(await sum(of), 15);
    await server.restart();
    assert.equal(await sum(of), 15);
    // What was taken back may be done again under its key.
    assert.equal(await of.invoke("add", [100], "key-100"), 115);
    const { lastIndex } = (await of.send("GET", "/oplog?count=1")).body as { readonly lastIndex: number };
    await of.invoke("add", [1000]);
    await done(revertTo(of, lastIndex));
    await done(revertTo(of, lastIndex));
    assert.equal(await sum(of), 115);
    assert.equal(refusal(await revertLast(of, 100)), "Could not find 100 invocations to revert");
    assert.match(
      refusal(await revertTo(of, lastIndex + 1)),
      /^Attempted to revert to a deleted region in oplog to index/u,
    );
    assert.equal((await revertTo(of, 1_000_000)).status, 500);
    assert.equal((await revertTo(worker("nobody"), 1)).status, 404);
    assert.equal((await of.send("POST", "/revert", { type: "other" })).status, 400);
    assert.ok((await kinds(of)).includes("Revert"));
  });

  test("revert: a call that is taken back is interrupted, those queued behind it are answered", async () => {
    const of = await create("reverted-running");
    const { lastIndex } = (await of.send("GET", "/oplog?count=1")).body as { readonly lastIndex: number };
    const running = of.invokeRaw("slow-add", [1, 60_000], "running");
    await status(of, "Running");
    const waiting = of.invoke("add", [100], "waiting");
    // With it, both are in the oplog.
    await eventually(async () => {
      await of.enqueue("add", [0], "enqueued");
      return (await of.metadata())["pendingInvocationCount"] === 2;
    }, "both are queued");
    await done(revertTo(of, lastIndex));
    assert.equal(golemError(await running)["type"], "Interrupted");
    assert.equal(await waiting, 105);
    assert.equal(await sum(of), 105);
  });

  test("revert: acknowledged, it survives a kill; a failed worker lives again", async () => {
    const of = await create("reverted-killed");
    await of.invoke("add", [10]);
    assert.equal((await of.invokeRaw("fail")).status, 500);
    await done(revertLast(of, 1));
    await server.restart();
    assert.equal(await sum(of), 15);
    assert.equal((await of.metadata())["status"], "Idle");
  });

  test("fork: the copy goes on from where it was told", async () => {
    const of = await create("forked");
    const { lastIndex } = (await of.send("GET", "/oplog?count=1")).body as { readonly lastIndex: number };
    await of.invoke("add", [10]);
    const fork = (targetWorkerName: string, oplogIndexCutOff?: number): Promise<Reply> =>
      of.send("POST", "/fork", { targetWorkerName, oplogIndexCutOff });
    const { status: code, body } = await fork("copy");
    assert.deepEqual([code, body], [200, { workerId: { componentId: id, workerName: "copy" } }]);
    assert.equal((await fork("earlier-copy", lastIndex)).status, 200);
    await server.restart();
    assert.equal(await worker("copy").invoke("add", [1]), 16);
    assert.equal(await worker("earlier-copy").invoke("add", [1]), 6);
    assert.equal(await of.invoke("add", [100]), 115);
    assert.equal(golemError(await fork("copy"))["type"], "WorkerAlreadyExists");
    assert.match(refusal(await fork("new", 1)), /oplog_index_cut_off must be at least 2/u);
    assert.equal((await fork("new", 1_000_000)).status, 500);
    assert.equal((await fork("no name")).status, 400);
    const source = worker("nobody").send("POST", "/fork", { targetWorkerName: "new" });
    assert.equal((await source).status, 404);
    const [created] = await oplogOf(worker("copy"));
    assert.deepEqual(created?.entry["parent"], { componentId: id, workerName: "forked" });
  });

  test("fork: of one that runs, the copy has its own run", async () => {
    const of = await create("forked-running");
    const running = of.invoke("slow-add", [1, 500], "running");
    await status(of, "Running");
    assert.equal((await of.send("POST", "/fork", { targetWorkerName: "running-copy" })).status, 200);
    assert.equal(await running, 6);
    assert.equal(await worker("running-copy").invoke("slow-add", [1, 500], "running"), 6);
    assert.equal(await worker("running-copy").invoke("add", [1]), 7);
    assert.equal(await sum(of), 6);
  });

  test("interrupt and resume, each as often as one likes", async () => {
    const of = await create("interrupted");
    const running = of.invokeRaw("slow-add", [1, 1500], "running");
    await status(of, "Running");
    await Promise.all([done(of.send("POST", "/interrupt")), done(of.send("POST", "/interrupt"))]);
    assert.equal(golemError(await running)["type"], "Interrupted");
    await done(of.send("POST", "/interrupt"));
    await server.restart();
    assert.equal((await of.metadata())["status"], "Interrupted");
    assert.equal(golemError(await of.invokeRaw("slow-add", [1, 1500], "running"))["type"], "Interrupted");
    await done(of.send("POST", "/resume"));
    assert.equal(await of.invoke("slow-add", [1, 1500], "running"), 6);
    await done(of.send("POST", "/resume"));
    assert.equal(await sum(of), 6);
    assert.equal((await kinds(of)).filter((kind) => kind === "Interrupted").length, 1);
  });

  test("an imitated crash loses nobody's call, however often", async () => {
    const of = await create("crashed");
    const running = of.invoke("slow-add", [1, 800], "running");
    await status(of, "Running");
    const waiting = of.invoke("add", [10], "waiting");
    const crash = (): Promise<void> => done(of.send("POST", "/interrupt?recovery-immediately=true"));
    await Promise.all([crash(), crash()]);
    await crash();
    assert.equal(await running, 6);
    assert.equal(await waiting, 16);
    await crash();
    assert.equal(await sum(of), 16);
    assert.ok(!(await kinds(of)).includes("Interrupted"));
  });

  test("delete: interrupts a call under way; the name is free again", async () => {
    const of = await create("deleted");
    const running = of.invokeRaw("slow-add", [1, 60_000], "running");
    await status(of, "Running");
    await done(of.send("DELETE", ""));
    assert.equal(golemError(await running)["type"], "Interrupted");
    assert.equal((await of.send("DELETE", "")).status, 404);
    assert.equal((await of.send("GET", "/oplog?count=1")).status, 404);
    await server.restart();
    assert.equal((await of.send("GET", "")).status, 404);
    assert.equal(await of.invoke("slow-add", [1, 1], "running"), 1);
  });
});
