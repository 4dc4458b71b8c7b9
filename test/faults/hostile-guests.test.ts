/** Guests that misuse what they import fail for themselves: the server stays up, and other workers answer meanwhile. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { TestServer } from "../support/server.ts";

/** What each misuse is answered with, by the canonical ABI or by the interface. */
const misuses: { readonly [call: string]: RegExp } = {
  forged: /unknown handle index 12345/u,
  "wrong-type": /used with the wrong type/u,
  dropped: /unknown handle index/u,
  "long-list": /out of bounds|too long/u,
  outside: /out of bounds/u,
  "empty-list": /empty poll list/u,
  endless: /too many handles|too many|faster than the store|full/u,
};

describe("hostile guests", () => {
  let server: TestServer;
  let client: Client;
  let id: string;
  const worker = (name: string): WorkerClient => client.worker(id, name);

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    id = await client.upload("hostile", await textGuest("hostile"));
    assert.equal(await worker("other").invoke("seven"), 7);
  });
  after(() => server[Symbol.asyncDispose]());

  for (const [call, reason] of Object.entries(misuses)) {
    test(`${call} ends its own worker and disturbs no other`, async () => {
      const misuse = worker(call).invokeRaw(call);
      assert.equal(await worker("other").invoke("seven"), 7);
      const { status, body } = await misuse;
      assert.equal(status, 500);
      assert.match(JSON.stringify(body), reason);
      assert.equal(await worker("other").invoke("seven"), 7);
      assert.equal((await client.request("GET", "/healthcheck")).status, 200);
    });
  }

  test("what they left is no trouble after a kill either", async () => {
    await server.restart();
    assert.equal(await worker("other").invoke("seven"), 7);
    for (const call of Object.keys(misuses)) {
      assert.equal((await worker(call).metadata())["status"], "Failed", call);
    }
  });
});
