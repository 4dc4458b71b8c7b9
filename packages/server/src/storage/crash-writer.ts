/**
 * The process that the crash test kills: many writers that append, delete themselves and begin anew, and keep promises
 * and timers. What it tells on standard output was acknowledged before it was told; what it is about to destroy, it
 * tells before.
 */
import { writeSync } from "node:fs";
import { openStorage } from "./storage.ts";
import type { StorageClient } from "./storage-client.ts";
import { componentA, readAll, rowOf } from "./test-fixtures.ts";

/** `S`: stored up to index; `D`: about to be deleted; `P`: promise completed. */
export type Told = readonly [kind: "S" | "D" | "P", name: string, life: number, index: number];

const appendsPerLife = 60;

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Waits while the reader is behind: the pipe to it doesn't block. */
function tell(...told: Told): void {
  for (;;) {
    try {
      writeSync(1, `${told.join(" ")}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

function recordText(name: string, life: number, index: number): string {
  return `${name} ${life} ${index};`;
}

/** Life and last index of a worker, from its records. */
async function resume(client: StorageClient, name: string): Promise<{ life: number; index: number }> {
  const worker = { componentId: componentA, workerName: name };
  const index = await client.oplogs.lastIndex(worker);
  const [first] = await readAll(client, name, { bytesMax: 1 });
  if (first !== undefined) return { life: Number(Buffer.from(first.records).toString().split(" ")[1]), index };
  // The next life is noted as the time of a timer before the one before it ends.
  const timers = await client.timers.due(Number.MAX_SAFE_INTEGER, 1000);
  return { life: timers.find((timer) => timer.worker.workerName === name)?.dueMs ?? 1, index };
}

async function write(client: StorageClient, name: string, epoch: number): Promise<never> {
  const worker = { componentId: componentA, workerName: name };
  let { life, index } = await resume(client, name);
  for (;;) {
    const count = 1 + (index % 3);
    const firstIndex = index + 1;
    let text = "";
    for (let step = 0; step < count; step += 1) text += recordText(name, life, firstIndex + step);
    index += count;
    const row = rowOf({ status: "Running", env: [["LIFE", String(life)]], detail: Buffer.from(String(index)) });
    const chunk = { firstIndex, count, records: Buffer.from(text.padEnd((index % 7) * 900, " ")) };
    await client.oplogs.append({ worker, shard: 1, epoch, chunk, row });
    tell("S", name, life, index);
    if (index % 10 === 0) {
      const promise = { worker, oplogIndex: index };
      await client.promises.create(promise);
      await client.promises.complete(promise, Buffer.from(String(life)));
      tell("P", name, life, index);
    }
    if (index < appendsPerLife) continue;
    await client.timers.set({ worker, name: "life", dueMs: life + 1 });
    tell("D", name, life, index);
    await client.oplogs.delete(worker, 1, epoch);
    life += 1;
    index = 0;
  }
}

const [dataDirectory, writers, partitions] = process.argv.slice(2);
const storage = await openStorage({
  dataDirectory: dataDirectory ?? "",
  partitions: Number(partitions),
  // Small, so that every kind of background work is under way when the process is killed.
  limits: {
    logBytesMin: 300_000,
    journalMoveBytes: 20_000,
    moveStepBytes: 1000,
    checkpointBytes: 100_000,
    segmentBytes: 2000,
    archiveSegmentsMin: 3,
    archiveSegmentsKept: 1,
    archiveBytes: 3000,
  },
  onFatal: (error) => {
    throw error;
  },
});
const client = storage.client(storage.connect());
const epoch = await client.oplogs.acquireEpoch([1]);

async function archive(): Promise<never> {
  for (;;) await storage.archiver.run();
}

await Promise.all([
  archive(),
  ...Array.from({ length: Number(writers) }, (_, index) => write(client, `w${index}`, epoch)),
]);
