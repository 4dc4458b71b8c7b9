import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { isStoreError } from "../platform/store-error.ts";
import { StorageEngine } from "./engine.ts";
import { appendTo, moveAll } from "./engine-fixtures.ts";
import type { StorageLimits } from "./limits.ts";
import { defaultStorageLimits } from "./limits.ts";
import { databaseFileOf } from "./partition-identity.ts";
import { StorageService } from "./service.ts";
import type { StorageClient } from "./storage-client.ts";
import { openStorageClient } from "./storage-client.ts";
import type { TemporaryDirectory } from "./test-fixtures.ts";
import { appendOf, componentA, openForTest, readAll, temporaryDirectory, testLimits } from "./test-fixtures.ts";

const limits: StorageLimits = { ...defaultStorageLimits, ...testLimits };
const ioErrorWrite = 10 | (3 << 8);
const ioErrorSync = 10 | (4 << 8);
const full = 13;

function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`simulated SQLite error ${errcode}`), { code: "ERR_SQLITE_ERROR", errcode });
}

function codeOf(result: PromiseSettledResult<unknown>): string {
  if (result.status === "fulfilled") return "stored";
  return isStoreError(result.reason) ? result.reason.code : String(result.reason);
}

interface Served extends Disposable {
  readonly engine: StorageEngine;
  readonly client: StorageClient;
  readonly fatal: readonly unknown[];
}

/** An engine served in this thread, so that a test can make its transactions fail. */
function serve(change: Partial<StorageLimits> = {}): Served {
  const engine = StorageEngine.openInMemory({ ...limits, ...change });
  const fatal: unknown[] = [];
  const onFatal = (error: unknown): void => {
    fatal.push(error);
  };
  const service = new StorageService({ engine, limits: { ...limits, ...change }, onFatal });
  const { port1, port2 } = new MessageChannel();
  service.connect(port2);
  const client = openStorageClient({ ports: [port1], dataDirectory: "/nowhere" });
  return {
    engine,
    client,
    fatal,
    [Symbol.dispose]: () => {
      client.close();
      service.close();
    },
  };
}

