/** golem:api/host@0.2, which components of Golem 1.0 import: what it has beside the newer one, on other workers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

test("workers find, describe and update each other", async () => {
  await using server = await TestServer.start();
  const client = new Client(() => server.url);
  const component = await jsGuest("first-api");
  const id = await client.upload("first-api", component);
  for (const name of ["one-found", "two-found", "other"]) await client.worker(id, name).invoke("add", [5]);
  const reader = client.worker(id, "reader");
  const found = ["one-found idle", "two-found idle"];
  assert.deepEqual(await reader.invoke("find", ["-found"], "find"), found);
  assert.equal(await reader.invoke("metadata", ["other"]), "other idle 0 0");
  assert.equal(await reader.invoke("metadata", ["nobody"]), null);

  const form = new FormData();
  form.set("component", new Blob([Uint8Array.from(component)]), "component.wasm");
  const { status } = await client.request("POST", `/v1/components/${id}/updates`, { body: form });
  assert.equal(status, 200);
  await reader.invoke("update", ["other", 1], "update");
  const updated = async (): Promise<boolean> => (await client.worker(id, "other").metadata())["componentVersion"] === 1;
  await eventually(updated, "the other worker is updated");

  const seen = await reader.invoke("observe");
  await server.restart();
  assert.deepEqual(await reader.invoke("observe"), seen);
  assert.deepEqual(await reader.invoke("find", ["-found"], "find"), found);
  await reader.invoke("update", ["other", 1], "update");
  assert.equal(await client.worker(id, "other").invoke("add", [1]), 6);
});
