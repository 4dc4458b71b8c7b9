/** wasi:blobstore, as a guest uses it (spec/host-interfaces.md §21; §26 rows 5 to 8). */
import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { Client } from "../support/client.ts";
import { jsGuest } from "../support/js-guest.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";
import { threeWays } from "../support/three-ways.ts";

const mib = 1024 * 1024;

threeWays("blobstore", {
  "makes containers, under any name": {
    call: "containers",
    parameters: (worker) => [worker],
    expected: (value: unknown) => {
      const [absent, present, name, ...others] = value as readonly string[];
      assert.deepEqual([absent, present], ["false", "true"]);
      assert.match(name ?? "", /\/\.\.\/one$/u);
      assert.deepEqual(others, ["true", "true", "false", "Container not found", "Container not found"]);
    },
  },
  "writes, replaces, copies, moves, lists, deletes and clears": {
    call: "objects",
    parameters: (worker) => [worker],
    expected: [
      "../b,a,c true",
      "another text",
      "text of ../b",
      "12 true a",
      "../b,a true",
      "copied,moved true",
      "another text",
      "text of c",
      "false",
      "true",
      "another text",
      "moved true",
      " true",
      "true",
    ],
  },
  "gives ranges with both ends": {
    call: "ranges",
    parameters: (worker) => [worker],
    expected: ["0", "234", "89", "", "", "0123456789", "5 345 67", "closed"],
  },
  "streams large objects": {
    call: "large",
    parameters: (worker) => [worker, 12, 3 * mib + 77],
    expected: [12 * mib, 12 * mib, 0],
  },
  "lists many objects page by page": {
    call: "many",
    parameters: (worker) => [worker, 120],
    expected: [3, 0, 4, 115],
  },
  "tells what goes wrong": {
    call: "wrong",
    parameters: (worker) => [worker],
    expected: [
      "the container's name is longer than 4096 bytes",
      "Object not found",
      "Object not found",
      "the object's name is longer than 4096 bytes",
      "there are 20000 names: at most 10000 are taken at a time",
      "Container not found",
      "Object not found",
    ],
  },
  "opens thousands of resources": { call: "held", parameters: (worker) => [worker, 1000], expected: 2000 },
});

describe("large objects", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  before(async () => {
    server = await TestServer.start();
    client = new Client(() => server.url);
    componentId = await client.upload("blobstore", await jsGuest("blobstore"));
  });
  after(() => server[Symbol.asyncDispose]());

  test("take no memory of the server, and leave no files behind", async () => {
    const worker = client.worker(componentId, "large");
    const size = 600 * mib;
    await worker.invoke("observe");
    const idle = await serverBytes(server);
    assert.deepEqual(await worker.invoke("large", ["c", 600, size - 1]), [size, size, 0]);
    assert.ok((await serverBytes(server)) - idle < 200 * mib);
    await worker.invoke("large", ["c", 1, 0]);
    await eventually(async () => (await storedBytes(server)) <= 2 * mib, "the replaced object's file is gone");
    await server.restart();
    assert.ok((await storedBytes(server)) <= 2 * mib);
  });
});

/** What the server takes apart from the guests' own memories. */
async function serverBytes({ processId, url }: TestServer): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, "utf8");
  const metrics = await (await fetch(`${url}/metrics`)).text();
  let guests = 0;
  for (const [, bytes] of metrics.matchAll(/^emet_linear_memory_bytes\S* (\d+)$/gmu)) guests += Number(bytes);
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1]) * 1024 - guests;
}

async function storedBytes({ dataDirectory }: TestServer): Promise<number> {
  let bytes = 0;
  for (const folder of ["objects", "objects-unfinished"]) {
    for (const name of await readdir(`${dataDirectory}/${folder}`)) {
      bytes += (await stat(`${dataDirectory}/${folder}/${name}`)).size;
    }
  }
  return bytes;
}
