/** Going back behind updates that carried over a snapshot: the version before goes on, with all that it knew. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { account, endedUpdates, oplogOf, update, uploadAccounts, uploadVersion } from "../support/account.ts";
import { Client } from "../support/client.ts";
import type { Reply, WorkerClient } from "../support/client.ts";
import { ProcessorPlugin } from "../support/oplog-processor.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

describe("reverting updates", () => {
  let server: TestServer;
  let client: Client;
  let id: string;

  before(async () => {
    server = await TestServer.start({ flags: ["--suspend-after-ms", "500"] });
    client = new Client(() => server.url);
    id = await uploadAccounts(client, [{ version: 1 }]);
    for (const name of ["several", "counted", "midst"]) await worker(name).invoke("sum");
    for (const version of [2, 3]) await uploadVersion(client, id, await account({ version }));
  });
  after(() => server[Symbol.asyncDispose]());

  const worker = (name: string): WorkerClient => client.worker(id, name);
  const manually = async (of: WorkerClient, target: number, count: number): Promise<void> => {
    assert.equal((await update(of, target, "Manual")).status, 200);
    await endedUpdates(of, count);
  };
  const lastIndex = async (of: WorkerClient): Promise<number> =>
    ((await of.send("GET", "/oplog?count=1")).body as { readonly lastIndex: number }).lastIndex;
  const revertTo = (of: WorkerClient, lastOplogIndex: number): Promise<Reply> =>
    of.send("POST", "/revert", { type: "revertToOplogIndex", lastOplogIndex });
  const lastOf = async (of: WorkerClient, type: string): Promise<number> =>
    (await oplogOf(of)).findLast(({ entry }) => entry.type === type)?.oplogIndex ?? 0;
  const told = async (of: WorkerClient): Promise<readonly unknown[]> => [
    (await of.metadata())["componentVersion"],
    await of.invoke("version"),
    await of.invoke("sum"),
    await of.invoke("loads"),
  ];

  test("one after the other and all at once, over kills, and updated anew", async () => {
    const several = worker("several");
    await several.invoke("add", [5], "five");
    const first = await lastIndex(several);
    await manually(several, 1, 1);
    await several.invoke("add", [10], "ten");
    const second = await lastIndex(several);
    await manually(several, 2, 2);
    await several.invoke("add", [100], "hundred");
    assert.deepEqual(await told(several), [2, 3, 115, 1]);

    assert.equal((await revertTo(several, second)).status, 200);
    assert.deepEqual(await told(several), [1, 2, 15, 1]);
    assert.equal((await endedUpdates(several, 1)).length, 1);
    await server.restart();
    assert.deepEqual(await told(several), [1, 2, 15, 1]);

    assert.equal((await revertTo(several, first)).status, 200);
    await server.restart();
    assert.deepEqual(await told(several), [0, 1, 5, 0]);
    assert.equal(await several.invoke("add", [5], "five"), 5, "what was answered before stays answered");
    assert.equal(await several.invoke("add", [1], "ten"), 6, "what is void is not known any more");

    await manually(several, 2, 1);
    assert.deepEqual(await told(several), [2, 3, 6, 1]);
    await server.restart();
    assert.deepEqual(await told(several), [2, 3, 6, 1]);
    const replies = await oplogOf(several);
    assert.equal(replies.filter(({ entry }) => entry.type === "Revert").length, 2);

    assert.equal((await revertTo(several, 2)).status, 200);
    await server.restart();
    assert.deepEqual(await told(several), [0, 1, 0, 0], "as it was created");
  });

  test("the last invocations are counted behind an update, too", async () => {
    const counted = worker("counted");
    for (const amount of [1, 2]) await counted.invoke("add", [amount]);
    await manually(counted, 1, 1);
    await counted.invoke("add", [4]);
    const revert = { type: "revertLastInvocations", numberOfInvocations: 2 };
    assert.equal((await counted.send("POST", "/revert", revert)).status, 200);
    assert.deepEqual(await told(counted), [0, 1, 1, 0]);
  });

  test("to the midst of the update, and into an invocation before it", async () => {
    const midst = worker("midst");
    await midst.invoke("slow-add", [5, 1], "slow");
    const inside = await lastOf(midst, "ExportedFunctionInvoked");
    await manually(midst, 1, 1);
    const pending = await lastOf(midst, "PendingUpdate");
    assert.equal((await revertTo(midst, pending)).status, 200);
    assert.deepEqual(await told(midst), [0, 1, 5, 0]);
    await manually(midst, 2, 1);
    assert.equal((await revertTo(midst, inside)).status, 200);
    // The invocation under way there goes on by itself.
    await eventually(async () => (await midst.metadata())["status"] === "Idle", "it has ended again");
    assert.equal(await midst.invoke("slow-add", [5, 1], "slow"), 5);
    assert.deepEqual(await told(midst), [0, 1, 5, 0]);
  });

  test("plugins are again those of before", async () => {
    const plugin = await ProcessorPlugin.register(client, "reverted");
    const other = await client.upload("plugged", await account({ version: 1 }));
    const plugged = client.worker(other, "w");
    await plugged.invoke("add", [5]);
    const first = await lastIndex(plugged);
    const installation = await plugin.install(other);
    // Which made a version of its own.
    await manually(plugged, 1, 1);
    assert.deepEqual((await plugged.metadata())["activePlugins"], [installation]);
    assert.equal((await revertTo(plugged, first)).status, 200);
    const active = async (): Promise<unknown> => (await plugged.metadata())["activePlugins"];
    assert.deepEqual(await active(), []);
    await server.restart();
    assert.deepEqual([await active(), await plugged.invoke("sum")], [[], 5]);
    // The revert, by which it is switched off, is the last that it gets.
    const seen = await eventually(async () => {
      const tags = (await plugin.seen(installation)).flatMap((part) => part.tags);
      return tags.at(-1) === "revert" && tags;
    }, "the revert arrives");
    assert.deepEqual(seen, ["successful-update", "revert"]);
  });
});
