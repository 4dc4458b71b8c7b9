/** What a whole server does when what it stands on fails: the disk, a thread, its data directory. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFile, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client } from "../support/client.ts";
import type { Reply, WorkerClient } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

const timeout = 120_000;

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "emet-fault-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function uploadLedger(server: TestServer): Promise<(name: string) => WorkerClient> {
  const client = new Client(() => server.url);
  const componentId = await client.upload("ledger", await textGuest("ledger"));
  return (name) => client.worker(componentId, name);
}

/** Calls until the answer is 200. */
async function untilOk(call: () => Promise<Reply>): Promise<Reply> {
  return await eventually(async () => {
    const reply = await call();
    return reply.status === 200 ? reply : undefined;
  }, "a call is answered");
}

/** Writes until there is no room, and leaves the file. */
async function fill(path: string): Promise<void> {
  for (let bytes = 1024 * 1024; bytes > 0; bytes = Math.floor(bytes / 2)) {
    const block = new Uint8Array(bytes);
    for (;;) {
      try {
        await appendFile(path, block);
      } catch {
        break;
      }
    }
  }
}

describe("a full disk", { timeout }, () => {
  it("refuses calls and says why, loses nothing, and goes on when there is room", async (context) => {
    await using directory = await temporaryDirectory();
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=48m", "none", directory.path]);
    if (mounted.status !== 0) {
      context.skip("mounting a small file system is not allowed here");
      return;
    }
    try {
      await fillAndFree(directory.path);
    } finally {
      spawnSync("umount", ["-l", directory.path]);
    }
  });
});

async function fillAndFree(directory: string): Promise<void> {
  await using server = await TestServer.start({
    dataDirectory: join(directory, "data"),
    flags: ["--suspend-after-ms", "300"],
  });
  const worker = await uploadLedger(server);
  const [ledger, sleeper, bystander] = [worker("ledger"), worker("sleeper"), worker("bystander")];
  await bystander.invoke("add", [7]);
  await sleeper.enqueue("sleep", [1500]);
  const ballast = join(directory, "ballast");
  await fill(ballast);
  // What room there is in the files of the server is used up first.
  let sum = 0;
  let refused: Reply | undefined;
  for (let count = 0; refused === undefined; count += 1) {
    const reply = await ledger.invokeRaw("add", [1], `add-${count}`);
    if (reply.status === 200) sum += 1;
    else refused = reply;
    if (count % 100 === 0) await fill(ballast);
  }
  assert.equal(refused.status, 500);
  assert.match(JSON.stringify(refused.body), /full/u);
  assert.equal(server.running, true);
  const enqueued = await bystander.send("POST", "/invoke?function=add", { params: [1] });
  assert.match(`${enqueued.status} ${JSON.stringify(enqueued.body)}`, /^500 .*full/u);
  await rm(ballast);
  await untilOk(() => ledger.invokeRaw("add", [1], `add-${sum}`));
  sum += 1;
  assert.equal(await ledger.invoke("sum"), sum);
  // Nobody asks the sleeper for anything: it wakes by itself.
  await eventually(async () => (await sleeper.metadata())["status"] === "Idle", "the sleeper wakes");
  await server.restart();
  assert.equal(await ledger.invoke("sum"), sum);
  assert.equal(await bystander.invoke("sum"), 7);
  assert.equal(await sleeper.invoke("sum"), 1);
}

describe("an executor thread that hangs", { timeout }, () => {
  it("is replaced: its workers go on, and the call that hangs threads is given up", async () => {
    const flags = ["--executors", "1", "--executor-ping-ms", "50", "--executor-timeout-ms", "700"];
    await using server = await TestServer.start({ flags });
    const worker = await uploadLedger(server);
    const client = new Client(() => server.url);
    const endless = await client.upload("endless-start", await textGuest("endless-start"));
    const [sleeper, waiting] = [worker("sleeper"), worker("waiting")];
    assert.equal(await sleeper.invoke("add", [5]), 5);
    const oplogIdx = await waiting.invoke("ask");
    // Calls that were there each time when threads ended are given up as well; asked for again they go on.
    const slept = untilOk(() => sleeper.invokeRaw("sleep", [4000], "sleep"));
    const received = untilOk(() => waiting.invokeRaw("receive", [], "receive"));
    const hanging = await client.worker(endless, "w").invokeRaw("f");
    assert.equal(hanging.status, 500);
    assert.match(JSON.stringify(hanging.body), /the executor thread ended/u);
    assert.match(server.errors, /"executor":0,.*"message":"executor was replaced"/u);
    await untilOk(() => waiting.send("POST", "/complete", { oplogIdx, data: [9] }));
    await Promise.all([received, slept]);
    assert.equal(await waiting.invoke("sum"), 9);
    assert.equal(await sleeper.invoke("sum"), 6);
    assert.equal(await worker("other").invoke("add", [1]), 1);
  });
});

describe("a data directory", { timeout }, () => {
  it("that another server uses is refused, and the other one goes on", async () => {
    await using server = await TestServer.start();
    const worker = await uploadLedger(server);
    assert.equal(await worker("w").invoke("add", [1]), 1);
    await refusesToStart(server.dataDirectory, /cannot start: .*another process uses this data directory/u);
    assert.equal(await worker("w").invoke("add", [1]), 2);
  });

  it("with a damaged database is refused, naming what is wrong", async () => {
    await using directory = await temporaryDirectory();
    {
      await using server = await TestServer.start({ dataDirectory: directory.path });
      const worker = await uploadLedger(server);
      await worker("w").invoke("add", [1]);
      assert.equal(await server.stop(), 0);
    }
    const files = await readdir(directory.path, { recursive: true });
    const database = files.find((name) => /\.(db|sqlite)$/u.test(name));
    assert.ok(database !== undefined, files.join());
    const file = await open(join(directory.path, database), "r+");
    await file.write(new Uint8Array(4096).fill(0x58), 0, 4096, 0);
    await file.close();
    await refusesToStart(directory.path, /cannot start: .*not a database/u);
  });

  it("that can't be written is refused", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "file");
    await writeFile(path, "a file where a directory should be");
    await refusesToStart(join(path, "data"), /cannot start: .*(ENOTDIR|EEXIST)/u);
  });

  it("keeps its storage partitions, and is refused with another number of them or without one of them", async () => {
    await using directory = await temporaryDirectory();
    const dataDirectory = directory.path;
    const flags = ["--storage-partitions", "3"];
    await using server = await TestServer.start({ dataDirectory, flags });
    const worker = await uploadLedger(server);
    const names = Array.from({ length: 9 }, (_, index) => `w${index}`);
    for (const name of names) assert.equal(await worker(name).invoke("add", [1]), 1);
    await server.kill();
    await refusesToStart(dataDirectory, /it was made with 3, which can't be changed/u, ["--storage-partitions", "2"]);
    await server.restart([]);
    for (const name of names) assert.equal(await worker(name).invoke("add", [1]), 2);
    await server.kill();
    await rm(join(dataDirectory, "storage-2.db"));
    await refusesToStart(dataDirectory, /storage-2\.db": it is missing/u);
  });
});

async function refusesToStart(dataDirectory: string, message: RegExp, flags: readonly string[] = []): Promise<void> {
  const { exitCode, errors } = await TestServer.startRefused({ dataDirectory, flags });
  assert.match(errors, message);
  assert.equal(exitCode, 1);
}
