/** wasi:config and wasi:clocks/timezone: what a worker is given at its creation (spec/host-interfaces.md §22). */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";
import { threeWays } from "../support/three-ways.ts";

const summer = Date.UTC(2024, 6, 1) / 1000;

threeWays("config", {
  "has no settings by default": { call: "settings", expected: [], remembered: ["[]"] },
  "is in UTC by default": { call: "zone", parameters: () => [summer], expected: ["UTC", 0, false] },
});

describe("a worker's settings", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    componentId = await client.upload("config", await jsGuest("config"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("are those of its creation, after a kill, too", async () => {
    const config = { mode: "fast", "": "empty name", "a=b": "\u{1f600}" };
    const env = { TZ: "Europe/Berlin" };
    await client.ok("POST", `/v1/components/${componentId}/workers`, { name: "w", args: [], env, config });
    const worker = client.worker(componentId, "w");
    for (const kill of [true, false]) {
      assert.deepEqual(await worker.invoke("settings"), Object.entries(config));
      assert.equal(await worker.invoke("setting", ["mode"]), "fast");
      assert.equal(await worker.invoke("setting", ["Mode"]), null);
      assert.deepEqual(await worker.invoke("zone", [summer]), ["GMT+2", 7200, true]);
      if (kill) await server.restart();
    }
  });

  test("must be texts", async () => {
    const body = { name: "refused", args: [], env: {}, config: { mode: 7 } };
    assert.equal((await client.send("POST", `/v1/components/${componentId}/workers`, body)).status, 400);
  });
});
