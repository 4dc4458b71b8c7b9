/** Oplog processors: what they are given, and which workers have them active (spec/service.md §10.3). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parse } from "@bytecodealliance/jco";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { ProcessorPlugin } from "../support/oplog-processor.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const unknownId = "00000000-0000-4000-8000-000000000000";
const call = ["exported-function-invoked", "exported-function-completed"];

describe("oplog processors", () => {
  let server: TestServer;
  let client: Client;
  let guest: Uint8Array;

  before(async () => {
    server = await TestServer.start({ flags: ["--executors", "2"] });
    client = new Client(() => server.url);
    guest = await parse(`(component
      (core module $main (func (export "answer") (result i32) (i32.const 7)))
      (core instance $main (instantiate $main))
      (func (export "answer") (result u32) (canon lift (core func $main "answer"))))`);
  });
  after(() => server[Symbol.asyncDispose]());

  const activePlugins = async (id: string, worker: string): Promise<unknown> =>
    (await client.worker(id, worker).metadata())["activePlugins"];

  const switchPlugin = (id: string, worker: string, how: string, installation: string): Promise<{ status: number }> =>
    client.worker(id, worker).send("POST", `/${how}-plugin?plugin-installation-id=${installation}`);

  test("entries arrive in order, with their values and the installation's parameters", async () => {
    const plugin = await ProcessorPlugin.register(client, "arrival");
    const id = await client.upload("arrival", guest);
    await client.worker(id, "before").invoke("answer");
    const installation = await plugin.install(id, { level: 'th"e\\' });
    const worker = client.worker(id, "w");
    assert.equal(await worker.invoke("answer", [], "key-1"), 7);
    assert.equal(await worker.invoke("answer", [], "key-2"), 7);
    const expected = ["create", "pending-worker-invocation", ...call, ...call];
    const arrived = await eventually(async () => {
      const tags = await plugin.tagsOf(installation, "w");
      return tags.length >= expected.length && tags;
    }, "all entries arrive");
    assert.deepEqual(arrived, expected);
    const parts = await plugin.seen(installation);
    assert.deepEqual([...new Set(parts.map(({ config, worker: name }) => `${config} ${name}`))], ['level=th"e\\ w']);
    const details = (await plugin.ask(installation, "details")).flat();
    const completed = "completed prim-u32 7";
    assert.deepEqual(details, [
      'create arrival level,th"e\\',
      "invoked answer key-1",
      completed,
      "invoked answer key-2",
      completed,
    ]);
    assert.deepEqual(await activePlugins(id, "w"), [installation]);
    assert.deepEqual(await activePlugins(id, "before"), []);
    await switchPlugin(id, "w", "deactivate", installation);
    const { entries } = (await client.ok("GET", `${worker.path}/oplog?from=1&count=100`)) as {
      readonly entries: readonly { readonly entry: JsonObject }[];
    };
    const description = {
      installation_id: installation,
      plugin_name: "arrival",
      plugin_version: "v1",
      parameters: { level: 'th"e\\' },
    };
    assert.deepEqual(entries[0]?.entry["initial_active_plugins"], [description]);
    const { type, plugin: switched } = entries.at(-1)?.entry ?? {};
    assert.deepEqual([type, switched], ["DeactivatePlugin", description]);
  });

  test("an error that it returns is told to operators, and nothing is sent again", async () => {
    const plugin = await ProcessorPlugin.register(client, "complaints");
    const id = await client.upload("complaints", guest);
    const installation = await plugin.install(id);
    await client.worker(id, "disliked").invoke("answer");
    await client.worker(id, "disliked").invoke("answer");
    const expected = ["create", "pending-worker-invocation", ...call, ...call];
    await eventually(
      async () => (await plugin.tagsOf(installation, "disliked")).length >= expected.length,
      "everything arrives",
    );
    assert.deepEqual(await plugin.tagsOf(installation, "disliked"), expected);
    const told = `the processor of plugin complaints (${installation}), given the oplog of ${id}/disliked, says: no good`;
    await eventually(() => Promise.resolve(server.errors.includes(told)), "operators are told");
  });

  test("what happens while it is switched off doesn't arrive", async () => {
    const plugin = await ProcessorPlugin.register(client, "switches");
    const id = await client.upload("switches", guest);
    const installation = await plugin.install(id);
    const worker = client.worker(id, "w");
    await client.ok("POST", `/v1/components/${id}/workers`, { name: "w", args: [], env: {} });
    assert.equal((await switchPlugin(id, "w", "deactivate", installation)).status, 200);
    assert.equal((await switchPlugin(id, "w", "deactivate", installation)).status, 200);
    assert.deepEqual(await activePlugins(id, "w"), []);
    await worker.invoke("answer");
    await server.restart();
    assert.deepEqual(await activePlugins(id, "w"), []);
    await worker.invoke("answer");
    assert.equal((await switchPlugin(id, "w", "activate", installation)).status, 200);
    assert.equal((await switchPlugin(id, "w", "activate", installation)).status, 200);
    assert.deepEqual(await activePlugins(id, "w"), [installation]);
    await worker.invoke("answer");
    const arrived = await eventually(async () => {
      const tags = (await plugin.seen(installation)).flatMap((part) => part.tags);
      return tags.at(-1) === "exported-function-completed" && tags;
    }, "what came last arrives");
    assert.deepEqual(arrived, ["create", "deactivate-plugin", "activate-plugin", ...call]);
    const status = async (how: string, name: string, plugins: string): Promise<number> =>
      (await switchPlugin(id, name, how, plugins)).status;
    assert.equal(await status("activate", "w", unknownId), 404);
    assert.equal(await status("deactivate", "w", unknownId), 404);
    assert.equal(await status("activate", "w", "no-uuid"), 400);
    assert.equal(await status("activate", "unknown", installation), 404);
  });

  test("an update switches on what the new version has installed", async () => {
    const plugin = await ProcessorPlugin.register(client, "update");
    const id = await client.upload("update", guest);
    const worker = client.worker(id, "w");
    await worker.invoke("answer");
    const installation = await plugin.install(id, { by: "update" });
    assert.equal((await switchPlugin(id, "w", "activate", installation)).status, 404);
    assert.equal((await worker.send("POST", "/update", { mode: "Automatic", targetVersion: 1 })).status, 200);
    await eventually(async () => (await worker.metadata())["componentVersion"] === 1, "the worker is updated");
    await worker.invoke("answer");
    const arrived = await eventually(async () => {
      const tags = (await plugin.seen(installation)).flatMap((part) => part.tags);
      return tags.includes("exported-function-completed") && tags;
    }, "what came after the update arrives");
    assert.deepEqual(arrived, ["successful-update", ...call]);
    assert.equal((await plugin.ask(installation, "details")).flat()[0], "updated 1 update by,update");
    assert.deepEqual(await activePlugins(id, "w"), [installation]);
  });

  test("the oplog of a processor goes to nobody, not even itself", async () => {
    const plugin = await ProcessorPlugin.register(client, "itself");
    const installation = await plugin.install(plugin.componentId);
    const worker = client.worker(plugin.componentId, "ordinary");
    await worker.invoke("seen");
    const expected = ["create", "pending-worker-invocation", ...call];
    const arrived = async (count: number): Promise<readonly string[]> =>
      await eventually(async () => {
        const workers = (await client.ok("GET", `/v1/components/${plugin.componentId}/workers`)) as {
          readonly workers: readonly { readonly workerId: { readonly workerName: string } }[];
        };
        const names = workers.workers.map(({ workerId }) => workerId.workerName);
        const processor = names.find((name) => name.startsWith(installation));
        if (processor === undefined) return false;
        assert.deepEqual(await activePlugins(plugin.componentId, processor), []);
        const seen = (await client.worker(plugin.componentId, processor).invoke("seen")) as readonly string[];
        assert.ok(seen.every((text) => text.split(" ")[1] === "ordinary"));
        const tags = seen.flatMap((text) => text.split(" ").at(-1)?.split(",") ?? []);
        return tags.length >= count && tags;
      }, `${count} entries arrive`);
    assert.deepEqual(await arrived(4), expected);
    await worker.invoke("seen");
    assert.deepEqual(await arrived(6), [...expected, ...call]);
  });

  test("a processor that fails gets everything when it works again, and holds no other up", async () => {
    const failing = await ProcessorPlugin.register(client, "failing processor");
    const working = await ProcessorPlugin.register(client, "working processor");
    const id = await client.upload("failing processor", guest);
    const broken = await failing.install(id);
    const whole = await working.install(id);
    await failing.ask(broken, "refuse", ["w"]);
    const worker = client.worker(id, "w");
    await worker.invoke("answer");
    const expected = ["create", "pending-worker-invocation", ...call, ...call];
    const failed = await eventually(async () => {
      for (const number of [0, 1, 2, 3]) {
        const { status } = await client.worker(failing.componentId, `${broken}-${number}`).metadata();
        if (status === "Failed") return `${broken}-${number}`;
      }
      return undefined;
    }, "the processor fails");
    await eventually(
      () => Promise.resolve(server.errors.includes("its oplog cannot be delivered for now: ")),
      "operators are told",
    );
    await worker.invoke("answer");
    await eventually(
      async () => (await working.tagsOf(whole, "w")).length >= expected.length,
      "the other one gets everything",
    );
    await server.restart();
    // A new one in its place refuses nothing.
    assert.equal((await client.worker(failing.componentId, failed).send("DELETE", "")).status, 200);
    await eventually(async () => (await failing.tagsOf(broken, "w")).length >= expected.length, "nothing was lost");
    assert.deepEqual(await failing.tagsOf(broken, "w"), expected);
    assert.deepEqual(await working.tagsOf(whole, "w"), expected);
  });
});