describe("a full disk", () => {
  it("refuses appends with `full`, keeps what is stored, and goes on when there is room", () => {
    using engine = StorageEngine.openInMemory(limits);
    const big = (index: number): ReturnType<typeof appendOf> =>
      appendOf("w", index, { chunk: { firstIndex: index, count: 1, records: new Uint8Array(50_000) } });
    engine.limitPages(200);
    let stored = 0;
    let failures = appendTo(engine, big(1));
    while (failures.length === 0) {
      stored += 1;
      failures = appendTo(engine, big(stored + 1));
    }
    assert.ok(stored > 2);
    assert.equal(failures[0]?.code, "full");
    assert.equal(engine.reads["oplog.lastIndex"](`${componentA}/w`), stored);
    engine.limitPages(100_000);
    assert.deepEqual(appendTo(engine, big(stored + 1)), []);
    moveAll(engine);
    assert.equal(engine.reads["oplog.lastIndex"](`${componentA}/w`), stored + 1);
  });

  it("fails every write of the group, and undoes what memory knew of them", () => {
    using engine = StorageEngine.openInMemory(limits);
    assert.deepEqual(appendTo(engine, appendOf("old", 1)), []);
    const { commit } = engine.transactions;
    engine.transactions.commit = () => {
      throw sqliteError(full);
    };
    assert.equal(appendTo(engine, appendOf("old", 2))[0]?.code, "full");
    assert.equal(appendTo(engine, appendOf("new", 1))[0]?.code, "full");
    engine.transactions.commit = commit;
    assert.equal(engine.reads["oplog.lastIndex"](`${componentA}/new`), 0);
    assert.equal(engine.reads["worker.get"](`${componentA}/new`), undefined);
    assert.deepEqual(appendTo(engine, appendOf("old", 2)), []);
    assert.deepEqual(appendTo(engine, appendOf("new", 1)), []);
    moveAll(engine);
    assert.equal(engine.reads["oplog.lastIndex"](`${componentA}/old`), 2);
  });

  it("undoes deletions and epochs of a failed group", async () => {
    using served = serve();
    const { engine, client } = served;
    await client.oplogs.append(appendOf("w", 1));
    const { commit } = engine.transactions;
    engine.transactions.commit = () => {
      throw sqliteError(full);
    };
    const results = await Promise.allSettled([
      client.oplogs.delete({ componentId: componentA, workerName: "w" }, 7, 1),
      client.oplogs.append(appendOf("w", 1)),
      client.oplogs.acquireEpoch([7]),
    ]);
    assert.deepEqual(results.map(codeOf), ["full", "full", "full"]);
    engine.transactions.commit = commit;
    await client.oplogs.append(appendOf("w", 2, { epoch: 0 }));
    assert.equal((await readAll(client, "w")).length, 2);
    moveAll(engine);
    assert.equal((await readAll(client, "w")).length, 2);
  });

  it("holds new appends back when the journal can't be moved, and lets them in when it can", async () => {
    using served = serve({ journalMoveBytes: 1, journalBytesMax: 2000 });
    const { engine, client } = served;
    const { rearrange } = engine.transactions;
    engine.transactions.rearrange = () => {
      throw sqliteError(full);
    };
    let stored = 0;
    let code = "stored";
    while (code === "stored") {
      const [result] = await Promise.allSettled([client.oplogs.append(appendOf("w", stored + 1))]);
      code = codeOf(result);
      if (code === "stored") stored += 1;
    }
    assert.equal(code, "full");
    assert.ok(stored > 3);
    engine.transactions.rearrange = rearrange;
    await client.oplogs.append(appendOf("w", stored + 1));
    assert.equal((await readAll(client, "w")).length, stored + 1);
    assert.deepEqual(served.fatal, []);
  });

  it("on a real file system loses nothing that was acknowledged", async (context) => {
    await using directory = await temporaryDirectory();
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "none", directory.path]);
    if (mounted.status !== 0) {
      context.skip("mounting a small file system is not allowed here");
      return;
    }
    try {
      await fillAndFree(directory);
    } finally {
      spawnSync("umount", [directory.path]);
    }
  });
});

async function fillAndFree(directory: TemporaryDirectory): Promise<void> {
  const ballast = join(directory.path, "ballast");
  await writeFile(ballast, new Uint8Array(1024 * 1024));
  const change = { journalMoveBytes: 64 * 1024, checkpointBytes: 256 * 1024 };
  const acknowledged = new Map<string, number>();
  const fill = async (client: StorageClient, name: string, appendsMax: number): Promise<string> => {
    const last = acknowledged.get(name) ?? 0;
    for (let index = last + 1; index <= last + appendsMax; index += 1) {
      const chunk = { firstIndex: index, count: 1, records: new Uint8Array(3000).fill(index) };
      const [result] = await Promise.allSettled([client.oplogs.append(appendOf(name, index, { chunk }))]);
      if (codeOf(result) !== "stored") return codeOf(result);
      acknowledged.set(name, index);
    }
    return "stored";
  };
  const check = async (client: StorageClient): Promise<void> => {
    for (const [workerName, last] of acknowledged) {
      const chunks = await readAll(client, workerName, { bytesMax: 100_000 });
      assert.equal(chunks.length, last);
      for (const { firstIndex, records } of chunks) assert.ok(records.every((byte) => byte === (firstIndex & 0xff)));
    }
  };
  {
    await using opened = await openForTest(directory.path, { limits: change });
    const names = ["a", "b", "c"];
    const codes = await Promise.all(names.map((name) => fill(opened.client, name, 10_000)));
    assert.deepEqual(codes, ["full", "full", "full"]);
    await check(opened.client);
    const blob = await Promise.allSettled([opened.client.blobs.put("big", new Uint8Array(4 * 1024 * 1024))]);
    assert.deepEqual(blob.map(codeOf), ["full"]);
    await rm(ballast);
    assert.deepEqual(
      await Promise.all(names.map((name) => fill(opened.client, name, 5))),
      names.map(() => "stored"),
    );
    await check(opened.client);
    assert.deepEqual(opened.fatal, []);
  }
  await using reopened = await openForTest(directory.path, { limits: change });
  await check(reopened.client);
}

