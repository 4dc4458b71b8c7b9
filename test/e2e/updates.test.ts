/** Updates of live workers through REST, in both modes: while they run, after they failed, one after the other, killed. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { account, endedUpdates, oplogOf, refusal, update, uploadAccounts, uploadVersion } from "../support/account.ts";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

/** Versions of the component by what they are. */
const [first, second, diverging, withoutLoad, withoutSave] = [0, 1, 2, 3, 4] as const;

describe("updating workers", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);

  /** A worker of the first version that holds 5. */
  const create = async (name: string): Promise<WorkerClient> => {
    const created = worker(name);
    await created.invoke("add", [5]);
    return created;
  };
  const running = (of: WorkerClient): Promise<unknown> =>
    eventually(async () => (await of.metadata())["status"] === "Running", `${of.path} runs`);
  const updated = async (of: WorkerClient, target: number, mode: "Automatic" | "Manual"): Promise<void> => {
    const { status, body } = await update(of, target, mode);
    assert.deepEqual([status, body], [200, {}]);
  };

  const names = ["automatic", "manual", "diverging", "unsaved", "unloaded", "refused", "running", "queued", "failed"];
  const more = [
    "chained",
    "chained-running",
    "repeated",
    "suspended",
    "killed",
    "killed-manual",
    "reverted",
    "raced",
    "carried",
    "carried-unloaded",
  ];

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "500"] });
    client = new Client(() => server.url);
    id = await uploadAccounts(client, [{ version: 1 }]);
    for (const name of [...names, ...more]) await create(name);
    const versions = [
      { version: 2 },
      { version: 3, more: 1 },
      { version: 4, without: ["load"] },
      { version: 5, without: ["save"] },
    ] as const;
    for (const version of versions) await uploadVersion(client, id, await account(version));
  });
  after(() => server[Symbol.asyncDispose]());

  test("a new version disturbs nobody", async () => {
    assert.equal(await worker("automatic").invoke("sum"), 5);
    assert.equal((await worker("automatic").metadata())["componentVersion"], first);
    assert.equal(await worker("new").invoke("version"), 5);
  });

  test("Automatic replays the history under the new version, and stays after a kill", async () => {
    await updated(worker("automatic"), second, "Automatic");
    const [done] = await endedUpdates(worker("automatic"), 1);
    assert.deepEqual([done?.type, done?.targetVersion], ["successfulUpdate", second]);
    assert.equal(await worker("automatic").invoke("version"), 2);
    assert.equal(await worker("automatic").invoke("add", [1]), 6);
    await server.restart();
    assert.equal(await worker("automatic").invoke("add", [1]), 7);
    assert.equal(await worker("automatic").invoke("loads"), 0);
  });

  test("Manual carries over what the old version saves", async () => {
    await updated(worker("manual"), second, "Manual");
    await endedUpdates(worker("manual"), 1);
    assert.equal(await worker("manual").invoke("version"), 2);
    assert.equal(await worker("manual").invoke("loads"), 1);
    await server.restart();
    assert.equal(await worker("manual").invoke("add", [1]), 6);
    await updated(worker("manual"), diverging, "Manual");
    await endedUpdates(worker("manual"), 2);
    assert.equal(await worker("manual").invoke("add", [1]), 8);
  });

  test("what a function returned otherwise is a divergence, also at the very end of the history", async () => {
    const told = await worker("told").invoke("version");
    assert.equal(told, 5);
    await updated(worker("told"), second, "Automatic");
    const [failed] = await endedUpdates(worker("told"), 1);
    assert.equal(failed?.type, "failedUpdate");
    assert.equal(await worker("told").invoke("version"), 5);
  });

  test("a version that would have done otherwise is not taken; the old one goes on", async () => {
    await updated(worker("diverging"), diverging, "Automatic");
    const [failed] = await endedUpdates(worker("diverging"), 1);
    assert.equal(failed?.type, "failedUpdate");
    assert.match(failed.details ?? "", /^Automatic update failed: .*oplog entry at index \d+/u);
    assert.equal(await worker("diverging").invoke("version"), 1);
    await server.restart();
    assert.equal(await worker("diverging").invoke("add", [1]), 6);
    const types = (await oplogOf(worker("diverging"))).map(({ entry }) => entry.type);
    assert.ok(types.indexOf("PendingUpdate") < types.indexOf("FailedUpdate"));
    // Asked for again it is tried again.
    await updated(worker("diverging"), diverging, "Automatic");
    assert.equal((await endedUpdates(worker("diverging"), 2)).length, 2);
  });

  test("a snapshot that can't be made, read or taken leaves the old version", async () => {
    const cases = [
      ["unloaded", withoutLoad, /Failed to find exported load-snapshot function/u],
      ["refused", second, /Manual update failed to load snapshot: thirteen is not accepted/u],
    ] as const;
    await worker("refused").invoke("add", [8]);
    for (const [name, target, details] of cases) {
      await updated(worker(name), target, "Manual");
      const [failed] = await endedUpdates(worker(name), 1);
      assert.equal(failed?.type, "failedUpdate");
      assert.match(failed.details ?? "", details);
      assert.equal(await worker(name).invoke("version"), 1);
    }
    await updated(worker("unsaved"), withoutSave, "Automatic");
    await endedUpdates(worker("unsaved"), 1);
    await updated(worker("unsaved"), second, "Manual");
    const [, failed] = await endedUpdates(worker("unsaved"), 2);
    assert.match(failed?.details ?? "", /failed to get a snapshot for manual update: save-snapshot is not exported/u);
    await server.restart();
    assert.equal(await worker("unsaved").invoke("version"), 5);
    assert.equal(await worker("refused").invoke("sum"), 13);
  });

  test("a running worker goes on under the new version, its call is answered once", async () => {
    const call = worker("running").invoke("slow-add", [1, 400], "slow");
    await running(worker("running"));
    await updated(worker("running"), second, "Automatic");
    assert.equal(await call, 6);
    await endedUpdates(worker("running"), 1);
    assert.equal(await worker("running").invoke("version"), 2);
    assert.equal(await worker("running").invoke("slow-add", [1, 400], "slow"), 6);
  });

  test("Manual waits for its turn behind what is queued", async () => {
    const call = worker("queued").invoke("slow-add", [1, 400]);
    await running(worker("queued"));
    await worker("queued").enqueue("slow-add", [10, 10]);
    await updated(worker("queued"), second, "Manual");
    const versionAfter = worker("queued").invoke("version");
    assert.equal(await call, 6);
    assert.equal(await versionAfter, 2);
    assert.equal(await worker("queued").invoke("sum"), 16);
  });

  test("a worker that has failed comes to life under a version that replays it", async () => {
    const failed = worker("failed");
    assert.equal((await failed.invokeRaw("fail")).status, 500);
    assert.equal((await failed.metadata())["status"], "Failed");
    await updated(failed, diverging, "Automatic");
    await endedUpdates(failed, 1);
    await eventually(async () => (await failed.metadata())["status"] === "Failed", "it has failed again");
    await updated(failed, second, "Automatic");
    const [, done] = await endedUpdates(failed, 2);
    assert.equal(done?.type, "successfulUpdate");
  });

  test("updates asked for together are done in order", async () => {
    const chained = worker("chained");
    for (const target of [second, withoutLoad, withoutSave]) await updated(chained, target, "Automatic");
    const done = await endedUpdates(chained, 3);
    assert.deepEqual(
      done.map(({ type, targetVersion }) => [type, targetVersion]),
      [second, withoutLoad, withoutSave].map((target) => ["successfulUpdate", target]),
    );
    assert.equal(await chained.invoke("version"), 5);
    assert.equal(await chained.invoke("sum"), 5);
    const slow = worker("chained-running");
    const call = slow.invoke("slow-add", [1, 400]);
    await running(slow);
    await Promise.all([updated(slow, second, "Automatic"), updated(slow, withoutLoad, "Automatic")]);
    assert.equal(await call, 6);
    await endedUpdates(slow, 2);
  });

  test("what makes no sense is refused at once", async () => {
    const repeated = worker("repeated");
    assert.equal(refusal(await update(repeated, first, "Automatic")), "Worker is already at the target version");
    const call = repeated.invoke("slow-add", [1, 300]);
    await running(repeated);
    const replies = await Promise.all([update(repeated, second, "Manual"), update(repeated, second, "Manual")]);
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200, 500]));
    for (const reply of replies.filter(({ status }) => status === 500)) {
      assert.equal(refusal(reply), "The same update is already in progress");
    }
    await call;
    assert.equal((await endedUpdates(repeated, 1)).length, 1);
    assert.equal((await update(repeated, 99, "Automatic")).status, 400);
    assert.equal((await update(worker("nobody"), second, "Automatic")).status, 404);
    for (const body of [{ mode: "Both", targetVersion: 1 }, { mode: "Manual" }, { targetVersion: 1 }]) {
      assert.equal((await repeated.send("POST", "/update", body)).status, 400);
    }
  });

  test("a suspended worker is updated where it is, and wakes under the new version", async () => {
    const suspended = worker("suspended");
    const call = suspended.invoke("slow-add", [1, 2500], "sleep");
    await eventually(async () => (await suspended.metadata())["status"] === "Suspended", "it is suspended");
    await updated(suspended, second, "Automatic");
    await endedUpdates(suspended, 1);
    assert.equal(await call, 6);
    assert.equal(await suspended.invoke("version"), 2);
  });

  test("an acknowledged update survives a kill at once", async () => {
    await updated(worker("killed"), second, "Automatic");
    const call = worker("killed-manual").invoke("slow-add", [1, 300], "key");
    call.catch(() => undefined);
    await running(worker("killed-manual"));
    await updated(worker("killed-manual"), second, "Manual");
    await server.restart();
    for (const name of ["killed", "killed-manual"]) {
      const [done] = await endedUpdates(worker(name), 1);
      assert.equal(done?.type, "successfulUpdate", name);
      assert.equal(await worker(name).invoke("version"), 2);
    }
    assert.equal(await worker("killed-manual").invoke("slow-add", [1, 300], "key"), 6);
  });

  test("Automatic replays what followed a snapshot before it is a success", async () => {
    const carried = worker("carried");
    await updated(carried, diverging, "Manual");
    await endedUpdates(carried, 1);
    // One more than the other versions add.
    assert.equal(await carried.invoke("add", [1]), 7);
    await updated(carried, second, "Automatic");
    const [, refused] = await endedUpdates(carried, 2);
    assert.deepEqual([refused?.type, refused?.targetVersion], ["failedUpdate", second]);
    assert.match(String(refused?.details), /Unexpected oplog entry/u);
    await carried.send("POST", "/interrupt?recovery-immediately=true");
    await server.restart();
    assert.equal(await carried.invoke("add", [1]), 9);
    assert.equal((await carried.metadata())["componentVersion"], diverging);
  });

  test("Automatic from a snapshot needs a version that takes it, as a dry run tells", async () => {
    const carried = worker("carried-unloaded");
    await updated(carried, second, "Manual");
    await endedUpdates(carried, 1);
    const foreseen = await carried.send("POST", "/update-dry-run", { targetVersion: withoutLoad });
    assert.equal((foreseen.body as { readonly outcome: string }).outcome, "Fails", JSON.stringify(foreseen.body));
    await updated(carried, withoutLoad, "Automatic");
    const [, refused] = await endedUpdates(carried, 2);
    assert.deepEqual([refused?.type, refused?.targetVersion], ["failedUpdate", withoutLoad]);
    assert.equal(await carried.invoke("sum"), 5);
  });

  test("a revert takes an update back", async () => {
    const reverted = worker("reverted");
    const { lastIndex } = (await reverted.send("GET", "/oplog?count=1")).body as { readonly lastIndex: number };
    await updated(reverted, second, "Automatic");
    await endedUpdates(reverted, 1);
    await reverted.invoke("add", [100]);
    const target = { type: "revertToOplogIndex", lastOplogIndex: lastIndex };
    assert.equal((await reverted.send("POST", "/revert", target)).status, 200);
    assert.equal(await reverted.invoke("version"), 1);
    assert.equal(await reverted.invoke("sum"), 5);
  });

  test("calls, updates and interruptions at the same time lose nothing", async () => {
    const raced = worker("raced");
    const calls = Array.from({ length: 20 }, (_, index) => raced.invoke("slow-add", [1, index % 3], `raced ${index}`));
    const automatic = updated(raced, second, "Automatic");
    const crash = raced.send("POST", "/interrupt?recovery-immediately=true");
    await Promise.all([automatic, crash, updated(raced, withoutLoad, "Automatic")]);
    const sums = await Promise.all(calls);
    assert.deepEqual(new Set(sums), new Set(Array.from({ length: 20 }, (_, index) => 6 + index)));
    await endedUpdates(raced, 2);
    assert.equal(await raced.invoke("version"), 4);
  });
});
