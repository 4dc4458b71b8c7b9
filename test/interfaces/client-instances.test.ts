/** Generated client instances, linked from the metadata of the component that imports them. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { moduleGuest } from "../support/guests.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";

const target = { interfaceName: "test:counters/api", componentName: "counters", componentType: "Durable" };
const dynamicLinking = {
  dynamicLinking: { "test:client/counters-client": { type: "WasmRpc", targets: { api: target, counter: target } } },
};

describe("client instances", () => {
  let server: TestServer;
  let client: Client;
  let id: string;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    await client.upload("counters", await moduleGuest("counters"));
    const form = new FormData();
    form.set("name", "client");
    form.set("component", new Blob([Uint8Array.from(await jsGuest("client"))]), "component.wasm");
    form.set("dynamicLinking", JSON.stringify(dynamicLinking));
    const { status, body } = await client.request("POST", "/v1/components", { body: form });
    assert.equal(status, 200, JSON.stringify(body));
    const created = body as {
      readonly versionedComponentId: { readonly componentId: string };
      readonly metadata: object;
    };
    id = created.versionedComponentId.componentId;
    assert.deepEqual((created.metadata as typeof dynamicLinking).dynamicLinking, dynamicLinking.dynamicLinking);
  });
  after(() => server[Symbol.asyncDispose]());

  test("call functions of a worker and methods of its resources, and drop those", async () => {
    const worker = client.worker(id, "w");
    const expected = [15, 16, 16, 0, 1, 1];
    assert.deepEqual(await worker.invoke("count", ["callee"], "first"), expected);
    await server.restart();
    assert.deepEqual(await worker.invoke("count", ["callee"], "first"), expected);
    assert.deepEqual(await worker.invoke("observe"), expected);
    assert.deepEqual(await worker.invoke("count", ["callee"]), [15, 16, 16, 1, 2, 2]);
  });

  test("keep a resource of another worker through a kill of both", async () => {
    const worker = client.worker(id, "keeper");
    await worker.invoke("keep", ["kept", 7]);
    for (const expected of [8, 9, 10]) {
      assert.equal(await worker.invoke("kept"), expected);
      await server.restart();
    }
  });

  test("a form whose linking makes no sense is refused", async () => {
    const form = new FormData();
    form.set("name", "refused");
    form.set("component", new Blob([Uint8Array.from(await jsGuest("client"))]), "component.wasm");
    for (const text of ["{", "{}", '{"dynamicLinking":{"a":{"type":"Other"}}}']) {
      form.set("dynamicLinking", text);
      assert.equal((await client.request("POST", "/v1/components", { body: form })).status, 400, text);
    }
  });
});
