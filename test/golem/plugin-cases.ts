/** Components that are plugins of others. */
import assert from "node:assert/strict";
import type { JsonObject } from "../support/client.ts";
import { eventually } from "../support/poll.ts";
import type { Case } from "./setting.ts";

const item = { "product-id": "G1", name: "tea", price: 2.5, quantity: 2 };

/** It remembers which functions of which workers were invoked; an installation has four workers for it. */
const oplogProcessor: Case = async ({ client, id, server, install }) => {
  const observed = await install("shopping-cart");
  await client.ok("POST", "/v1/plugins", {
    name: "oplog-processor",
    version: "1",
    description: "",
    icon: [],
    homepage: "",
    specs: { type: "OplogProcessor", componentId: id, componentVersion: 0 },
    scope: { type: "Component", componentId: observed },
  });
  const path = `/v1/components/${observed}/latest/plugins/installs`;
  const creation = { name: "oplog-processor", version: "1", priority: 0, parameters: { some: "value" } };
  const installation = String(((await client.ok("POST", path, creation)) as JsonObject)["id"]);
  const seen = async (): Promise<readonly string[]> => {
    const workers = [0, 1, 2, 3].map((number) => client.worker(id, `${installation}-${number}`));
    const lists = await Promise.all(
      workers.map((worker) => worker.invoke("golem:component/api.{get-invoked-functions}")),
    );
    return (lists as string[][]).flat();
  };
  const cart = client.worker(observed, "cart");
  const invoked: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    await cart.invoke("golem:it/api.{initialize-cart}", ["user"]);
    await cart.invoke("golem:it/api.{add-item}", [item]);
    invoked.push("golem:it/api.{initialize-cart}", "golem:it/api.{add-item}");
    await server.restart();
    const arrived = await eventually(async () => {
      const functions = await seen();
      return functions.length >= invoked.length && functions;
    }, `${invoked.length} invocations arrive`);
    assert.deepEqual(
      arrived,
      invoked.map((name) => `-1/${observed}/cart/${name}`),
    );
  }
};

export const pluginCases = { "oplog-processor": oplogProcessor };