describe("an input or output error", () => {
  it("of a write fails the group, and the storage goes on", async () => {
    using served = serve();
    const { engine, client } = served;
    const { commit } = engine.transactions;
    engine.transactions.commit = () => {
      throw sqliteError(ioErrorWrite);
    };
    const results = await Promise.allSettled([client.oplogs.append(appendOf("w", 1)), client.timers.next(0)]);
    assert.deepEqual(results.map(codeOf), ["failed", "stored"]);
    engine.transactions.commit = commit;
    await client.oplogs.append(appendOf("w", 1));
    assert.deepEqual(served.fatal, []);
  });

  it("of a sync is fatal: everything fails from then on, and it is told once", async () => {
    using served = serve();
    const { engine, client } = served;
    await client.oplogs.append(appendOf("w", 1));
    const { commit } = engine.transactions;
    engine.transactions.commit = () => {
      throw sqliteError(ioErrorSync);
    };
    const results = await Promise.allSettled([client.oplogs.append(appendOf("w", 2))]);
    assert.deepEqual(results.map(codeOf), ["failed"]);
    engine.transactions.commit = commit;
    const later = await Promise.allSettled([
      client.oplogs.append(appendOf("w", 2)),
      client.oplogs.lastIndex({ componentId: componentA, workerName: "w" }),
      client.workers.list({ componentId: componentA, count: 1 }),
      client.promises.deleteOf({ componentId: componentA, workerName: "w" }),
    ]);
    assert.deepEqual(later.map(codeOf), ["failed", "failed", "failed", "failed"]);
    assert.equal(served.fatal.length, 1);
  });

  it("of a sync in the background is fatal as well", async () => {
    using served = serve({ journalMoveBytes: 1 });
    const { engine, client } = served;
    engine.transactions.rearrange = () => {
      throw sqliteError(ioErrorSync);
    };
    await client.oplogs.append(appendOf("w", 1));
    await assert.rejects(client.oplogs.append(appendOf("w", 2)), isStoreError);
    assert.equal(served.fatal.length, 1);
  });

  it("fails only the call whose values the database refuses", async () => {
    using served = serve();
    const { client } = served;
    const worker = { componentId: componentA, workerName: "w" };
    const results = await Promise.allSettled([
      client.promises.create({ worker, oplogIndex: 1.5 }),
      client.promises.create({ worker, oplogIndex: 2 }),
      client.oplogs.append(appendOf("w", 1)),
    ]);
    assert.deepEqual(results.map(codeOf), ["failed", "stored", "stored"]);
  });
});

/** Changes the database of a storage that is closed. */
function tamper(directory: string, sql: string): void {
  const database = new DatabaseSync(join(directory, databaseFileOf(0)));
  database.exec(sql);
  database.close();
}

