/** Memory snapshots on a real server: they are used when they fit, and passed over when they don't. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { account, endedUpdates, update, uploadAccounts, uploadVersion } from "../support/account.ts";
import type { WorkerClient } from "../support/client.ts";
import { Client } from "../support/client.ts";
import { textGuest } from "../support/guests.ts";
import { eventually } from "../support/poll.ts";
import { TestServer } from "../support/server.ts";

/** A snapshot is due after every call. */
const eager = ["--memory-snapshot-entries", "1"];

const otherVersion = (source: string): string => source.replace("(i32.const 4096)", "(i32.const 8192)");

describe("memory snapshots", () => {
  let server: TestServer;
  let client: Client;
  let componentId: string;
  let worker: WorkerClient;
  let workers = 0;

  before(async () => {
    server = await TestServer.start({ flags: eager });
    client = new Client(() => server.url);
    componentId = await client.upload("ledger", await textGuest("ledger"));
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    workers += 1;
    worker = client.worker(componentId, `worker-${workers}`);
  });

  /** How often workers came into memory in this process, in all and from snapshots. */
  async function loads(): Promise<{ readonly all: number; readonly restored: number }> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const sum = (name: string): number =>
      [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, "gmu"))].reduce((total, [, n]) => total + Number(n), 0);
    return { all: sum("emet_load_duration_seconds_count"), restored: sum("emet_restored_workers_total") };
  }

  /** The files of all workers' snapshots, with when they were written. */
  async function files(): Promise<ReadonlyMap<string, number>> {
    const directory = join(server.dataDirectory, "memory-snapshots");
    const names = await readdir(directory, { recursive: true }).catch(() => []);
    const found = new Map<string, number>();
    for (const name of names.filter((each) => /\.(latest|previous)$/u.test(each))) {
      const path = join(directory, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
      found.set(path, mtimeMs);
    }
    return found;
  }

  /** Adds to the worker, and calls it until it is saved; returns the files of its snapshots and the number of calls. */
  async function saved(amount: number): Promise<readonly string[] & { readonly calls: number }> {
    const earlier = await files();
    let calls = 1;
    const written = async (): Promise<(readonly string[] & { readonly calls: number }) | undefined> => {
      // One that was saved just now isn't saved again at once, and only ever after a call.
      await worker.invoke("sum");
      calls += 1;
      const found = [...(await files())].filter(([path, at]) => earlier.get(path) !== at).map(([path]) => path);
      return found.some((path) => path.endsWith(".latest")) ? Object.assign(found, { calls }) : undefined;
    };
    await worker.invoke("add", [amount]);
    return await eventually(written, "the worker is saved");
  }

  it("stand for the history after a kill: memory, files, results by key", async () => {
    await worker.invoke("write", [7]);
    assert.equal(await worker.invoke("add", [5], "five"), 5);
    await saved(1);
    await server.restart();
    assert.equal(await worker.invoke("sum"), 6);
    assert.deepEqual(await worker.invoke("read"), [7]);
    assert.equal(await worker.invoke("add", [5], "five"), 5);
    assert.equal(await worker.invoke("sum"), 6);
    assert.deepEqual(await loads(), { all: 1, restored: 1 });
    await server.restart(["--no-memory-snapshots"]);
    assert.equal(await worker.invoke("sum"), 6);
    assert.deepEqual(await loads(), { all: 1, restored: 0 });
    await server.restart(eager);
  });

  it("go on with what came after them", async () => {
    await saved(1);
    await server.restart(["--memory-snapshot-entries", "1000"]);
    for (let call = 0; call < 3; call += 1) await worker.invoke("add", [10]);
    await worker.invoke("write", [9]);
    await server.restart(eager);
    assert.equal(await worker.invoke("sum"), 31);
    assert.deepEqual(await worker.invoke("read"), [9]);
    assert.deepEqual(await loads(), { all: 1, restored: 1 });
  });

  it("that are damaged give way to the one before, and to the history", async () => {
    await saved(1);
    const paths = await saved(2);
    const damage = async (ending: string): Promise<void> => {
      for (const path of paths.filter((each) => each.endsWith(ending))) {
        const content = await readFile(path);
        const middle = content.length >> 1;
        content[middle] = (content[middle] ?? 0) ^ 0xff;
        await writeFile(path, content);
      }
    };
    await server.kill();
    await damage(".latest");
    await server.start();
    assert.equal(await worker.invoke("sum"), 3);
    assert.deepEqual(await loads(), { all: 1, restored: 1 });
    await server.kill();
    await damage(".latest");
    await damage(".previous");
    await server.start();
    assert.equal(await worker.invoke("sum"), 3);
  });

  it("that can't be read give way to the history, and don't keep the worker from being deleted", async () => {
    await saved(1);
    const paths = await saved(2);
    await server.kill();
    for (const path of paths) {
      await rm(path);
      await mkdir(path);
      await writeFile(join(path, "file"), "");
    }
    await server.start();
    assert.equal(await worker.invoke("sum"), 3);
    assert.equal((await worker.send("DELETE", "")).status, 200);
    assert.equal(await worker.invoke("add", [1]), 1);
  });

  it("of another worker are not taken", async () => {
    const mine = await saved(1);
    const [path] = mine.filter((each) => each.endsWith(".latest"));
    const other = client.worker(componentId, "other");
    worker = other;
    const theirs = await saved(100);
    const [otherPath] = theirs.filter((each) => each.endsWith(".latest"));
    await server.kill();
    assert.ok(path !== undefined && otherPath !== undefined);
    await rename(path, otherPath);
    await server.start();
    assert.equal(await other.invoke("sum"), 100);
  });

  it("are void when the worker is reverted behind them", async () => {
    await worker.invoke("add", [1]);
    const { calls } = await saved(2);
    const behind = { type: "revertLastInvocations", numberOfInvocations: calls };
    const reverted = await worker.send("POST", "/revert", behind);
    assert.equal(reverted.status, 200);
    assert.equal(await worker.invoke("sum"), 1);
    await server.restart();
    assert.equal(await worker.invoke("sum"), 1);
  });

  it("are of one version: another lives through the history", async () => {
    await saved(4);
    await uploadVersion(client, componentId, await textGuest("ledger", otherVersion));
    assert.equal((await update(worker, 1, "Automatic")).status, 200);
    await endedUpdates(worker, 1);
    assert.equal(await worker.invoke("add", [1]), 5);
    await server.restart();
    assert.equal(await worker.invoke("sum"), 5);
  });

  it("are of no use once another version has run, though the same one came back", async () => {
    const accounts = await uploadAccounts(client, [{ version: 1 }]);
    worker = client.worker(accounts, "back-and-forth");
    await saved(1);
    await uploadVersion(client, accounts, await account({ version: 2 }));
    await server.restart(["--memory-snapshot-entries", "100000", "--memory-snapshot-replay-ms", "100000"]);
    for (const [count, version] of [1, 0].entries()) {
      assert.equal((await update(worker, version, "Manual")).status, 200);
      await endedUpdates(worker, count + 1);
      await worker.invoke("add", [10]);
    }
    const sum = await worker.invoke("sum");
    await server.restart(eager);
    assert.equal(await worker.invoke("sum"), sum);
    assert.deepEqual(await loads(), { all: 1, restored: 0 });
  });

  it("are of no use to an older store, of which a backup was made", async () => {
    const all = Array.from({ length: 8 }, (_, index) => client.worker(componentId, `older-${index}`));
    for (const each of all) await each.invoke("add", [1]);
    await server.stop();
    const database = join(server.dataDirectory, "storage.db");
    const backup = await readFile(database);
    await server.start();
    for (const each of all) {
      worker = each;
      await saved(1000);
    }
    await server.stop();
    await writeFile(database, backup);
    await server.restart(["--no-memory-snapshots"]);
    // Other entries now have the indices that the snapshots end with, host calls among them.
    for (const [index, each] of all.entries()) {
      for (let call = 0; call < index; call += 1) await each.invoke("add", [1]);
      for (let call = 0; call < 5; call += 1) await each.invoke("sleep", [1]);
    }
    await server.restart(eager);
    for (const [index, each] of all.entries()) assert.equal(await each.invoke("sum"), 6 + index);
    assert.deepEqual(await loads(), { all: 8, restored: 0 });
  });

  it("go with a worker that is deleted", async () => {
    await saved(8);
    const present = await files();
    assert.equal((await worker.send("DELETE", "")).status, 200);
    const left = await files();
    const gone = [...present.keys()].filter((path) => !left.has(path));
    assert.equal(gone.filter((path) => path.endsWith(".latest")).length, 1);
    assert.equal(await worker.invoke("add", [1]), 1);
  });
});
