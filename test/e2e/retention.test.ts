/** What goes by itself or on request: deleted components, old ephemeral workers, idle instances. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const api = (name: string): string => `test:probe/api.{${name}}`;
const workerCount = 300;

async function fill(client: Client, componentId: string, count = workerCount): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `w${index}`);
  await Promise.all(names.map((name) => client.worker(componentId, name).invoke(api("bump"))));
}

async function workerNames(client: Client, componentId: string): Promise<readonly unknown[]> {
  const { workers } = (await client.ok("POST", `/v1/components/${componentId}/workers/find`, { count: 1000 })) as {
    readonly workers: readonly { readonly workerId: { readonly workerName: unknown } }[];
  };
  return workers.map(({ workerId }) => workerId.workerName);
}

async function componentFiles(server: TestServer, componentId: string): Promise<readonly string[]> {
  return await readdir(join(server.dataDirectory, "blobs", "components", componentId)).catch(() => []);
}

describe("deleting a component", () => {
  test("is refused while it has workers or a route, and takes everything along otherwise", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const binary = await moduleGuest("probe");
    const id = await client.upload("probe", binary);
    const path = `/v1/components/${id}`;
    await fill(client, id, 3);
    const refused = await client.send("DELETE", path);
    assert.equal(refused.status, 409);
    assert.match(String((refused.body as JsonObject)["error"]), /has workers/u);
    assert.equal((await workerNames(client, id)).length, 3);
    assert.equal(await client.worker(id, "w1").invoke(api("count")), 1);
    assert.deepEqual(await client.ok("DELETE", `${path}?delete-workers=true`), {});
    for (const gone of [path, `${path}/latest`, `${path}/versions/0`, `${path}/download`, `${path}/workers/w1`]) {
      assert.equal((await client.send("GET", gone)).status, 404, gone);
    }
    assert.equal((await client.worker(id, "w1").invokeRaw(api("bump"))).status, 404);
    assert.equal((await client.send("DELETE", path)).status, 404);
    assert.deepEqual(await client.ok("GET", "/v1/components"), []);
    assert.deepEqual(await componentFiles(server, id), []);
    const again = await client.upload("probe", binary);
    assert.notEqual(again, id);
    assert.equal(await client.worker(again, "w1").invoke(api("bump")), 1);
  });

  test("goes on after kill -9", async () => {
    await using server = await TestServer.start();
    const client = new Client(() => server.url);
    const id = await client.upload("probe", await moduleGuest("probe"));
    await fill(client, id);
    const removal = client.send("DELETE", `/v1/components/${id}?delete-workers=true`).catch(() => undefined);
    await eventually(async () => {
      const { status } = await client.send("GET", `/v1/components/${id}/latest`);
      return status === 404;
    }, "the component has ended");
    await server.restart();
    await removal;
    assert.equal((await client.send("GET", `/v1/components/${id}/latest`)).status, 404);
    await eventually(async () => (await componentFiles(server, id)).length === 0, "its files are gone");
    for (const index of [0, 150, workerCount - 1]) {
      assert.equal((await client.send("GET", `/v1/components/${id}/workers/w${index}`)).status, 404);
    }
    await client.upload("probe", await moduleGuest("probe"));
  });
});

test("ephemeral workers go when they have done nothing for long, durable ones stay", async () => {
  const flags = ["--ephemeral-retention-ms", "1", "--upkeep-ms", "20"];
  await using server = await TestServer.start({ flags });
  const client = new Client(() => server.url);
  const binary = await moduleGuest("probe");
  const durable = await client.upload("durable", binary);
  const ephemeral = await client.upload("ephemeral", binary, { componentType: "Ephemeral" });
  await fill(client, durable, 5);
  for (let round = 0; round < 3; round += 1) {
    await fill(client, ephemeral, 20);
    const path = `/v1/components/${ephemeral}/invoke-and-await?function=${encodeURIComponent(api("bump"))}`;
    await client.ok("POST", path, { params: [] });
    await eventually(async () => (await workerNames(client, ephemeral)).length === 0, "they are gone");
  }
  assert.equal((await workerNames(client, durable)).length, 5);
});

test("no call is lost of ephemeral workers that are about to go", async () => {
  const flags = ["--ephemeral-retention-ms", "1", "--upkeep-ms", "10", "--idle-unload-ms", "20"];
  await using server = await TestServer.start({ flags });
  const client = new Client(() => server.url);
  const id = await client.upload("ephemeral", await moduleGuest("probe"), { componentType: "Ephemeral" });
  const calls = async (_: unknown, index: number): Promise<void> => {
    const worker = client.worker(id, `w${index % 3}`);
    for (let count = 0; count < 500; count += 1) assert.equal(await worker.invoke(api("bump")), 1);
  };
  await Promise.all(Array.from({ length: 6 }, calls));
});

test("idle workers leave memory, and come back with what they had", async () => {
  await using server = await TestServer.start({ flags: ["--idle-unload-ms", "100", "--executor-ping-ms", "50"] });
  const client = new Client(() => server.url);
  const id = await client.upload("probe", await moduleGuest("probe"));
  await fill(client, id, 40);
  const loaded = async (): Promise<boolean> =>
    / 0$/mu.test(/^emet_workers_loaded\{.*$/mu.exec(await (await fetch(`${server.url}/metrics`)).text())?.[0] ?? "");
  await eventually(loaded, "no worker is in memory");
  assert.equal(await client.worker(id, "w7").invoke(api("bump")), 2);
});
