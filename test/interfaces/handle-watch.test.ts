/** wasi:keyvalue/handle-watch: workers are told of every change of the buckets that they have opened, once each. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

describe("wasi:keyvalue/handle-watch", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);

  /** What a worker was told, when it has been told so much. */
  const told = (name: string, count: number): Promise<readonly string[]> =>
    eventually(async () => {
      const all = (await worker(name).invoke("observe")) as readonly string[];
      return all.length >= count && all;
    }, `${name} is told ${count} times`);

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    id = await client.upload("watch", await jsGuest("watch"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("tells all workers that have opened the bucket, in the order of the changes", async () => {
    await worker("one").invoke("watch", ["first"]);
    await worker("two").invoke("watch", ["first"]);
    await worker("elsewhere").invoke("watch", ["second"]);
    await worker("writer").invoke("change", ["first", 3]);
    const expected = ["set key-0 v0 true", "set key-1 v1 true", "set key-2 v2 true"];
    for (const name of ["one", "two", "writer"]) assert.deepEqual(await told(name, 3), expected, name);
    assert.deepEqual(await worker("elsewhere").invoke("observe"), []);
    await server.restart();
    for (const name of ["one", "two"]) assert.deepEqual(await worker(name).invoke("observe"), expected, name);
  });

  test("tells of numbers, batches and deletions; not of values that are gone already", async () => {
    await worker("watcher").invoke("watch", ["third"]);
    await worker("other").invoke("others", ["third"]);
    const deletions = ["delete a", "delete b", "delete none"];
    const all = await eventually(async () => {
      const list = (await worker("watcher").invoke("observe")) as readonly string[];
      return deletions.every((text) => list.includes(text)) && list;
    }, "all deletions are told");
    assert.equal(all[0], "set counter number true");
    for (const text of all.slice(1)) assert.match(text, /^(set [ab] [AB] (true|false)|delete (a|b|none))$/u);
  });

  test("each change is told once, though the server is killed again and again", async () => {
    await worker("survivor").invoke("watch", ["fourth"]);
    for (let round = 0; round < 3; round += 1) {
      const call = worker("killed")
        .invokeRaw("change", ["fourth", 40], `round ${round}`)
        .catch(() => undefined);
      await eventually(
        async () => ((await worker("survivor").invoke("observe")) as readonly string[]).length > round * 40,
        "some are told",
      );
      await server.restart();
      await call;
      await worker("killed").invoke("change", ["fourth", 40], `round ${round}`);
    }
    const all = await told("survivor", 120);
    assert.equal(all.length, 120);
    for (let key = 0; key < 40; key += 1) {
      assert.equal(all.filter((text) => text === `set key-${key} v${key} true`).length, 3, String(key));
    }
  });

  test("clients can't call what is for hosts to call, and a deleted worker is told no more", async () => {
    const { status } = await worker("one").invokeRaw("wasi:keyvalue/handle-watch@0.1.0.{on-delete}", [0, "key"]);
    assert.ok(status >= 400, String(status));
    await worker("short-lived").invoke("watch", ["fifth"]);
    await worker("short-lived").send("DELETE", "");
    await worker("last").invoke("change", ["fifth", 1]);
    await told("last", 1);
    assert.equal((await client.request("GET", worker("short-lived").path)).status, 404);
  });
});
