/** What an update would come to, learnt without touching the worker. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { account, endedUpdates, oplogOf, refusal, update, uploadAccounts, uploadVersion } from "../support/account.ts";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

interface DryRun {
  readonly targetVersion: number;
  readonly currentVersion: number;
  readonly outcome: "Compatible" | "Diverges" | "Fails";
  readonly lastIndex: number;
  readonly replayedUntil: number;
  readonly divergence: { readonly oplogIndex: number; readonly expected: string; readonly found: string } | null;
  readonly details: string | null;
}

const [first, second, diverging, withoutAdd] = [0, 1, 2, 3] as const;

describe("a dry run of an update", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);
  const create = async (name: string): Promise<WorkerClient> => {
    await worker(name).invoke("add", [5]);
    return worker(name);
  };

  const dryRun = async (of: WorkerClient, targetVersion: number): Promise<DryRun> => {
    const { status, body } = await of.send("POST", "/update-dry-run", { targetVersion });
    assert.equal(status, 200, JSON.stringify(body));
    return body as DryRun;
  };

  /** Runs it against a compatible and a diverging version; the worker is as it was. */
  const leavesAlone = async (of: WorkerClient): Promise<void> => {
    const asItWas = [await of.metadata(), await oplogOf(of)];
    const compatible = await dryRun(of, second);
    assert.deepEqual([compatible.outcome, compatible.divergence], ["Compatible", null], JSON.stringify(compatible));
    assert.equal(compatible.replayedUntil, compatible.lastIndex);
    const { outcome, divergence, replayedUntil } = await dryRun(of, diverging);
    assert.equal(outcome, "Diverges");
    assert.equal(divergence?.oplogIndex, replayedUntil + 1);
    assert.match(divergence.expected, /recorded result of add/u);
    assert.deepEqual([await of.metadata(), await oplogOf(of)], asItWas);
  };

  const names = ["idle", "evicted", "failed", "suspended", "interrupted", "running", "carried", "trapping"];

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "500"] });
    client = new Client(() => server.url);
    id = await uploadAccounts(client, [{ version: 1 }]);
    for (const name of names) await create(name);
    for (const version of [{ version: 2 }, { version: 3, more: 1 }]) {
      await uploadVersion(client, id, await account(version));
    }
    const renamed = await textGuest("account", (source) =>
      source.replaceAll('(func (export "add")', '(func (export "plus")'),
    );
    await uploadVersion(client, id, renamed);
  });
  after(() => server[Symbol.asyncDispose]());

  test("tells of an idle worker whether a version fits, and where it doesn't", async () => {
    await leavesAlone(worker("idle"));
    const { outcome, details } = await dryRun(worker("idle"), withoutAdd);
    assert.equal(outcome, "Fails");
    assert.match(details ?? "", /add/u);
    assert.equal((await dryRun(worker("idle"), first)).outcome, "Compatible");
    assert.equal(await worker("idle").invoke("add", [1]), 6);
  });

  test("does not load a worker that isn't", async () => {
    await server.restart();
    await leavesAlone(worker("evicted"));
  });

  test("takes a worker that has failed", async () => {
    assert.equal((await worker("failed").invokeRaw("fail")).status, 500);
    await leavesAlone(worker("failed"));
  });

  test("neither wakes nor disturbs one that sleeps", async () => {
    const suspended = worker("suspended");
    const call = suspended.invoke("slow-add", [1, 2500], "key");
    await eventually(async () => (await suspended.metadata())["status"] === "Suspended", "it is suspended");
    await leavesAlone(suspended);
    assert.equal(await call, 6);
  });

  test("takes one that was interrupted", async () => {
    const interrupted = worker("interrupted");
    const call = interrupted.invokeRaw("slow-add", [1, 300_000]);
    await eventually(async () => (await interrupted.metadata())["status"] === "Suspended", "it is suspended");
    await interrupted.send("POST", "/interrupt");
    assert.equal((await call).status, 500);
    await leavesAlone(interrupted);
    assert.equal((await interrupted.metadata())["status"], "Interrupted");
  });

  test("goes on beside one that runs", async () => {
    const running = worker("running");
    const call = running.invoke("slow-add", [1, 450]);
    await eventually(async () => (await running.metadata())["status"] === "Running", "it runs");
    const [compatible, divergence] = await Promise.all([dryRun(running, second), dryRun(running, diverging)]);
    assert.deepEqual([compatible.outcome, divergence.outcome], ["Compatible", "Diverges"]);
    assert.equal(await call, 6);
  });

  test("begins where an update has begun with a snapshot", async () => {
    await update(worker("carried"), second, "Manual");
    await endedUpdates(worker("carried"), 1);
    // What was before the snapshot needn't be done again.
    const unused = await dryRun(worker("carried"), diverging);
    assert.deepEqual([unused.outcome, unused.currentVersion], ["Compatible", second]);
    await worker("carried").invoke("add", [1]);
    assert.equal((await dryRun(worker("carried"), diverging)).outcome, "Diverges");
  });

  test("says the same as the update itself", async () => {
    const trapping = worker("trapping");
    for (const target of [withoutAdd, diverging, second]) {
      const { outcome } = await dryRun(trapping, target);
      const { length } = ((await trapping.metadata()) as { readonly updates: readonly unknown[] }).updates;
      await update(trapping, target, "Automatic");
      const updates = await endedUpdates(trapping, length + 1);
      const type = outcome === "Compatible" ? "successfulUpdate" : "failedUpdate";
      assert.equal(updates.at(-1)?.type, type, JSON.stringify(updates));
    }
  });

  test("is refused for what can't be updated", async () => {
    assert.equal((await worker("nobody").send("POST", "/update-dry-run", { targetVersion: 1 })).status, 404);
    assert.equal((await worker("idle").send("POST", "/update-dry-run", { targetVersion: 99 })).status, 400);
    const ephemeral = await client.upload("ephemeral", await account({ version: 1 }), { componentType: "Ephemeral" });
    await client.worker(ephemeral, "e").invoke("add", [1]);
    const refused = await client.worker(ephemeral, "e").send("POST", "/update-dry-run", { targetVersion: 0 });
    assert.equal(refusal(refused), "Ephemeral workers cannot be updated");
  });
});
