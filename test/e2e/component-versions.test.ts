/** Deleting single versions of components: never one that anybody may need, for good, also when the server is killed. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { EmetClient, EmetError } from "@emet/contract/client";
import { account, endedUpdates, refusal, update, uploadAccounts, uploadVersion } from "../support/account.ts";
import { Client } from "../support/client.ts";
import type { JsonObject, WorkerClient } from "../support/client.ts";
import { ProcessorPlugin } from "../support/oplog-processor.ts";
import { TestServer } from "../support/server.ts";

describe("deleting versions of components", () => {
  let server: TestServer;
  let client: Client;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
  });
  after(() => server[Symbol.asyncDispose]());

  const versionsOf = async (id: string): Promise<unknown> =>
    ((await client.ok("GET", `/v1/components/${id}`)) as readonly JsonObject[]).map(
      ({ versionedComponentId }) => (versionedComponentId as JsonObject)["version"],
    );
  const remove = async (id: string, version: number): Promise<string> => {
    const { status, body } = await client.send("DELETE", `/v1/components/${id}/versions/${version}`);
    const { error = "" } = body as { readonly error?: string };
    return `${status} ${error.replace(/^.*: /u, "")}`.trim();
  };

  test("one that no worker has or had", async () => {
    const id = await uploadAccounts(client, [{ version: 1 }]);
    const worker = (name: string): WorkerClient => client.worker(id, name);
    await worker("old").invoke("add", [5]);
    await worker("moved").invoke("add", [5]);
    for (const version of [2, 3, 4]) await uploadVersion(client, id, await account({ version }));
    await update(worker("moved"), 3, "Automatic");
    await endedUpdates(worker("moved"), 1);
    const revert = { type: "revertToOplogIndex", lastOplogIndex: 3 };

    assert.equal(await remove(id, 3), "409 it is the latest version");
    assert.equal(await remove(id, 0), "409 worker old runs it");
    assert.equal(await remove(id, 9), `404 version 9 of component ${id}`);
    assert.equal(await remove(id, 2), "200");
    assert.equal(await remove(id, 2), `404 version 2 of component ${id}`);
    assert.equal((await worker("old").send("DELETE", "")).status, 200);
    assert.equal(await remove(id, 0), "409 worker moved has it in its history");
    assert.equal((await worker("moved").send("POST", "/revert", revert)).status, 200);
    assert.equal(await worker("moved").invoke("version"), 1);
    // Its oplog tells of what is void, too.
    assert.equal(await remove(id, 1), "200");
    assert.equal(await remove(id, 3), "409 it is the latest version");
    assert.equal(await remove(id, 0), "409 worker moved runs it");

    // The threads may still have it.
    assert.match(JSON.stringify((await update(worker("moved"), 1, "Automatic")).body), /has no version 1/u);

    await server.restart();
    assert.deepEqual(await versionsOf(id), [0, 3]);
    for (const path of ["versions/1", "download?version=1"]) {
      assert.equal((await client.send("GET", `/v1/components/${id}/${path}`)).status, 404);
    }
    assert.match(JSON.stringify((await update(worker("moved"), 1, "Automatic")).body), /has no version 1/u);
    assert.equal(await worker("moved").invoke("version"), 1);
    assert.equal((await worker("moved").send("DELETE", "")).status, 200);
    assert.equal(await remove(id, 0), "200");
    await uploadVersion(client, id, await account({ version: 5 }));
    assert.deepEqual(await versionsOf(id), [3, 4]);
    assert.equal(
      (await client.post("/v1/components", { name: "account", component: await account({ version: 1 }) })).status,
      409,
    );
    assert.equal(await worker("new").invoke("version"), 5);
    const files = await readdir(join(server.dataDirectory, "blobs"), { recursive: true });
    const left = files.filter((file) => /\/[01]\/component\.wasm$/u.test(file) && file.includes(id));
    assert.deepEqual(left, [], "nothing of the binaries is left");
  });

  test("an update to it that waits keeps it", async () => {
    const id = await client.upload("waiting", await account({ version: 1 }));
    const worker = client.worker(id, "w");
    await worker.invoke("add", [1]);
    for (const version of [2, 3]) await uploadVersion(client, id, await account({ version }));
    const call = worker.invoke("slow-add", [1, 1000]);
    assert.equal((await update(worker, 1, "Manual")).status, 200);
    assert.equal(await remove(id, 1), "409 worker w has it in its history");
    await call;
    await endedUpdates(worker, 1);
    assert.equal(refusal(await update(worker, 1, "Manual")), "Worker is already at the target version");
    assert.equal(await worker.invoke("version"), 2);
  });

  test("a plugin that is made of it keeps it, and the typed client tells why", async () => {
    const plugin = await ProcessorPlugin.register(client, "kept");
    await uploadVersion(client, plugin.componentId, await account({ version: 1 }));
    const emet = new EmetClient({ url: server.url });
    const refused = await emet.components.deleteVersion(plugin.componentId, 0).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(refused instanceof EmetError);
    assert.deepEqual([refused.code, /plugin kept v1 needs it/u.test(refused.message)], ["conflict", true]);
    await client.ok("DELETE", "/v1/plugins/kept/v1");
    await emet.components.deleteVersion(plugin.componentId, 0);
    assert.deepEqual(await versionsOf(plugin.componentId), [1]);
  });
});
