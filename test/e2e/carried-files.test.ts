/** Snapshot-based updates with and without the worker's files, over kills and reverts. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { zipArchive } from "../../packages/server/src/component/zip-for-tests.ts";
import { endedUpdates } from "../support/account.ts";
import { Client } from "../support/client.ts";
import type { FormFields, WorkerClient } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { TestServer } from "../support/server.ts";

/** Files of a version: one that the guest can't write, and two that it can. */
function filesOf(version: string): FormFields {
  const entries = ["ro", "rw", "kept"].map((name) => ({ name, content: version }));
  const values = ["/rw", "/kept"].map((path) => ({ path, permissions: "read-write" }));
  return { files: zipArchive(entries), filesPermissions: JSON.stringify({ values }) };
}

describe("files over snapshot-based updates", () => {
  let server: TestServer;
  let client: Client;
  let id: string;

  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    const component = await jsGuest("initial-files");
    id = await client.upload("carried", component, filesOf("v0 "));
    for (const name of ["with", "without"]) await client.worker(id, name).invoke("append", ["/rw", "mine"]);
    for (const version of ["v1 ", "v2 "]) {
      const { status } = await client.post(`/v1/components/${id}/updates`, { component, ...filesOf(version) });
      assert.equal(status, 200);
    }
  });
  after(() => server[Symbol.asyncDispose]());

  const update = async (worker: WorkerClient, targetVersion: number, keepFiles?: boolean): Promise<void> => {
    const body = { mode: "Manual", targetVersion, ...(keepFiles === undefined ? {} : { keepFiles }) };
    assert.equal((await worker.send("POST", "/update", body)).status, 200);
    await endedUpdates(worker, 1);
  };
  const told = async (worker: WorkerClient): Promise<readonly unknown[]> => [
    (await worker.metadata())["componentVersion"],
    ...(await Promise.all(["ro", "rw", "kept", "own", "saved"].map((name) => worker.file(name)))),
    await worker.invoke("loaded"),
  ];

  test("they begin anew, as Golem's do", async () => {
    const worker = client.worker(id, "without");
    await worker.invoke("append", ["/own", "more"]);
    await update(worker, 1);
    assert.deepEqual(await told(worker), [1, "v1 ", "v1 ", "v1 ", 404, "", "1 "]);
  });

  test("asked for, they go with the snapshot", async () => {
    const worker = client.worker(id, "with");
    await worker.invoke("append", ["/own", "more"]);
    const { lastIndex } = (await worker.send("GET", "/oplog?count=1")).body as { readonly lastIndex: number };
    await update(worker, 1, true);
    const carried = [1, "v1 ", "v0 mine", "v1 ", "more", "by save", "1 by save"];
    assert.deepEqual(await told(worker), carried);
    assert.equal(await worker.invoke("append", ["/own", "!"]), "more!");
    await server.restart();
    assert.deepEqual(await told(worker), carried.with(4, "more!"));

    const target = { type: "revertToOplogIndex", lastOplogIndex: lastIndex };
    assert.equal((await worker.send("POST", "/revert", target)).status, 200);
    await server.restart();
    const old = [0, "v0 ", "v0 mine", "v0 ", "more", 404, "0 "];
    assert.deepEqual(await told(worker), old);
    await update(worker, 2, true);
    assert.deepEqual(await told(worker), [2, "v2 ", "v0 mine", "v2 ", "more", "by save", "1 by save"]);
  });
});
