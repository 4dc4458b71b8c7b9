/** golem:api/host: what a worker does to other workers, and learns of them; each also with a kill in between. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

type Update = { readonly type: string; readonly targetVersion: number; readonly details?: string };

describe("golem:api/host on other workers", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);
  const actor = (): WorkerClient => worker("actor");

  const upload = async (edit: (source: string) => string): Promise<void> => {
    const form = new FormData();
    form.set("component", new Blob([Uint8Array.from(await jsGuest("lifecycle", edit))]), "component.wasm");
    const { status, body } = await client.request("POST", `/v1/components/${id}/updates`, { body: form });
    assert.equal(status, 200, JSON.stringify(body));
  };

  /** The worker's updates, newest last, when there are so many that have ended. */
  const ended = (name: string, count: number): Promise<readonly Update[]> =>
    eventually(async () => {
      const { updates } = (await worker(name).metadata()) as { readonly updates: readonly Update[] };
      const all = updates.filter((update) => !/pending/iu.test(update.type));
      return all.length >= count && all;
    }, `${name} has ${count} updates behind it`);

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    id = await client.upload("lifecycle", await jsGuest("lifecycle"));
    // Workers of the first version, before there is another one.
    for (const name of ["actor", "replayed", "carried", "refused", "slow", "diverging"])
      await worker(name).invoke("add", [5]);
    await upload((source) => source.replace("versionNumber = 1", "versionNumber = 2"));
    await upload((source) => source.replace("total += amount;", "total += amount + Number(host.getOplogIndex());"));
    // What workers that are made from here on get.
    await upload((source) => source);
  });
  after(() => server[Symbol.asyncDispose]());

  test("update-worker, automatic, replays the history under the new version", async () => {
    await actor().invoke("update", ["replayed", 1, true], "update replayed");
    await ended("replayed", 1);
    assert.equal(await worker("replayed").invoke("version"), 2);
    await server.restart();
    await actor().invoke("update", ["replayed", 1, true], "update replayed");
    assert.equal(await worker("replayed").invoke("add", [1]), 6);
    assert.equal(await worker("replayed").invoke("origin"), "fresh");
    assert.equal((await worker("replayed").metadata())["componentVersion"], 1);
    const { status } = await actor().invokeRaw("update", ["replayed", 1, true]);
    assert.equal(status, 500);
  });

  test("an update under which the history diverges fails, and the old version goes on", async () => {
    await worker("doomed").invoke("add", [1]);
    await worker("doomed-actor").invoke("update", ["diverging", 2, true]);
    const [update] = await ended("diverging", 1);
    assert.match(String(update?.details), /oplog entry|recorded result/u);
    await server.restart();
    assert.equal(await worker("diverging").invoke("version"), 1);
    assert.equal(await worker("diverging").invoke("add", [1]), 6);
  });

  test("update-worker, snapshot-based, carries over what the guest saves", async () => {
    const other = worker("other-actor");
    await other.invoke("update", ["carried", 1, false]);
    await ended("carried", 1);
    await server.restart();
    assert.equal(await worker("carried").invoke("version"), 2);
    assert.equal(await worker("carried").invoke("origin"), "snapshot of 5");
    assert.equal(await worker("carried").invoke("add", [1]), 6);
    await server.restart();
    assert.equal(await worker("carried").invoke("add", [1]), 7);
  });

  test("a snapshot that the new version refuses changes nothing", async () => {
    await worker("refused").invoke("add", [8]);
    await worker("other-actor").invoke("update", ["refused", 1, false]);
    const [update] = await ended("refused", 1);
    assert.match(String(update?.details), /thirteen is not accepted/u);
    await server.restart();
    assert.equal(await worker("refused").invoke("version"), 1);
    assert.equal(await worker("refused").invoke("add", [1]), 14);
  });

  test("an update in the midst of a call loses nothing of it", async () => {
    const call = worker("slow").invoke("slow-add", [1, 1500], "slow");
    await eventually(async () => (await worker("slow").metadata())["status"] === "Running", "it runs");
    await worker("other-actor").invoke("update", ["slow", 1, true]);
    assert.equal(await call, 6);
    await ended("slow", 1);
    assert.equal(await worker("slow").invoke("version"), 2);
  });

  test("revert-worker takes back invocations, once, whatever is killed", async () => {
    for (const amount of [1, 2, 3]) await worker("reverted").invoke("add", [amount]);
    await worker("other-actor").invoke("revert", ["reverted", 2], "revert");
    await server.restart();
    await worker("other-actor").invoke("revert", ["reverted", 2], "revert");
    assert.equal(await worker("reverted").invoke("add", [10]), 11);
    await server.restart();
    assert.equal(await worker("reverted").invoke("add", [1]), 12);
    await worker("other-actor").invoke("revert-to", ["reverted", 1]);
    assert.equal(await worker("reverted").invoke("add", [1]), 1);
    assert.equal((await worker("revert-actor-2").invokeRaw("revert", ["reverted", 100])).status, 500);
    assert.equal((await worker("revert-actor-3").invokeRaw("revert-to", ["reverted", 1_000_000])).status, 500);
    assert.equal((await worker("revert-actor-4").invokeRaw("revert", ["revert-actor-4", 1])).status, 500);
  });

  test("a worker that has failed goes on when its failure is taken back", async () => {
    await worker("failed").invoke("add", [7]);
    assert.equal((await worker("failed").invokeRaw("fail")).status, 500);
    assert.equal((await worker("failed").invokeRaw("add", [1])).status, 500);
    await worker("other-actor").invoke("revert", ["failed", 1]);
    assert.equal(await worker("failed").invoke("add", [1]), 8);
    await server.restart();
    assert.equal(await worker("failed").invoke("add", [1]), 9);
  });

  test("fork-worker copies a worker up to an entry", async () => {
    for (const amount of [1, 2]) await worker("forked-source").invoke("add", [amount]);
    const lastIndex = await worker("forked-source").invoke("index");
    await worker("forked-source").invoke("add", [1000]);
    await worker("fork-actor").invoke("fork-worker", ["forked-source", "forked-copy", lastIndex], "fork");
    await server.restart();
    await worker("fork-actor").invoke("fork-worker", ["forked-source", "forked-copy", lastIndex], "fork");
    assert.equal(await worker("forked-copy").invoke("add", [10]), 13);
    assert.equal(await worker("forked-source").invoke("add", [100]), 1103);
    assert.equal(
      (await worker("fork-actor-2").invokeRaw("fork-worker", ["forked-source", "forked-copy", 2])).status,
      500,
    );
    assert.equal((await worker("fork-actor-3").invokeRaw("fork-worker", ["forked-source", "new", 1])).status, 500);
    assert.equal((await worker("fork-actor-4").invokeRaw("fork-worker", ["nobody", "new", 2])).status, 500);
  });

  test("fork returns in the copy, too", async () => {
    await worker("self-forked").invoke("add", [4]);
    assert.equal(await worker("self-forked").invoke("fork", ["self-copy"]), "original");
    assert.deepEqual(await worker("self-copy").invoke("observe"), ["forked"]);
    await server.restart();
    assert.deepEqual(await worker("self-copy").invoke("observe"), ["forked"]);
    assert.deepEqual(await worker("self-forked").invoke("observe"), ["original"]);
    assert.equal(await worker("self-copy").invoke("add", [1]), 5);
  });

  test("get-workers gives full pages by filters, the same again at replay", async () => {
    for (let index = 0; index < 60; index += 1) await worker(`many-${index}`).invoke("version");
    const found = (await worker("finder").invoke("find", ["many-", ""])) as readonly string[];
    assert.equal(found.length, 62);
    assert.deepEqual([found[0], found[51]], ["page of 50", "page of 10"]);
    await worker("many-60").invoke("version");
    await server.restart();
    assert.deepEqual(await worker("finder").invoke("observe"), found);
    assert.deepEqual(await worker("finder").invoke("find", ["many-", "failed"]), []);
    assert.equal(((await worker("finder").invoke("find", ["many-", "idle"])) as readonly string[]).length, 63);
  });

  test("get-workers and get-worker-metadata find the worker that asks as it is now", async () => {
    const self = worker("asks-of-itself");
    await self.invoke("version");
    assert.deepEqual(await self.invoke("find", ["asks-of-itself", "idle"]), []);
    assert.deepEqual(await self.invoke("find", ["asks-of-itself", "running"]), ["page of 1", "asks-of-itself"]);
    assert.match(String(await self.invoke("metadata", ["asks-of-itself"])), /^asks-of-itself,running,/u);
  });

  test("get-worker-metadata and resolve tell of what is there", async () => {
    await client.ok("POST", `/v1/components/${id}/workers`, { name: "described", args: ["x"], env: { A: "1" } });
    const described = "described,idle,3,0,x,A,1";
    assert.equal(await worker("reader").invoke("metadata", ["described"]), described);
    assert.equal(await worker("reader").invoke("metadata", ["nobody-here"]), null);
    const resolved = ["found", "none", "described", "described", "none", "a+b"];
    assert.deepEqual(await worker("reader").invoke("resolve", ["lifecycle", "described"]), resolved);
    await worker("described").send("DELETE", "");
    await server.restart();
    assert.deepEqual(await worker("reader").invoke("observe"), [described, ...resolved]);
  });
});
