/** Load over one connection: a batch in which a number of invocations is under way at any time. */
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { LoadResult } from "./load.ts";

export interface BatchLoad {
  readonly url: string;
  /** Of the batch. */
  readonly path: string;
  /** Invocations under way, each of a worker of its own. */
  readonly window: number;
  readonly calls: number;
  /** The line of a call. */
  readonly line: (call: number) => string;
}

export async function batchLoad({ url, path, window, calls, line }: BatchLoad): Promise<LoadResult> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const head = `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/x-ndjson\r\n`;
  socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
  const sentAt: number[] = [];
  const latencies: number[] = [];
  let due = "";
  /** Lines that are due at the same time go as one chunk. */
  const flush = (): void => {
    socket.write(`${Buffer.byteLength(due).toString(16)}\r\n${due}\r\n`);
    due = "";
  };
  const send = (): void => {
    if (sentAt.length >= calls) return;
    if (due === "") setImmediate(flush);
    due += `${line(sentAt.length)}\n`;
    sentAt.push(performance.now());
  };
  const started = performance.now();
  for (let call = 0; call < window; call += 1) send();
  // Chunk sizes and heads stand on lines of their own.
  for await (const text of createInterface(socket)) {
    if (text.includes('"status":')) throw new Error(text);
    const id = /^\{"id":(\d+),"result"/u.exec(text)?.[1];
    if (id === undefined) continue;
    latencies.push(performance.now() - (sentAt[Number(id)] ?? 0));
    send();
    if (latencies.length === calls) break;
  }
  const elapsedMs = performance.now() - started;
  socket.destroy();
  latencies.sort((left, right) => left - right);
  const quantile = (part: number): number => latencies[Math.floor((latencies.length - 1) * part)] ?? Number.NaN;
  return { callsPerSecond: (calls / elapsedMs) * 1000, medianMs: quantile(0.5), p99Ms: quantile(0.99) };
}