describe("openStorage()", () => {
  it("refuses a directory that this process has open", async () => {
    await using directory = await temporaryDirectory();
    await using first = await openForTest(directory.path);
    await assert.rejects(openForTest(directory.path), /another process uses this data directory/);
    await first.client.oplogs.append(appendOf("w", 1));
  });

  it("refuses a directory that another process has open", async () => {
    await using directory = await temporaryDirectory();
    await using first = await openForTest(directory.path);
    const script = `
      import { openStorage } from ${JSON.stringify(new URL("./storage.ts", import.meta.url).href)};
      openStorage({ dataDirectory: ${JSON.stringify(directory.path)}, onFatal: () => {} }).then(
        () => process.exit(1),
        (error) => { console.log(error.message); process.exit(0); },
      );`;
    const file = join(directory.path, "other-process.mjs");
    await writeFile(file, script);
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile(process.execPath, ["--conditions=source", file], (error, output) => {
      resolve(error === null ? output : `opened: ${error.message}`);
    });
    assert.match(await promise, /another process uses this data directory/);
    await first.client.oplogs.append(appendOf("w", 1));
  });

  it("refuses a database of a newer server", async () => {
    await using directory = await temporaryDirectory();
    await (await openForTest(directory.path))[Symbol.asyncDispose]();
    tamper(directory.path, "PRAGMA user_version = 1000");
    await assert.rejects(openForTest(directory.path), /its version is 1000, this server knows versions up to/);
  });

  it("refuses a damaged journal, naming the row", async () => {
    await using directory = await temporaryDirectory();
    {
      await using opened = await openForTest(directory.path);
      await opened.client.oplogs.append(appendOf("w", 1));
    }
    tamper(directory.path, "UPDATE journal SET data = CAST(substr(data, 1, 40) || X'FF' || substr(data, 42) AS BLOB)");
    await assert.rejects(openForTest(directory.path), /journal, row 1: .*checksum does not match/);
  });

  it("refuses a journal with a missing row", async () => {
    await using directory = await temporaryDirectory();
    {
      await using opened = await openForTest(directory.path);
      for (const index of [1, 2, 3]) await opened.client.oplogs.append(appendOf("w", index));
    }
    tamper(directory.path, "DELETE FROM journal WHERE sequence = 2");
    await assert.rejects(openForTest(directory.path), /index 2 is missing in the journal/);
  });

  it("refuses a file that isn't a database", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, databaseFileOf(0)), "x".repeat(10_000));
    await assert.rejects(openForTest(directory.path), /file is not a database/);
  });

  it("reads around a damaged segment", async () => {
    await using directory = await temporaryDirectory();
    const change = { journalMoveBytes: 1 };
    {
      await using opened = await openForTest(directory.path, { limits: change });
      for (const name of ["bad", "good"]) await opened.client.oplogs.append(appendOf(name, 1));
      // Answered in a round after the one that moved them.
      await opened.client.timers.next(0);
    }
    tamper(
      directory.path,
      `UPDATE segments SET data = CAST(substr(data, 1, 20) || X'00' || substr(data, 22) AS BLOB)
       WHERE worker = (SELECT key FROM workers WHERE name = 'bad')`,
    );
    await using opened = await openForTest(directory.path, { limits: change });
    await assert.rejects(
      readAll(opened.client, "bad"),
      /segment of worker key 1 at index 1: its checksum does not match/,
    );
    assert.equal((await readAll(opened.client, "good")).length, 1);
  });
});

describe("StorageClient", () => {
  it("rejects calls when the storage is closed", async () => {
    await using directory = await temporaryDirectory();
    const opened = await openForTest(directory.path);
    await opened.client.oplogs.append(appendOf("w", 1));
    await opened.storage.close();
    await assert.rejects(opened.client.oplogs.append(appendOf("w", 2)), /the connection has ended/);
    assert.deepEqual(opened.fatal, []);
  });

  it("rejects ids that can't be stored, and appends that are too large", async () => {
    using served = serve();
    const { oplogs } = served.client;
    const append = (workerName: string): Promise<void> =>
      oplogs.append(appendOf("w", 1, { worker: { componentId: componentA, workerName } }));
    await assert.rejects(append("\ud800"), /malformed/);
    await assert.rejects(append("x".repeat(70_000)), /too long/);
    const client = openStorageClient({
      ports: [new MessageChannel().port1],
      dataDirectory: "/nowhere",
      limits: { ...limits, appendBytesMax: 1000, clientQueueBytesMax: 1000 },
    });
    const large = { firstIndex: 1, count: 1, records: new Uint8Array(1000) };
    await assert.rejects(client.oplogs.append(appendOf("w", 1, { chunk: large })), /at most 1000/);
    const small = { firstIndex: 1, count: 1, records: new Uint8Array(500) };
    const waiting = [client.oplogs.append(appendOf("w", 1, { chunk: small }))];
    waiting.push(client.oplogs.append(appendOf("w", 1, { chunk: small })));
    await assert.rejects(client.oplogs.append(appendOf("w", 1)), /bytes are waiting to be stored/);
    client.close();
    assert.deepEqual((await Promise.allSettled(waiting)).map(codeOf), ["failed", "failed"]);
  });
});
