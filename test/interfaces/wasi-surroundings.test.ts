/** wasi:cli, wasi:random and wasi:logging: what a worker is told of its surroundings, and what it says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../support/client.ts";
import type { JsonObject } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";
import { threeWays } from "../support/three-ways.ts";

threeWays("surroundings", {
  "draws at random": {
    call: "draw",
    expected: true,
    remembered: (drawn: unknown) => assert.equal(Array.isArray(drawn) && drawn.length, 9),
  },
  "looks around": {
    call: "look",
    expected: ["GOLEM_WORKER_NAME,GOLEM_COMPONENT_ID,GOLEM_COMPONENT_VERSION", "", "undefined", "0", "closed"],
  },
  speaks: { call: "speak", parameters: () => [5], expected: [1, 2, 3, 4, 5].map((time) => `said ${time}`) },
});

test("a worker that exits stays so", async () => {
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const componentId = await client.upload("surroundings", await jsGuest("surroundings"));
  for (const code of [null, 0, 3]) {
    const worker = client.worker(componentId, `leaving-${code}`);
    const { status, body } = await worker.invokeRaw("leave", [code]);
    assert.equal(status, 500);
    assert.match(JSON.stringify(body), /exited/iu);
    for (const again of [false, true]) {
      if (again) await server.restart();
      const metadata: JsonObject = await worker.metadata();
      assert.equal(metadata["status"], "Exited");
      assert.match(JSON.stringify((await worker.invokeRaw("observe")).body), /PreviousInvocationExited/u);
    }
  }
});
