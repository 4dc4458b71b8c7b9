/** golem:api/oplog: reading and searching oplogs from inside, with the same answers at replay. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";

describe("golem:api/oplog", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);
  const read = async (call: string, ...parameters: readonly unknown[]): Promise<readonly string[]> =>
    (await worker("reader").invoke(call, parameters)) as readonly string[];

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    id = await client.upload("oplog", await jsGuest("oplog"));
    await client.ok("POST", `/v1/components/${id}/workers`, { name: "read", args: [], env: { A: "b" } });
    await worker("read").invoke("work", ["first text", 3], "key-one");
    await worker("read").invoke("work", ["second text", 120], "key-two");
  });
  after(() => server[Symbol.asyncDispose]());

  test("get-oplog gives all entries in order, in pages of 100", async () => {
    const tags = await read("tags", "read", 1);
    assert.deepEqual([tags[0], tags[1]], ["page of 100", "create"]);
    const kinds = new Set(tags);
    for (const kind of [
      "exported-function-invoked",
      "imported-function-invoked",
      "exported-function-completed",
      "begin-atomic-region",
      "end-atomic-region",
      "change-retry-policy",
      "log",
    ]) {
      assert.ok(kinds.has(kind), kind);
    }
    const later = await read("tags", "read", 3);
    const entries = (of: readonly string[]): readonly string[] => of.filter((tag) => !tag.startsWith("page"));
    assert.deepEqual(entries(later), entries(tags).slice(2));
    assert.deepEqual(await read("tags", "nobody", 1), []);
    assert.deepEqual(await read("tags", "read", 100_000), []);
  });

  test("entries hold their values", async () => {
    assert.deepEqual(await read("details", "read"), [
      "read 0 A,b",
      "work key-one first text",
      "2 0.5",
      "info here logged first text",
      "golem api::generate_idempotency_key read-local record-value",
      "FIRST TEXT",
      "work key-two second text",
      "2 0.5",
      "info here logged second text",
      "golem api::generate_idempotency_key read-local record-value",
      "SECOND TEXT",
    ]);
  });

  test("what guests record themselves is shown as well", async () => {
    await worker("recording").invoke("record-own");
    const details = await read("details", "recording");
    assert.ok(details.includes("guest::own call 3 2"), details.join("\n"));
    assert.deepEqual(await read("search", "recording", '"own call"'), ["imported-function-invoked"]);
  });

  test("search-oplog finds words, phrases, expressions and paths", async () => {
    const call = "exported-function-invoked";
    for (const [query, expected] of [
      ["key-one", [call]],
      ['"second text" AND exportedfunctioninvoked', [call]],
      ['text:"first"', [call]],
      ["text=first", []],
      ['text="first text" OR text="second text"', [call, call]],
      ["/lo[g]{2}ed f/", ["log"]],
      ["change-retry-policy NOT key", ["change-retry-policy", "change-retry-policy"]],
      ["level:info (first OR nothing)", ["log"]],
      ["nothing-at-all", []],
    ] as const) {
      assert.deepEqual(await read("search", "read", query), expected, query);
    }
    assert.equal((await read("search", "read", '"wall_clock::now"')).length, 123);
    assert.equal((await worker("failing").invokeRaw("search", ["read", "(a"])).status, 500);
    // An expression that takes other engines for ever.
    assert.deepEqual(await read("search", "read", "/(a+)+$b/"), []);
  });

  test("what was read is read again at replay, though the other worker has gone on", async () => {
    const remembered = await read("observe");
    await worker("read").invoke("work", ["third", 1]);
    await server.restart();
    assert.deepEqual(await read("observe"), remembered);
  });
});
