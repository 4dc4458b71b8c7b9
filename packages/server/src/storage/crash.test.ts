import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import type { StorageClient } from "./storage-client.ts";
import { componentA, openForTest, readAll, temporaryDirectory } from "./test-fixtures.ts";

/** After how many lines told by the writers each process is killed; the times differ with every run all the same. */
const linesBeforeKill = [1, 40, 400, 90, 1300, 700, 2, 2500, 300, 1000, 150, 1800];
const writers = 24;

interface Acknowledged {
  life: number;
  index: number;
  /** The life may have ended. */
  deleting: boolean;
}

interface Knowledge {
  readonly workers: Map<string, Acknowledged>;
  /** By worker and index, the life. */
  readonly promises: Map<string, { name: string; life: number; index: number }>;
}

function learn(knowledge: Knowledge, output: string): void {
  const lines = output.split("\n");
  // The last one may be cut.
  lines.pop();
  for (const line of lines) {
    const [kind, name = "", lifeText, indexText] = line.split(" ");
    const life = Number(lifeText);
    const index = Number(indexText);
    if (kind === "P") knowledge.promises.set(`${name} ${index}`, { name, life, index });
    else knowledge.workers.set(name, { life, index, deleting: kind === "D" });
  }
}

async function checkWorker(client: StorageClient, name: string, known: Acknowledged): Promise<void> {
  const chunks = await readAll(client, name, { bytesMax: 20_000 });
  const records = chunks
    .map((chunk) => Buffer.from(chunk.records).toString().trimEnd())
    .join("")
    .split(";")
    .slice(0, -1);
  const life = Number(records[0]?.split(" ")[1] ?? known.life + 1);
  assert.ok(life === known.life || (known.deleting && life === known.life + 1), `${name}: life ${life}`);
  if (life === known.life) assert.ok(records.length >= known.index, `${name}: ${records.length} < ${known.index}`);
  assert.deepEqual(
    records,
    records.map((_, index) => `${name} ${life} ${index + 1}`),
  );
  const worker = { componentId: componentA, workerName: name };
  assert.equal(await client.oplogs.lastIndex(worker), records.length);
  const row = await client.workers.get(worker);
  assert.equal(row === undefined ? 0 : Number(Buffer.from(row.detail).toString()), records.length);
  if (row !== undefined) assert.deepEqual(row.env, [["LIFE", String(life)]]);
}

async function check(client: StorageClient, knowledge: Knowledge): Promise<void> {
  for (const [name, known] of knowledge.workers) await checkWorker(client, name, known);
  for (const { name, life, index } of knowledge.promises.values()) {
    const worker = { componentId: componentA, workerName: name };
    const state = await client.promises.get({ worker, oplogIndex: index });
    assert.ok(state?.kind === "completed");
    // The promise of an earlier life with the same index was completed first.
    assert.ok(Number(Buffer.from(state.data).toString()) <= life);
  }
  const { workers } = await client.workers.list({ componentId: componentA, count: 1000 });
  for (const { id, row } of workers) {
    assert.equal(Number(Buffer.from(row.detail).toString()), await client.oplogs.lastIndex(id));
  }
}

/** Runs the writers until they have told enough, kills them, and returns what they told. */
async function runAndKill(dataDirectory: string, partitions: number, lines: number): Promise<string> {
  const writer = new URL("./crash-writer.ts", import.meta.url).pathname;
  const parameters = [dataDirectory, String(writers), String(partitions)];
  const child = spawn(process.execPath, ["--conditions=source", writer, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { promise: closed, resolve } = Promise.withResolvers<NodeJS.Signals | null>();
  child.on("close", (_, signal) => resolve(signal));
  let told = "";
  let seen = 0;
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (data: string) => {
    told += data;
    seen += data.split("\n").length - 1;
    if (seen >= lines) child.kill("SIGKILL");
  });
  assert.equal(await closed, "SIGKILL");
  return told;
}

describe("a killed process", () => {
  for (const [partitions, kills] of [
    [1, linesBeforeKill],
    [3, linesBeforeKill.slice(0, 6)],
  ] as const) {
    const times = `${kills.length} times in a row`;
    it(`loses nothing that was acknowledged, ${times}, with partitions: ${partitions}`, async () => {
      await using directory = await temporaryDirectory();
      const knowledge: Knowledge = { workers: new Map(), promises: new Map() };
      for (const lines of kills) {
        const told = await runAndKill(directory.path, partitions, lines);
        assert.match(told, /^S /m);
        learn(knowledge, told);
        await using opened = await openForTest(directory.path, { partitions });
        await check(opened.client, knowledge);
      }
      assert.ok(knowledge.promises.size > 0);
    });
  }
});
