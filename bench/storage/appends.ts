/** Appends under load, alone, and read back. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { median, quantile } from "../harness/statistics.ts";
import type { ChunkShape, Opened } from "./measure.ts";
import { appendOf, componentId, openFresh, writtenBytes } from "./measure.ts";

export interface LoadResult {
  readonly entriesPerSecond: number;
  readonly writtenPerEntryByte: number | undefined;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** One writer: appends the next chunk when the one before is durable. */
async function write(opened: Opened, name: string, shape: ChunkShape, appends: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let index = 0; index < appends; index += 1) {
    const started = performance.now();
    await opened.client.oplogs.append(appendOf(name, 1 + index * shape.count, shape));
    latencies.push(performance.now() - started);
  }
  return latencies;
}

/** `writers` of them at once, until they have appended `entries` together. */
export async function load(
  opened: Opened,
  prefix: string,
  writers: number,
  options: ChunkShape & { entries: number },
): Promise<LoadResult> {
  const appends = Math.ceil(options.entries / writers / options.count);
  const writtenBefore = writtenBytes();
  const started = performance.now();
  const all = await Promise.all(
    Array.from({ length: writers }, (_, index) => write(opened, `${prefix}-${index}`, options, appends)),
  );
  const seconds = (performance.now() - started) / 1000;
  const writtenAfter = writtenBytes();
  const entries = appends * writers * options.count;
  const written =
    writtenBefore === undefined || writtenAfter === undefined
      ? undefined
      : (writtenAfter - writtenBefore) / (entries * options.recordBytes);
  const latencies = all.flat();
  return {
    entriesPerSecond: entries / seconds,
    writtenPerEntryByte: written,
    medianMs: median(latencies),
    p99Ms: quantile(latencies, 0.99),
  };
}

/** Reads whole oplogs back; entries per second. */
export async function readBack(opened: Opened, prefix: string, writers: number, pageBytes: number): Promise<number> {
  let entries = 0;
  const started = performance.now();
  for (let index = 0; index < writers; index += 1) {
    const worker = { componentId, workerName: `${prefix}-${index}` };
    let next: number | undefined = 1;
    while (next !== undefined) {
      const page = await opened.client.oplogs.read(worker, next, pageBytes);
      for (const chunk of page.chunks) entries += chunk.count;
      next = page.nextIndex;
    }
  }
  return entries / ((performance.now() - started) / 1000);
}

/** A lone writer and a bare write with fdatasync, alternating so that both see the same disk; milliseconds each. */
export async function alone(rounds: number): Promise<{ readonly append: number[]; readonly bare: number[] }> {
  await using opened = await openFresh();
  const shape = { count: 1, recordBytes: 150 };
  const file = openSync(join(opened.directory, "bare"), "w");
  const data = Buffer.alloc(200, 7);
  const append: number[] = [];
  const bare: number[] = [];
  let position = 0;
  let index = 1;
  const batch = 50;
  for (let round = 0; round < rounds / batch; round += 1) {
    for (let step = 0; step < batch; step += 1) {
      const started = performance.now();
      writeSync(file, data, 0, data.length, position);
      fdatasyncSync(file);
      bare.push(performance.now() - started);
      position += data.length;
    }
    for (let step = 0; step < batch; step += 1) {
      const started = performance.now();
      await opened.client.oplogs.append(appendOf("lone", index++, shape));
      append.push(performance.now() - started);
    }
  }
  closeSync(file);
  return { append, bare };
}
