import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { appendOf, componentA, openForTest, readAll, temporaryDirectory } from "./test-fixtures.ts";

/** Appends to a worker of its own, in a thread of its own, and says when it is done. */
const writerThread = `
  const { parentPort, workerData } = require("node:worker_threads");
  Promise.all(workerData.modules.map((module) => import(module))).then(async ([clients, fixtures]) => {
    const { ports, dataDirectory, name, appends } = workerData;
    const client = clients.openStorageClient({ ports, dataDirectory });
    const all = Array.from({ length: appends }, (_, index) => client.oplogs.append(fixtures.appendOf(name, index + 1)));
    await Promise.all(all);
    await client.blobs.put(name, Buffer.from(name));
    client.close();
    parentPort.postMessage("done");
  });`;

describe("Storage.connect()", () => {
  it("connects other threads", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path);
    const modules = ["./storage-client.ts", "./test-fixtures.ts"].map((file) => new URL(file, import.meta.url).href);
    const names = ["a", "b", "c"];
    const threads = names.map((name) => {
      const ports = opened.storage.connect();
      const workerData = { modules, ports, dataDirectory: directory.path, name, appends: 500 };
      return new Worker(writerThread, { eval: true, workerData, transferList: [...ports] });
    });
    await Promise.all(threads.map((thread) => once(thread, "exit")));
    for (const name of names) {
      assert.equal((await readAll(opened.client, name)).length, 500);
      assert.equal(Buffer.from(opened.client.blobs.getSync(name) ?? []).toString(), name);
    }
  });

  it("lets the others go on when one client ends", async () => {
    await using directory = await temporaryDirectory();
    await using opened = await openForTest(directory.path);
    const leaving = opened.storage.client(opened.storage.connect());
    const pending = leaving.oplogs.append(appendOf("leaving", 1));
    leaving.close();
    await assert.rejects(pending, /the connection has ended/);
    await opened.client.oplogs.append(appendOf("staying", 1));
    const worker = { componentId: componentA, workerName: "staying" };
    assert.equal(await opened.client.oplogs.lastIndex(worker), 1);
  });
});
